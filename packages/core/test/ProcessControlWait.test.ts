import { assert, describe, it } from "@effect/vitest"
import { ProcessControl } from "@zag/core/ProcessControl"
import { ProcessStore } from "@zag/core/ProcessStore"
import { Sidecar } from "@zag/core/Sidecar"
import { ProcessTable, testSpace } from "@zag/core/testing"
import type { WaitOptions } from "@zag/core/WaitOutcome"
import { Clock, Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { at, given } from "./givenProcesses.ts"

const waitFor = (handles: ReadonlyArray<string>, options?: WaitOptions) =>
  Effect.flatMap(ProcessControl, (control) => control.wait(handles, options))

/** Starts waiting; `after` lets time pass and answers how things stand then, if the waiting is over. */
const startWaiting = Effect.fnUntraced(function*(handles: ReadonlyArray<string>, options?: WaitOptions) {
  const fiber = yield* Effect.forkChild(waitFor(handles, options), { startImmediately: true })
  const after = (millis: number) =>
    Effect.gen(function*() {
      yield* TestClock.adjust(millis)
      yield* Effect.yieldNow
      return fiber.pollUnsafe() === undefined
        ? undefined
        : (yield* Fiber.join(fiber)).map(({ exitCode, id, liveStatus }) => [id, liveStatus, exitCode])
    })
  return { after }
})

const end = (id: string, pid: number, code: number | null = 0) =>
  Effect.gen(function*() {
    yield* (yield* ProcessTable).end(pid)
    yield* (yield* ProcessStore).updateStatus(id, code === 0 ? "exited" : "killed", code)
  })

const entries = [at("a", 1), at("b", 2), at("done", 3, { status: "exited", exitCode: 7 })]

const running = { processes: [{ pid: 101 }, { pid: 102 }] }

describe("ProcessControl.wait", () => {
  it.effect("answers at once when there is nothing to wait for", () =>
    Effect.gen(function*() {
      const outcomes = yield* waitFor(["done"])
      assert.deepStrictEqual(outcomes.map((outcome) => ({ ...outcome })), [
        { id: "done", pid: 103, liveStatus: "exited", hasEnded: true, exitCode: 7 }
      ])
      assert.isFalse(outcomes[0]!.succeeded)
      assert.deepStrictEqual(yield* waitFor([]), [])
    }).pipe(given(entries)))

  it.effect("waits for all, each with its code, and tells within a tenth of a second", () =>
    Effect.gen(function*() {
      const { after } = yield* startWaiting(["b", "a", "done"])
      assert.isUndefined(yield* after(60_000))
      yield* end("a", 101)
      assert.isUndefined(yield* after(60_000))
      yield* end("b", 102, 3)
      assert.deepStrictEqual(yield* after(100), [["b", "killed", 3], ["a", "exited", 0], ["done", "exited", 7]])
    }).pipe(given(entries, running)))

  it.effect("waits for what runs in another container until its entry says that it has ended", () =>
    Effect.gen(function*() {
      yield* (yield* ProcessTable).move({ ...testSpace, pidNamespace: "pid:[2]" })
      const id = "a"
      yield* (yield* Sidecar).identify([{ id, identity: { ...testSpace, pid: 101, startTicks: 1 } }])
      const [now] = yield* waitFor([id], { timeout: 0 })
      assert.deepInclude(now, { liveStatus: "unknown", hasEnded: false })
      const { after } = yield* startWaiting([id])
      assert.isUndefined(yield* after(60_000))
      yield* (yield* ProcessStore).updateStatus(id, "exited", 0)
      assert.deepStrictEqual(yield* after(100), [[id, "exited", 0]])
    }).pipe(given(entries, running)))

  it.effect("waits for any of them", () =>
    Effect.gen(function*() {
      const { after } = yield* startWaiting(["a", "b"], { until: "any" })
      assert.isUndefined(yield* after(60_000))
      yield* end("b", 102)
      assert.deepStrictEqual(yield* after(100), [["a", "running", null], ["b", "exited", 0]])
    }).pipe(given(entries, running)))

  it.effect("gives up when the time is over, and says what runs still", () =>
    Effect.gen(function*() {
      const begin = yield* Clock.currentTimeMillis
      const { after } = yield* startWaiting(["a", "done"], { timeout: "1 second" })
      assert.isUndefined(yield* after(999))
      assert.deepStrictEqual(yield* after(1), [["a", "running", null], ["done", "exited", 7]])
      assert.strictEqual((yield* Clock.currentTimeMillis) - begin, 1000)
    }).pipe(given(entries, running)))

  it.effect("says dead, with no code, of what ended while nobody recorded it", () =>
    Effect.gen(function*() {
      const { after } = yield* startWaiting(["a"])
      yield* (yield* ProcessTable).end(101)
      assert.isUndefined(yield* after(900))
      assert.deepStrictEqual(yield* after(200), [["a", "dead", null]])
    }).pipe(given(entries, running)))

  it.effect("leaves whoever launched it a moment to record the end", () =>
    Effect.gen(function*() {
      const { after } = yield* startWaiting(["a"])
      yield* (yield* ProcessTable).end(101)
      assert.isUndefined(yield* after(500))
      yield* end("a", 101, 9)
      assert.deepStrictEqual(yield* after(100), [["a", "killed", 9]])
    }).pipe(given(entries, running)))

  it.effect("takes a pid that was given out again for an end", () =>
    Effect.gen(function*() {
      const { after } = yield* startWaiting(["a"])
      yield* (yield* ProcessTable).set({ pid: 101, state: { _tag: "Running", startTime: Date.UTC(2030) } })
      assert.isUndefined(yield* after(900))
      assert.deepStrictEqual(yield* after(200), [["a", "dead", null]])
    }).pipe(given(entries, running)))

  it.effect("follows an entry to another process, and says unknown when it is taken out", () =>
    Effect.gen(function*() {
      const store = yield* ProcessStore
      const { after } = yield* startWaiting(["a"])
      yield* (yield* ProcessTable).set({ pid: 500 })
      yield* store.updatePid("a", 500)
      yield* (yield* ProcessTable).end(101)
      assert.isUndefined(yield* after(60_000))
      yield* store.remove("a")
      assert.isUndefined(yield* after(900))
      assert.deepStrictEqual(yield* after(200), [["a", "unknown", null]])
    }).pipe(given(entries, running)))

  it.effect("waits on for an entry that somebody has taken away for a moment, each time", () =>
    Effect.gen(function*() {
      const store = yield* ProcessStore
      const [entry] = (yield* store.load).entries
      const { after } = yield* startWaiting(["a"])
      for (let time = 0; time < 2; time++) {
        yield* store.remove("a")
        assert.isUndefined(yield* after(900))
        yield* store.add(entry!)
        assert.isUndefined(yield* after(900))
      }
      yield* end("a", 101, 9)
      assert.deepStrictEqual(yield* after(100), [["a", "killed", 9]])
    }).pipe(given(entries, running)))

  it.effect("waits for nothing when one of the handles names nothing", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(waitFor(["a", "nobody"]))
      assert.strictEqual(error.reason._tag, "ProcessNotFound")
    }).pipe(given(entries, running)))
})
