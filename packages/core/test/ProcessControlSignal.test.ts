import { assert, describe, it } from "@effect/vitest"
import type { PidState } from "@zag/core/OsProcess"
import { ProcessControl } from "@zag/core/ProcessControl"
import type { ProcessEntry } from "@zag/core/ProcessEntry"
import { ProcessStore } from "@zag/core/ProcessStore"
import { ProcessTable, type TestProcess } from "@zag/core/testing"
import { Effect } from "effect"
import { entryOf } from "./entryOf.ts"
import { given } from "./givenProcesses.ts"

const started = 1_767_225_600_000
const startedAt = "2026-01-01T00:00:00Z"

const startedLater = (seconds: number): PidState => ({ _tag: "Running", startTime: started + seconds * 1000 })

const running = (pid: number, fields: Parameters<typeof entryOf>[0] = {}) =>
  entryOf({ id: "it", pid, startedAt, ...fields })

const verbs = ["stop", "kill"] as const

const run = (verb: (typeof verbs)[number], handle = "it") =>
  Effect.flatMap(ProcessControl, (control) => verb === "stop" ? control.stop(handle) : control.kill(handle))

const failure = (verb: (typeof verbs)[number], handle?: string) =>
  Effect.gen(function*() {
    const error = yield* Effect.flip(run(verb, handle))
    return error._tag === "ProcessControlError" ? error.reason : assert.fail(error._tag)
  })

const signals = Effect.flatMap(ProcessTable, (table) => table.signals)

const unchanged = (entry: ProcessEntry) =>
  Effect.gen(function*() {
    assert.deepStrictEqual((yield* (yield* ProcessStore).load).entries, [entry])
  })

describe.each(verbs)("ProcessControl.%s", (verb) => {
  it.effect.each<readonly [string, ProcessEntry, ReadonlyArray<TestProcess>, string, string]>([
    ["that is gone", running(50), [], "dead", "no process has pid 50"],
    ["that is a zombie", running(50), [{ pid: 50, state: { _tag: "Zombie" } }], "dead", "has ended"],
    ["whose pid is a thread", running(50), [{ pid: 50, state: { _tag: "Thread" } }], "dead", "thread"],
    ["whose pid is another's now", running(50), [{ pid: 50, state: startedLater(61) }], "dead", "another process"],
    ["that has exited", running(50, { status: "exited" }), [{ pid: 50 }], "exited", "status: exited"],
    ["that was killed", running(50, { status: "killed" }), [{ pid: 50 }], "killed", "status: killed"],
    ["with a status nobody knows", running(50, { status: "Running" }), [{ pid: 50 }], "unknown", "\"Running\""]
  ])("sends nothing to a process %s", ([, entry, processes, liveStatus, words]) =>
    Effect.gen(function*() {
      const reason = yield* failure(verb)
      if (reason._tag !== "NotRunning") return assert.fail(reason._tag)
      assert.strictEqual(reason.liveStatus, liveStatus)
      assert.isTrue(reason.message.startsWith(`Process it is not running (status: ${liveStatus})`), reason.message)
      assert.include(reason.message, words)
      assert.deepStrictEqual(yield* signals, [])
      yield* unchanged(entry)
    }).pipe(given([entry], { processes })))

  it.effect.each<readonly [number, string]>([
    [0, "process group"],
    [1, "first process"],
    [2_147_483_648, "no process id"],
    [4_294_967_295, "no process id"],
    [1000, "the program that asks"],
    [999, "ancestor of the program that asks"]
  ])("refuses the pid %d, whatever it is", ([pid, words]) =>
    Effect.gen(function*() {
      const reason = yield* failure(verb)
      assert.strictEqual(reason._tag, "SignalRefused")
      assert.include(reason.message, `Refused to signal process it (pid ${pid})`)
      assert.include(reason.message, words)
      assert.deepStrictEqual(yield* signals, [])
      yield* unchanged(running(pid))
    }).pipe(given([running(pid)], { processes: [{ pid, state: startedLater(0) }] })))

  it.effect.each([0, 1, 4_294_967_295, 1000])("refuses the pid %d even as `self`", (pid) =>
    Effect.gen(function*() {
      assert.strictEqual((yield* failure(verb, "self"))._tag, "SignalRefused")
      assert.deepStrictEqual(yield* signals, [])
      yield* unchanged(running(pid))
    }).pipe(given([running(pid)], { processes: [{ pid }], env: { ZAG_PROCESS_ID: "it" } })))

  it.effect("reaches an ancestor only as `self`", () =>
    Effect.gen(function*() {
      const reason = yield* failure(verb)
      assert.include(reason.message, "say `self`")
      const outcome = yield* run(verb, "self")
      assert.deepInclude(outcome, { id: "it", pid: 999 })
      assert.deepStrictEqual((yield* signals).map(({ pid }) => pid), [999])
    }).pipe(given([running(999)], { processes: [{ pid: 999 }], env: { ZAG_PROCESS_ID: "it" } })))

  it.effect("refuses a process that may not be the one that was registered", () =>
    Effect.gen(function*() {
      const reason = yield* failure(verb)
      assert.strictEqual(reason._tag, "SignalRefused")
      assert.include(reason.message, "\"last week\" is no time")
      assert.deepStrictEqual(yield* signals, [])
    }).pipe(given([running(50, { startedAt: "last week" })], { processes: [{ pid: 50, state: startedLater(0) }] })))

  it.effect.each([-1_000_000, 0, 60])(
    "reaches a process that started %d seconds after its entry",
    (seconds) =>
      Effect.gen(function*() {
        yield* run(verb)
        assert.strictEqual((yield* signals).length, 1)
      }).pipe(given([running(50)], { processes: [{ pid: 50, state: startedLater(seconds) }] }))
  )

  it.effect("says that a process belongs to somebody else, and leaves its entry", () =>
    Effect.gen(function*() {
      const reason = yield* failure(verb)
      assert.strictEqual(reason._tag, "SignalNotPermitted")
      assert.include(reason.message, "pid 50 belongs to another user (EPERM")
      assert.deepStrictEqual(yield* signals, [])
      yield* unchanged(running(50))
    }).pipe(given([running(50)], { processes: [{ pid: 50, foreign: true }] })))

  it.effect("does not find a process that is not registered", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* failure(verb, "nobody"))._tag, "ProcessNotFound")
      assert.strictEqual((yield* failure(verb, "self"))._tag, "NotInSession")
      assert.deepStrictEqual(yield* signals, [])
    }).pipe(given([running(50)], { processes: [{ pid: 50 }] })))

  it.effect("reaches the one process that is meant", () =>
    Effect.gen(function*() {
      yield* run(verb, "b")
      assert.deepStrictEqual((yield* signals).map(({ pid }) => pid), [51])
    }).pipe(
      given([entryOf({ id: "a", pid: 50 }), entryOf({ id: "bcd", pid: 51 }), entryOf({ id: "c", pid: 52 })], {
        processes: [{ pid: 50 }, { pid: 51 }, { pid: 52 }]
      })
    ))
})

describe("ProcessControl.stop", () => {
  it.effect("sends SIGHUP once and records nothing", () =>
    Effect.gen(function*() {
      const outcome = yield* run("stop")
      assert.deepStrictEqual({ ...outcome }, { id: "it", pid: 50, signal: "SIGHUP", status: "signalled", ended: [] })
      assert.deepStrictEqual(yield* signals, [{ pid: 50, signal: "SIGHUP" }])
      yield* unchanged(running(50))
    }).pipe(given([running(50)], { processes: [{ pid: 50, ignores: ["SIGHUP"] }] })))
})
