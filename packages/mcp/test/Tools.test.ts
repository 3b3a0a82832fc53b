import { assert, describe, it } from "@effect/vitest"
import { ProcessStore } from "@zag/core/ProcessStore"
import { ProcessTable } from "@zag/core/testing"
import { Effect, Fiber, Option, Schema } from "effect"
import { TestClock } from "effect/testing"
import * as Tools from "../src/Tools.ts"
import * as Registry from "./Registry.ts"

const ids = (output: { readonly processes: ReadonlyArray<{ readonly id: string }> }) =>
  output.processes.map(({ id }) => id)

/** Lists with the input of a client. */
const list = (input: unknown) =>
  Schema.decodeUnknownEffect(Tools.listProcesses.input)(input).pipe(
    Effect.flatMap(Tools.listProcesses.handler),
    Effect.map(ids)
  )

describe("the table", () => {
  it("names every tool once, in snake_case", () => {
    const names = Tools.all.map((tool) => tool.name)
    assert.deepStrictEqual(names, [
      "list_processes",
      "get_process",
      "whoami",
      "wait_process",
      "stop_process",
      "kill_process",
      "prune_processes"
    ])
  })

  it("describes every parameter, and names it in snake_case", () => {
    for (const tool of Tools.all) {
      const { properties } = Schema.toJsonSchemaDocument(tool.input).schema
      for (const [key, property] of Object.entries((properties ?? {}) as Record<string, { description?: string }>)) {
        assert.match(key, /^[a-z]+(_[a-z]+)*$/)
        assert.isNotEmpty(property.description, `${tool.name}.${key}`)
      }
    }
  })
})

describe("list_processes", () => {
  it.effect("lists every process with its live status, newest first", () =>
    Effect.gen(function*() {
      const output = yield* Tools.listProcesses.handler({ limit: 50 })
      assert.deepStrictEqual(output.processes.map(({ id, liveStatus }) => [id, liveStatus]), [
        ["aaaa-1", "running"],
        ["aaaa-2", "running"],
        ["bbbb-1", "running"],
        ["cccc-1", "exited"],
        ["dddd-1", "dead"]
      ])
      assert.deepStrictEqual(output.unreadableEntries, [])
    }).pipe(Effect.provide(Registry.layer)))

  it.effect("filters by every field, and counts the limit last", () =>
    Effect.gen(function*() {
      const { handler } = Tools.listProcesses
      assert.deepStrictEqual(ids(yield* handler({ limit: 50, running: true })), ["aaaa-1", "aaaa-2", "bbbb-1"])
      assert.strictEqual(ids(yield* handler({ limit: 50, running: false })).length, 5)
      assert.deepStrictEqual(ids(yield* handler({ limit: 50, provider: "codex" })), ["aaaa-2"])
      assert.deepStrictEqual(ids(yield* handler({ limit: 50, children: "aaaa-1" })), ["aaaa-2"])
      assert.deepStrictEqual(ids(yield* handler({ limit: 2, provider: "claude" })), ["aaaa-1", "bbbb-1"])
    }).pipe(Effect.provide(Registry.layer)))

  it.effect("takes one value of a filter, or a list of which one must match", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* list({ status: "exited" }), ["cccc-1"])
      assert.deepStrictEqual(yield* list({ status: ["exited", "dead"] }), ["cccc-1", "dddd-1"])
      assert.deepStrictEqual(yield* list({ provider: ["codex", "~gem"] }), ["aaaa-2"])
      assert.deepStrictEqual(yield* list({ provider: ["~c"], status: "running", limit: 2 }), ["aaaa-1", "aaaa-2"])
      assert.deepStrictEqual(yield* list({ since: "2026-01-01T00:00:04Z" }), ["aaaa-1", "aaaa-2"])
      assert.deepStrictEqual(yield* list({ until: "2026-01-01T00:00:02Z" }), ["cccc-1", "dddd-1"])
      assert.deepStrictEqual(yield* list({ root_within: "/nowhere" }), [])
      assert.deepStrictEqual(yield* list({ label: ["team=a", "b"] }), [])
    }).pipe(Effect.provide(Registry.layer)))

  it.effect.each<readonly [object, RegExp]>([
    [{ status: "gone" }, /running/],
    [{ since: "yesterday" }, /RFC 3339/],
    [{ root: "here" }, /absolute path/],
    [{ provider: "x".repeat(1001) }, /at most 1000 characters/],
    [{ model: Array.from({ length: 51 }, () => "x") }, /at most 50 values/]
  ])("refuses %j", ([input, message]) =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Schema.decodeUnknownEffect(Tools.listProcesses.input)(input))
      assert.match(String(error), message)
    }))

  it.effect("takes self for the session it runs in", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(ids(yield* Tools.listProcesses.handler({ limit: 50, children: "self" })), ["aaaa-2"])
    }).pipe(Registry.inSession("aaaa-1"), Effect.provide(Registry.layer)))

  it.effect("lists fifty when no limit is given", () =>
    Effect.gen(function*() {
      const input = yield* Schema.decodeEffect(Tools.listProcesses.input)({})
      assert.deepStrictEqual(input, { limit: 50 })
    }))
})

describe("get_process", () => {
  it.effect("takes an id, a unique beginning of one, or self", () =>
    Effect.gen(function*() {
      for (const id of ["dddd-1", "dd", "self"]) {
        const { process } = yield* Tools.getProcess.handler({ id })
        assert.deepStrictEqual([process.id, process.status, process.liveStatus], ["dddd-1", "running", "dead"])
      }
    }).pipe(Registry.inSession("dddd-1"), Effect.provide(Registry.layer)))
})

describe("stop_process", () => {
  it.effect("sends SIGHUP and leaves the entry as it is", () =>
    Effect.gen(function*() {
      const outcome = yield* Tools.stopProcess.handler({ id: "aaaa-1" })
      assert.deepStrictEqual({ ...outcome }, {
        id: "aaaa-1",
        pid: 2001,
        signal: "SIGHUP",
        status: "signalled",
        ended: []
      })
      assert.deepStrictEqual(yield* (yield* ProcessTable).signals, [{ pid: 2001, signal: "SIGHUP" }])
      assert.deepStrictEqual(yield* (yield* ProcessStore).find("aaaa-1"), Option.some(Registry.obedient))
    }).pipe(Effect.provide(Registry.layer)))
})

describe("wait_process", () => {
  const { handler } = Tools.waitProcess

  it.effect("says how a process has ended", () =>
    Effect.gen(function*() {
      assert.deepInclude(yield* handler({ id: "cccc", timeoutSeconds: 50 }), {
        id: "cccc-1",
        liveStatus: "exited",
        hasEnded: true,
        exitCode: 0
      })
    }).pipe(Effect.provide(Registry.layer)))

  it.effect("says that it runs still when the time is up", () =>
    Effect.gen(function*() {
      const waiting = yield* Effect.forkChild(handler({ id: "aaaa-1", timeoutSeconds: 50 }), { startImmediately: true })
      yield* TestClock.adjust("49 seconds")
      assert.isUndefined(waiting.pollUnsafe())
      yield* TestClock.adjust("1 second")
      assert.deepInclude(yield* Fiber.join(waiting), { liveStatus: "running", hasEnded: false, exitCode: null })
    }).pipe(Effect.provide(Registry.layer)))

  it.effect("waits fifty seconds when nothing else is said", () =>
    Effect.gen(function*() {
      const input = yield* Schema.decodeEffect(Tools.waitProcess.input)({ id: "a" })
      assert.deepStrictEqual(input, { id: "a", timeoutSeconds: 50 })
    }))
})

describe("kill_process", () => {
  it.effect("sends SIGTERM and records the end", () =>
    Effect.gen(function*() {
      const outcome = yield* Tools.killProcess.handler({ id: "aaaa-1", graceSeconds: 5 })
      assert.deepStrictEqual({ ...outcome }, {
        id: "aaaa-1",
        pid: 2001,
        signal: "SIGTERM",
        status: "killed",
        ended: [{ pid: 2001, command: "" }]
      })
      const entry = yield* (yield* ProcessStore).find("aaaa-1")
      assert.strictEqual(Option.getOrThrow(entry).status, "killed")
    }).pipe(Effect.provide(Registry.layer)))

  it.effect("sends SIGKILL once the grace period is over", () =>
    Effect.gen(function*() {
      const outcome = yield* Tools.killProcess.handler({ id: "aaaa-2", graceSeconds: 0 })
      assert.strictEqual(outcome.signal, "SIGKILL")
      assert.deepStrictEqual(yield* (yield* ProcessTable).signals, [
        { pid: 2002, signal: "SIGTERM" },
        { pid: 2002, signal: "SIGKILL" }
      ])
    }).pipe(Effect.provide(Registry.layer)))
})

describe("failures", () => {
  it.effect("are typed, so that a program can tell them apart", () =>
    Effect.gen(function*() {
      const reason = yield* Tools.getProcess.handler({ id: "zzzz" }).pipe(
        Effect.catchReason("ProcessControlError", "ProcessNotFound", (reason) => Effect.succeed(reason._tag))
      )
      assert.strictEqual(reason, "ProcessNotFound")
    }).pipe(Effect.provide(Registry.layer)))
})

describe("whoami", () => {
  it.effect("names the own session and those that started it", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* Tools.whoami.handler({}), {
        id: "aaaa-2",
        provider: "codex",
        parents: [{ id: "aaaa-1", provider: "claude" }]
      })
    }).pipe(Registry.inSession("aaaa-2"), Effect.provide(Registry.layer)))

  it.effect("says that there is none", () =>
    Effect.gen(function*() {
      assert.include((yield* Effect.flip(Tools.whoami.handler({}))).message, "ZAG_PROCESS_ID is not set")
    }).pipe(Registry.inSession(undefined), Effect.provide(Registry.layer)))
})

const prune = (input: unknown) =>
  Schema.decodeUnknownEffect(Tools.pruneProcesses.input)(input).pipe(Effect.flatMap(Tools.pruneProcesses.handler))

describe("prune_processes", () => {
  const left = Effect.map(
    Effect.flatMap(ProcessStore, ({ list }) => list),
    ({ entries }) => entries.map(({ id }) => id)
  )

  it.effect("shows what would move, and moves it only when it is told so", () =>
    Effect.gen(function*() {
      const moved = [{ id: "cccc-1", provider: "claude", status: "exited" }]
      assert.deepStrictEqual(yield* prune({ keep: 0 }), { dryRun: true, count: 1, moved })
      assert.include(yield* left, "cccc-1")
      assert.deepStrictEqual(yield* prune({ status: "exited", dry_run: false }), { dryRun: false, count: 1, moved })
      assert.notInclude(yield* left, "cccc-1")
      assert.deepStrictEqual(yield* list({ archived: true, status: "exited" }), ["cccc-1"])
    }).pipe(Effect.provide(Registry.layer)))

  it.effect.each<readonly [object, RegExp]>([
    [{}, /at least one of older_than_days, keep, status and root_gone/],
    [{ dry_run: false }, /at least one of/],
    [{ root_gone: false }, /at least one of/],
    [{ keep: -1 }, /0/],
    [{ older_than_days: -1 }, /0/],
    [{ status: "running" }, /exited/]
  ])("refuses %j", ([input, message]) =>
    Effect.gen(function*() {
      assert.match(String(yield* Effect.flip(Schema.decodeUnknownEffect(Tools.pruneProcesses.input)(input))), message)
    }))
})
