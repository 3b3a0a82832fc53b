import { assert, describe, it } from "@effect/vitest"
import { AuditRecord } from "@zag/core/AuditRecord"
import { ProcessStore } from "@zag/core/ProcessStore"
import { Sidecar } from "@zag/core/Sidecar"
import { ProcessTable } from "@zag/core/testing"
import { Effect, Exit, Queue, Scope, Stream } from "effect"
import { TestClock } from "effect/testing"
import { bound } from "../src/Resources.ts"
import { type Update, Updates } from "../src/Updates.ts"
import * as Registry from "./Registry.ts"

const nameOf = (update: Update): string => update._tag === "Updated" ? update.uri : "list"

/** What is told from now on, in a queue. */
const subscribed = Effect.gen(function*() {
  const heard = yield* Queue.unbounded<string>()
  const updates = yield* (yield* Updates).subscribe
  yield* Effect.forkScoped(Stream.runForEach(updates, (update) => Queue.offer(heard, nameOf(update))))
  return heard
})

const record = (pid: number) =>
  new AuditRecord({
    time: "2026-01-01T00:00:00Z",
    asker: "test",
    askerProcessId: null,
    id: "aaaa-1",
    pid,
    startTicks: null,
    verified: false,
    signal: "SIGHUP",
    outcome: "sent"
  })

/** What was heard since the last time, with a look that takes in all that has happened. */
const heardBy = Effect.fnUntraced(function*(heard: Queue.Dequeue<string>) {
  yield* TestClock.adjust("1 second")
  // It is told last.
  yield* (yield* Sidecar).audit([record(marks++)])
  const all: Array<string> = []
  while (all.at(-1) !== "zag://audit") {
    yield* TestClock.adjust("1 second")
    all.push(...(yield* Queue.clear(heard)))
  }
  return all.slice(0, -1)
})

let marks = 1000

const newer = Registry.entry({ id: "eeee-1", pid: 2006, startedAt: "2026-01-01T00:00:09+00:00" })

describe("what is told", () => {
  it.effect("is nothing as long as nothing happens, also of processes that were dead before", () =>
    Effect.gen(function*() {
      const heard = yield* subscribed
      yield* TestClock.adjust("10 seconds")
      assert.deepStrictEqual(yield* heardBy(heard), [])
    }).pipe(Effect.provide(Registry.layer)))

  it.effect("is a process that comes, that changes and that goes, each once", () =>
    Effect.gen(function*() {
      const store = yield* ProcessStore
      const heard = yield* subscribed
      yield* store.add(newer)
      assert.deepStrictEqual(yield* heardBy(heard), ["zag://processes/eeee-1", "zag://processes", "list"])
      yield* store.updateStatus("aaaa-1", "exited", 0)
      assert.deepStrictEqual(yield* heardBy(heard), ["zag://processes/aaaa-1", "zag://processes", "list"])
      yield* store.remove("cccc-1")
      assert.deepStrictEqual(yield* heardBy(heard), ["zag://processes/cccc-1", "zag://processes", "list"])
    }).pipe(Effect.provide(Registry.layer)))

  it.effect("is not the list, where a process has another pid and the same status", () =>
    Effect.gen(function*() {
      const store = yield* ProcessStore
      const heard = yield* subscribed
      yield* (yield* ProcessTable).set({ pid: 2010 })
      yield* store.updatePid("aaaa-1", 2010)
      assert.deepStrictEqual(yield* heardBy(heard), ["zag://processes/aaaa-1", "zag://processes"])
    }).pipe(Effect.provide(Registry.layer)))

  it.effect("is a process that is gone without anybody writing, a second later, once", () =>
    Effect.gen(function*() {
      const heard = yield* subscribed
      yield* (yield* ProcessTable).end(2001)
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(yield* Queue.clear(heard), [])
      assert.deepStrictEqual(yield* heardBy(heard), ["zag://processes/aaaa-1", "zag://processes", "list"])
      yield* TestClock.adjust("10 seconds")
      assert.deepStrictEqual(yield* heardBy(heard), [])
    }).pipe(Effect.provide(Registry.layer)))

  it.effect("is one change where the end is recorded a moment later", () =>
    Effect.gen(function*() {
      const heard = yield* subscribed
      yield* (yield* ProcessTable).end(2001)
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(yield* Queue.clear(heard), [])
      yield* (yield* ProcessStore).updateStatus("aaaa-1", "exited", 3)
      yield* TestClock.adjust("10 seconds")
      assert.deepStrictEqual(yield* heardBy(heard), ["zag://processes/aaaa-1", "zag://processes", "list"])
    }).pipe(Effect.provide(Registry.layer)))

  it.effect("is the audit when a signal was sent, and nothing else", () =>
    Effect.gen(function*() {
      const sidecar = yield* Sidecar
      yield* sidecar.audit([record(1)])
      const heard = yield* subscribed
      yield* sidecar.audit([record(2), record(3)])
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* Queue.take(heard), "zag://audit")
      assert.deepStrictEqual(yield* heardBy(heard), [])
    }).pipe(Effect.provide(Registry.layer)))

  it.effect("is no list that shows the same as before, when an older process changes", () =>
    Effect.gen(function*() {
      const store = yield* ProcessStore
      for (let index = 0; index < bound; index++) {
        yield* store.add(Registry.entry({
          id: `n-${index}`,
          pid: 5000 + index,
          startedAt: "2026-01-02T00:00:00Z",
          status: "exited",
          exitCode: 0
        }))
      }
      const heard = yield* subscribed
      yield* store.updateStatus("aaaa-1", "killed", null)
      assert.deepStrictEqual(yield* heardBy(heard), ["zag://processes/aaaa-1"])
      // What it shows instead of it is another one.
      yield* store.remove("n-0")
      assert.deepStrictEqual(yield* heardBy(heard), ["zag://processes/n-0", "zag://processes", "list"])
    }).pipe(Effect.provide(Registry.layer)))

  it.effect("is once for all changes that happened before it was taken", () =>
    Effect.gen(function*() {
      const store = yield* ProcessStore
      const updates = yield* (yield* Updates).subscribe
      yield* store.updateStatus("aaaa-1", "exited", null)
      yield* TestClock.adjust("1 second")
      yield* store.updateStatus("aaaa-1", "exited", 1)
      yield* TestClock.adjust("1 second")
      const first = yield* updates.pipe(Stream.take(3), Stream.runCollect)
      assert.deepStrictEqual(first.map(nameOf), ["zag://processes/aaaa-1", "zag://processes", "list"])
    }).pipe(Effect.provide(Registry.layer)))
})

/** After five seconds two would have looked ten times. */
const isOneWatch = (looks: number) => looks > 1 && looks <= 5

describe("the watch", () => {
  it.effect("begins with the first who subscribes, is one for all, and ends with the last", () =>
    Effect.gen(function*() {
      const { taken: looks } = yield* Registry.Looks
      const updates = yield* Updates
      yield* TestClock.adjust("10 seconds")
      assert.strictEqual(yield* looks, 0)
      const [one, other] = [yield* Scope.make(), yield* Scope.make()]
      yield* Scope.provide(Effect.asVoid(updates.subscribe), one)
      yield* Scope.provide(Effect.asVoid(updates.subscribe), other)
      assert.strictEqual(yield* looks, 2)
      yield* TestClock.adjust("5 seconds")
      assert.isTrue(isOneWatch(yield* looks))
      yield* Scope.close(one, Exit.void)
      yield* TestClock.adjust("5 seconds")
      assert.isTrue(isOneWatch(yield* looks))
      yield* Scope.close(other, Exit.void)
      yield* TestClock.adjust("10 seconds")
      assert.strictEqual(yield* looks, 0)
      // And begins anew.
      yield* Effect.scoped(Effect.andThen(updates.subscribe, TestClock.adjust("1 second")))
      assert.strictEqual(yield* looks, 2)
    }).pipe(Effect.provide(Registry.layerCounting)))
})
