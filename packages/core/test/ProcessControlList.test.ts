import { assert, describe, it } from "@effect/vitest"
import { type ListFilter, ProcessControl } from "@zag/core/ProcessControl"
import { Effect, Schema } from "effect"
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
    ["the limit after running", { running: true, limit: 2 }, ["3", "2"]],
    ["the limit after the provider", { provider: "codex", limit: 1 }, ["2"]],
    ["all of them", { running: true, provider: "claude", limit: 1 }, ["3"]]
  ])("selects by %s", ([, filter, ids]) =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* list(filter), ids)
    }).pipe(given(several, { processes: [{ pid: 101 }, { pid: 102 }, { pid: 103 }] })))

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
