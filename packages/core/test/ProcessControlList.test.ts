import { assert, describe, it } from "@effect/vitest"
import { OsProcess } from "@zag/core/OsProcess"
import { ProcessControl } from "@zag/core/ProcessControl"
import type { ListFilter } from "@zag/core/ProcessList"
import { Effect, Layer, Schema } from "effect"
import { at, given } from "./givenProcesses.ts"

const list = (filter?: ListFilter) =>
  Effect.gen(function*() {
    const { processes } = yield* (yield* ProcessControl).list(filter)
    return processes.map(({ id }) => id)
  })

describe("ProcessControl.list", () => {
  it.effect("answers nothing for an empty registry", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* (yield* ProcessControl).list(), { processes: [], unreadable: [] })
    }).pipe(given([])))

  it.effect("shows the newest first, each with its live status", () =>
    Effect.gen(function*() {
      const { processes } = yield* (yield* ProcessControl).list()
      assert.deepStrictEqual(processes.map(({ id, liveStatus }) => [id, liveStatus]), [
        ["weird", "unknown"],
        ["killed", "killed"],
        ["exited", "exited"],
        ["thread", "dead"],
        ["zombie", "dead"],
        ["gone", "dead"],
        ["runs", "running"]
      ])
    }).pipe(
      given([
        at("runs", 1),
        at("gone", 2),
        at("zombie", 3),
        at("thread", 4),
        at("exited", 5, { status: "exited" }),
        at("killed", 6, { status: "killed" }),
        at("weird", 7, { status: "weird" })
      ], {
        processes: [
          { pid: 101 },
          { pid: 103, state: { _tag: "Zombie" } },
          { pid: 104, state: { _tag: "Thread" } },
          { pid: 105 },
          { pid: 106 },
          { pid: 107 }
        ]
      })
    ))

  it.effect("shows another user's process as running", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* list({ running: true }), ["a"])
    }).pipe(given([at("a", 1)], { processes: [{ pid: 101, foreign: true }] })))

  const several = [
    at("1", 1, { provider: "claude" }),
    at("2", 2, { provider: "codex" }),
    at("3", 3, { provider: "claude" }),
    at("4", 4, { provider: "Claude" }),
    at("5", 5, { provider: "claude", status: "exited" }),
    at("6", 6, { provider: "claude" })
  ]

  it.effect.each<readonly [string, ListFilter, ReadonlyArray<string>]>([
    ["no field", {}, ["6", "5", "4", "3", "2", "1"]],
    ["running", { running: true }, ["3", "2", "1"]],
    ["running that is false", { running: false }, ["6", "5", "4", "3", "2", "1"]],
    ["the provider, exactly", { provider: "claude" }, ["6", "5", "3", "1"]],
    ["a provider nobody has", { provider: "clau" }, []],
    ["the limit", { limit: 2 }, ["6", "5"]],
    ["a limit of nothing", { limit: 0 }, []],
    ["a limit beyond the end", { limit: 100 }, ["6", "5", "4", "3", "2", "1"]],
    ["a limit below nothing", { limit: -1 }, []],
    ["a limit that is no number", { limit: Number.NaN }, ["6", "5", "4", "3", "2", "1"]],
    ["a limit that is no whole number", { running: true, limit: 1.5 }, ["3"]],
    ["the limit after running", { running: true, limit: 2 }, ["3", "2"]],
    ["the limit after the provider", { provider: "codex", limit: 1 }, ["2"]],
    ["all of them", { running: true, provider: "claude", limit: 1 }, ["3"]],
    ["two providers", { provider: ["codex", "Claude"] }, ["4", "2"]],
    ["part of a provider", { provider: "~CL" }, ["6", "5", "4", "3", "1"]],
    ["no value at all", { provider: [], status: [] }, ["6", "5", "4", "3", "2", "1"]],
    ["the status", { status: "dead" }, ["6", "4"]],
    ["two statuses", { status: ["dead", "exited"] }, ["6", "5", "4"]],
    ["statuses that exclude each other", { running: true, status: "dead" }, []],
    ["a time", { since: { seconds: 1_767_225_603, nanos: 0 }, until: { seconds: 1_767_225_604, nanos: 0 } }, [
      "4",
      "3"
    ]],
    ["the limit after a status", { status: "dead", limit: 1 }, ["6"]],
    ["the limit after the order", { sort: { field: "started", direction: "asc" }, limit: 2 }, ["1", "2"]],
    ["the limit after an order by status", { sort: { field: "status" }, limit: 4 }, ["3", "2", "1", "6"]]
  ])("selects by %s", ([, filter, ids]) =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* list(filter), ids)
    }).pipe(given(several, { processes: [{ pid: 101 }, { pid: 102 }, { pid: 103 }] })))

  it.effect("selects by model, command, session and directory", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* list({ model: ["opus", "~HAI"] }), ["3", "1"])
      assert.deepStrictEqual(yield* list({ command: "exec" }), ["2"])
      assert.deepStrictEqual(yield* list({ session: "s1" }), ["2", "1"])
      assert.deepStrictEqual(yield* list({ root: "/repo" }), ["1"])
      assert.deepStrictEqual(yield* list({ rootWithin: "/repo" }), ["2", "1"])
    }).pipe(given([
      at("1", 1, { model: "opus", sessionId: "s1", root: "/repo/" }),
      at("2", 2, { command: "exec", sessionId: "s1", root: "/repo/a" }),
      at("3", 3, { model: "claude-haiku", sessionId: "s", root: "/repository" })
    ])))

  it.effect("tells what the running ones use, in one look", () =>
    Effect.gen(function*() {
      const control = yield* ProcessControl
      const cpuOf = (filter: ListFilter) =>
        Effect.map(control.list(filter), ({ processes, usage }) =>
          processes.map((info) => [info.id, usage?.get(info)?.cpuPercent]))
      assert.deepStrictEqual(yield* cpuOf({ usage: true }), [["4", undefined], ["3", undefined], ["2", 7], ["1", 5]])
      assert.deepStrictEqual(yield* cpuOf({ sort: { field: "mem" }, limit: 1 }), [["1", 5]])
      assert.isUndefined((yield* control.list()).usage)
      const { processes } = yield* control.list({ provider: "~c" })
      const usage = yield* control.usage(processes)
      assert.deepStrictEqual(
        processes.map((info) =>
          usage.get(info)?.cpuPercent
        ),
        [undefined, undefined, 7, 5]
      )
    }).pipe(given(
      // The last has ended, and its pid is that of the second now.
      [at("1", 1), at("2", 2), at("3", 3), at("4", 4, { status: "exited", pid: 102 })],
      {
        processes: [
          { pid: 101, usage: { cpuPercent: 5, residentBytes: 900, elapsedMillis: 1 } },
          { pid: 102, usage: { cpuPercent: 7, residentBytes: 800, elapsedMillis: 1 } }
        ]
      }
    )))

  it.effect.each<readonly [ListFilter, ReadonlyArray<number>]>([
    [{}, [103, 102, 101, 100]],
    [{ limit: 1 }, []],
    [{ limit: 2 }, [103]],
    [{ limit: 0 }, []],
    [{ provider: "codex" }, [102]],
    [{ status: "exited" }, []],
    [{ status: "running", limit: 1 }, [103, 102]],
    [{ status: "running", limit: 2 }, [103, 102, 101]],
    [{ sort: { field: "started", direction: "asc" }, limit: 1 }, [100]],
    [{ sort: { field: "status" }, limit: 1 }, [103, 102, 101, 100]]
  ])("looks at no process that %j does not need", ([filter, pids]) =>
    Effect.gen(function*() {
      const asked: Array<number> = []
      const os = yield* OsProcess
      const control = yield* ProcessControl.pipe(
        Effect.provide(Layer.fresh(ProcessControl.layer)),
        Effect.provideService(OsProcess, {
          ...os,
          inspectAll: (pids) => Effect.tap(os.inspectAll(pids), () => Effect.sync(() => asked.push(...pids)))
        })
      )
      yield* control.list(filter)
      assert.deepStrictEqual(asked, pids)
    }).pipe(given([
      at("0", 0),
      at("1", 1),
      at("2", 2, { provider: "codex" }),
      at("3", 3),
      at("4", 4, { status: "exited" })
    ], { processes: [{ pid: 101 }, { pid: 102 }] })))

  const family = [
    at("child", 1, { parentProcessId: "parent", parentSessionId: "session" }),
    at("grandchild", 2, { parentProcessId: "child" }),
    at("other", 3, { parentSessionId: "parent" }),
    at("parent", 4),
    at("stranger", 5, { parentProcessId: "parent2" }),
    at("literal", 6, { parentProcessId: "self" })
  ]

  it.effect.each<readonly [string, ReadonlyArray<string>]>([
    ["parent", ["other", "child"]],
    ["session", ["child"]],
    ["child", ["grandchild"]],
    ["nobody", []],
    ["", []],
    ["self", ["other", "child"]]
  ])("selects the children of %j", ([children, ids]) =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* list({ children }), ids)
    }).pipe(given(family, { env: { ZAG_PROCESS_ID: "parent" } })))

  it.effect("has no children of `self` outside a session", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(list({ children: "self" }))
      if (error._tag !== "ProcessControlError") return assert.fail(error._tag)
      assert.strictEqual(error.reason._tag, "NotInSession")
    }).pipe(given(family)))

  it.effect.prop("never shows more than the limit, and only what it shows without", {
    limit: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 8 })),
    running: Schema.Boolean
  }, ({ limit, running }) =>
    Effect.gen(function*() {
      const all = yield* list({ running })
      assert.deepStrictEqual(yield* list({ running, limit }), all.slice(0, limit))
    }).pipe(given(several, { processes: [{ pid: 101 }, { pid: 103 }, { pid: 106 }] })))
})
