import { assert, describe, it } from "@effect/vitest"
import { OsProcess, type PidState } from "@zag/core/OsProcess"
import { ProcessControl } from "@zag/core/ProcessControl"
import { ProcessStore } from "@zag/core/ProcessStore"
import { ProcessStoreError, StoreUnwritable } from "@zag/core/ProcessStoreError"
import { ProcessTable, type TestProcess } from "@zag/core/testing"
import { Effect, Fiber, Layer, Option } from "effect"
import { TestClock } from "effect/testing"
import { entryOf } from "./entryOf.ts"
import { given } from "./givenProcesses.ts"

const entry = entryOf({ id: "it", pid: 50, startedAt: "2026-01-01T00:00:00Z", exitCode: null })

const givenOne = (process: Omit<TestProcess, "pid">) => given([entry], { processes: [{ ...process, pid: 50 }] })

const signals = Effect.map(
  Effect.flatMap(ProcessTable, (table) => table.signals),
  (sent) => sent.map(({ signal }) => signal)
)

const stored = Effect.gen(function*() {
  return Option.getOrThrow(yield* (yield* ProcessStore).find("it"))
})

const kill = (options?: Parameters<ProcessControl["Service"]["kill"]>[1]) =>
  Effect.flatMap(ProcessControl, (control) => control.kill("it", options))

describe("ProcessControl.kill", () => {
  it.effect("is content with SIGTERM when that suffices, and records the end", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(1_767_225_601_000)
      const outcome = yield* kill()
      assert.deepStrictEqual({ ...outcome }, {
        id: "it",
        pid: 50,
        signal: "SIGTERM",
        status: "killed",
        ended: [{ pid: 50, command: "claude -p hello" }]
      })
      assert.deepStrictEqual(yield* signals, ["SIGTERM"])
      assert.deepStrictEqual(
        yield* stored,
        entryOf({ ...entry, status: "killed", exitedAt: "2026-01-01T00:00:01+00:00" })
      )
    }).pipe(givenOne({ command: "claude -p hello" })))

  it.effect("sends SIGKILL when five seconds have passed, and not before", () =>
    Effect.gen(function*() {
      const killing = yield* Effect.forkChild(kill())
      yield* TestClock.adjust(4990)
      assert.deepStrictEqual(yield* signals, ["SIGTERM"])
      assert.strictEqual((yield* stored).status, "running")
      yield* TestClock.adjust(10)
      const outcome = yield* Fiber.join(killing)
      assert.deepInclude(outcome, { signal: "SIGKILL", status: "killed" })
      assert.deepStrictEqual(yield* signals, ["SIGTERM", "SIGKILL"])
      assert.strictEqual((yield* stored).status, "killed")
    }).pipe(givenOne({ ignores: ["SIGTERM"] })))

  it.effect.each<readonly [string, Parameters<typeof kill>[0], number]>([
    ["half a second", { grace: "500 millis" }, 500],
    ["a minute", { grace: "1 minute" }, 60_000],
    ["the usual time when none is given", { grace: undefined }, 5000]
  ])("waits %s before SIGKILL", ([, options, millis]) =>
    Effect.gen(function*() {
      const killing = yield* Effect.forkChild(kill(options))
      yield* TestClock.adjust(millis - 1)
      assert.deepStrictEqual(yield* signals, ["SIGTERM"])
      yield* TestClock.adjust(1)
      yield* Fiber.join(killing)
      assert.deepStrictEqual(yield* signals, ["SIGTERM", "SIGKILL"])
    }).pipe(givenOne({ ignores: ["SIGTERM"] })))

  it.effect("waits for nothing with a grace of zero", () =>
    Effect.gen(function*() {
      assert.deepInclude(yield* kill({ grace: 0 }), { signal: "SIGKILL" })
      assert.deepStrictEqual(yield* signals, ["SIGTERM", "SIGKILL"])
    }).pipe(givenOne({ ignores: ["SIGTERM"] })))

  it.effect("never calls a process killed that survives, and says so", () =>
    Effect.gen(function*() {
      const killing = yield* Effect.forkChild(Effect.flip(kill()))
      yield* TestClock.adjust("5 seconds")
      yield* TestClock.adjust("2 seconds")
      const error = yield* Fiber.join(killing)
      if (error._tag !== "ProcessControlError") return assert.fail(error._tag)
      assert.strictEqual(error.reason._tag, "StillAlive")
      assert.include(error.message, "Process it (pid 50) is still alive")
      assert.deepStrictEqual(yield* signals, ["SIGTERM", "SIGKILL"])
      assert.deepStrictEqual(yield* stored, entry)
    }).pipe(givenOne({ ignores: ["SIGTERM", "SIGKILL"] })))

  const began: PidState = { _tag: "Running", startTime: 1_767_225_599_000 }
  const unknown: PidState = { _tag: "Running", startTime: undefined }

  it.effect.each<readonly [string, PidState, PidState]>([
    ["ends", began, { _tag: "Gone" }],
    ["ends, of unknown age,", unknown, { _tag: "Gone" }],
    ["becomes a zombie", began, { _tag: "Zombie" }],
    ["becomes a zombie, of unknown age,", unknown, { _tag: "Zombie" }],
    ["ends and its pid is a thread", began, { _tag: "Thread" }],
    ["ends and its pid is a thread, of unknown age,", unknown, { _tag: "Thread" }],
    ["ends and its pid is another's", began, { _tag: "Running", startTime: 1_767_225_630_000 }]
  ])("sends no SIGKILL when the process %s during the grace", ([, before, after]) =>
    Effect.gen(function*() {
      const table = yield* ProcessTable
      const killing = yield* Effect.forkChild(kill())
      yield* TestClock.adjust("2 seconds")
      yield* table.set({ pid: 50, state: after })
      yield* TestClock.adjust("1 second")
      const outcome = yield* Fiber.join(killing)
      assert.deepInclude(outcome, { signal: "SIGTERM", status: "killed" })
      assert.deepStrictEqual(yield* signals, ["SIGTERM"])
      assert.strictEqual((yield* stored).status, "killed")
    }).pipe(given([entry], { processes: [{ pid: 50, ignores: ["SIGTERM"], state: before }] })))

  it.effect("adds nothing to an end that the agent recorded itself meanwhile, but that it was killed", () =>
    Effect.gen(function*() {
      const store = yield* ProcessStore
      const killing = yield* Effect.forkChild(kill())
      yield* TestClock.adjust("2 seconds")
      yield* store.updateStatus("it", "killed", 143)
      const recorded = yield* stored
      yield* (yield* ProcessTable).end(50)
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(killing)
      assert.deepStrictEqual(yield* stored, recorded)
    }).pipe(givenOne({ ignores: ["SIGTERM"] })))

  it.effect("records nothing when it is interrupted while it waits", () =>
    Effect.gen(function*() {
      const killing = yield* Effect.forkChild(kill())
      yield* TestClock.adjust("2 seconds")
      yield* Fiber.interrupt(killing)
      yield* TestClock.adjust("10 seconds")
      assert.deepStrictEqual(yield* signals, ["SIGTERM"])
      assert.deepStrictEqual(yield* stored, entry)
    }).pipe(givenOne({ ignores: ["SIGTERM"] })))

  it.effect("says that the process is gone when only the record fails", () =>
    Effect.gen(function*() {
      const full = new ProcessStoreError({ reason: new StoreUnwritable({ path: "p", problem: "ENOSPC: disk full" }) })
      const store = ProcessStore.of({ ...(yield* ProcessStore), updateStatus: () => Effect.fail(full) })
      const os = yield* OsProcess
      const error = yield* Effect.flip(
        kill().pipe(
          Effect.provide(ProcessControl.layer.pipe(Layer.provide(Layer.succeed(ProcessStore, store))), { local: true })
        )
      )
      if (error._tag !== "ProcessControlError") return assert.fail(error._tag)
      assert.strictEqual(error.reason._tag, "EndNotRecorded")
      assert.include(error.message, "Process it (pid 50) was killed, but that could not be recorded")
      assert.include(error.message, "ENOSPC: disk full")
      assert.strictEqual((yield* os.inspect(50))._tag, "Gone")
      assert.deepStrictEqual(yield* stored, entry)
    }).pipe(givenOne({})))

  it.effect("needs no entry any more once it has sent the signal", () =>
    Effect.gen(function*() {
      const store = yield* ProcessStore
      const killing = yield* Effect.forkChild(kill())
      yield* TestClock.adjust("2 seconds")
      yield* store.remove("it")
      yield* TestClock.adjust("3 seconds")
      assert.deepInclude(yield* Fiber.join(killing), { signal: "SIGKILL", status: "killed" })
      assert.deepStrictEqual((yield* store.load).entries, [])
    }).pipe(givenOne({ ignores: ["SIGTERM"] })))

  it.effect("is not permitted to send SIGKILL to what changed its user, and leaves the entry", () =>
    Effect.gen(function*() {
      const table = yield* ProcessTable
      const killing = yield* Effect.forkChild(Effect.flip(kill()))
      yield* TestClock.adjust("2 seconds")
      yield* table.set({ pid: 50, foreign: true })
      yield* TestClock.adjust("3 seconds")
      const error = yield* Fiber.join(killing)
      if (error._tag !== "ProcessControlError") return assert.fail(error._tag)
      assert.strictEqual(error.reason._tag, "SignalNotPermitted")
      assert.deepStrictEqual(yield* stored, entry)
    }).pipe(givenOne({ ignores: ["SIGTERM"] })))
})
