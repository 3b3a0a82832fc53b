/**
 * What every `Sidecar` must do, whatever the lock and the archive are.
 */
import { assert, describe, it } from "@effect/vitest"
import { AuditRecord } from "@zag/core/AuditRecord"
import type { ProcessIdentity } from "@zag/core/ProcessIdentity"
import { fromLabels, type ProcessLabels } from "@zag/core/ProcessLabels"
import { type ArchivedEntry, Sidecar } from "@zag/core/Sidecar"
import { Deferred, Effect, Exit, Fiber, type Layer, Result } from "effect"
import * as RealTime from "../src/internal/realTime.ts"
import { Labels } from "./labels.ts"

export const archivedEntry = (id: string, second: number): ArchivedEntry => ({
  id,
  archivedAt: `2026-01-01T00:00:0${second}Z`,
  json: `{"id":"${id}","n":${second}.0}`
})

const archive = (...entries: ReadonlyArray<ArchivedEntry>) =>
  Effect.flatMap(Sidecar, (sidecar) => sidecar.withLock((lock) => lock.archive(entries)))

const record = (n: number) =>
  new AuditRecord({
    time: `2026-01-01T00:00:0${n}Z`,
    asker: "zag root",
    askerProcessId: n === 1 ? null : "me",
    id: "it",
    pid: n,
    startTicks: n === 1 ? null : 70 + n,
    verified: n === 2,
    signal: "SIGTERM",
    outcome: "sent"
  })

const throws = (): Effect.Effect<void> => {
  throw "no"
}

export const suite = <E>(name: string, layer: Layer.Layer<Sidecar, E>) =>
  describe(name, () => {
    it.effect("runs one at a time", () =>
      Effect.gen(function*() {
        const sidecar = yield* Sidecar
        let inside = 0
        const one = sidecar.withLock(() =>
          Effect.gen(function*() {
            inside++
            yield* Effect.yieldNow
            assert.strictEqual(inside, 1)
            inside--
          })
        )
        yield* Effect.forEach(Array.from({ length: 50 }), () => one, { concurrency: "unbounded" })
      }).pipe(Effect.provide(layer)))

    it.effect("knows who processes are until their entries leave", () =>
      Effect.gen(function*() {
        const sidecar = yield* Sidecar
        const full = { pid: 7, startTicks: 12_345_678, host: "h", machineId: "m", bootId: "b", pidNamespace: "pid:[1]" }
        const bare = {
          pid: 2 ** 31 - 1,
          startTicks: 0,
          host: "",
          machineId: undefined,
          bootId: undefined,
          pidNamespace: undefined
        }
        yield* sidecar.identifyIfFree([{ id: "lost", identity: full }])
        yield* sidecar.identify([{ id: "a", identity: bare }, { id: "b", identity: bare }])
        yield* sidecar.identifyIfFree([{ id: "a", identity: full }])
        const ids = ["b", "a", "unknown"]
        assert.deepStrictEqual(
          yield* sidecar.identities(ids),
          new Map<string, ProcessIdentity>([["b", bare], ["a", full]])
        )
        yield* sidecar.withLock(({ forget }) => forget(["a"]))
        assert.deepStrictEqual(yield* sidecar.identities(ids), new Map([["b", bare]]))
      }).pipe(Effect.provide(layer)))

    it.effect("keeps labels until their entry is removed, and those of an archived one for ever", () =>
      Effect.gen(function*() {
        const sidecar = yield* Sidecar
        const labelled = (id: string, labels: ProcessLabels) => sidecar.label({ id, labels, identity: undefined })
        const ids = ["gone", "archived", "unknown"]
        assert.deepStrictEqual(yield* sidecar.labels(ids), new Map())
        yield* labelled("gone", { b: "2", ["__proto__"]: "p", a: "" })
        yield* labelled("archived", { old: "x", a: "1" })
        yield* labelled("archived", { a: "2" })
        const labels = yield* sidecar.labels(ids)
        assert.deepStrictEqual(
          labels,
          new Map([["gone", { ["__proto__"]: "p", a: "", b: "2" }], ["archived", { a: "2" }]])
        )
        assert.deepStrictEqual(Object.keys(labels.get("gone")!), ["__proto__", "a", "b"])
        yield* sidecar.withLock((lock) =>
          Effect.andThen(lock.archive([archivedEntry("archived", 1)]), lock.forget(["archived", "gone"]))
        )
        assert.deepStrictEqual(yield* sidecar.labels(ids), new Map([["archived", { a: "2" }]]))
      }).pipe(Effect.provide(layer)))

    it.effect("records an identity with the labels", () =>
      Effect.gen(function*() {
        const sidecar = yield* Sidecar
        const identity = { pid: 7, startTicks: 1, host: "h", machineId: "m", bootId: "b", pidNamespace: "p" }
        yield* sidecar.label({ id: "a", labels: { k: "v" }, identity })
        assert.deepStrictEqual(yield* sidecar.identities(["a"]), new Map([["a", identity]]))
        assert.deepStrictEqual(yield* sidecar.labels(["a"]), new Map([["a", { k: "v" }]]))
      }).pipe(Effect.provide(layer)))

    it.effect.prop("gives back the labels that it was given", { labels: Labels }, ({ labels }) =>
      Effect.gen(function*() {
        const sidecar = yield* Sidecar
        yield* sidecar.label({ id: "it", labels, identity: undefined })
        const found = (yield* sidecar.labels(["it"])).get("it") ?? {}
        assert.deepStrictEqual(Object.entries(found), Object.entries(fromLabels(Object.entries(labels))))
      }).pipe(Effect.provide(layer)), { arbitrary: { runs: 30 } })

    it.effect("knows what was changed on purpose, and when last", () =>
      Effect.gen(function*() {
        const { withLock } = yield* Sidecar
        const now = RealTime.now()
        yield* withLock(({ tell }) => tell(new Map([["a", now - 2]])))
        assert.deepStrictEqual(yield* withLock(({ told }) => told(["a", "b"])), new Map([["a", now - 2]]))
        yield* withLock(({ tell }) => tell(new Map([["a", now - 1], ["b", now - 1]])))
        // Who tells later has not always changed it later.
        yield* withLock(({ tell }) => tell(new Map([["a", now - 3]])))
        assert.deepStrictEqual(yield* withLock(({ told }) => told(["a"])), new Map([["a", now - 1]]))
      }).pipe(Effect.provide(layer)))

    it.effect("keeps what signals were sent, and answers the last ones first", () =>
      Effect.gen(function*() {
        const sidecar = yield* Sidecar
        assert.deepStrictEqual(yield* sidecar.audited(5), [])
        yield* sidecar.audit([record(1), record(2)])
        yield* sidecar.audit([record(3)])
        assert.deepStrictEqual(yield* sidecar.audited(5), [record(3), record(2), record(1)])
        assert.deepStrictEqual(yield* sidecar.audited(1), [record(3)])
      }).pipe(Effect.provide(layer)))

    it.effect("answers as what it runs, and is free again after that", () =>
      Effect.gen(function*() {
        const { withLock } = yield* Sidecar
        assert.strictEqual(yield* withLock(() => Effect.succeed(7)), 7)
        assert.deepStrictEqual(yield* Effect.result(withLock(() => Effect.fail("no"))), Result.fail("no"))
        assert.deepStrictEqual(yield* Effect.exit(withLock(() => Effect.die("no"))), Exit.die("no"))
        assert.isTrue(Exit.hasInterrupts(yield* Effect.exit(withLock(() => Effect.interrupt))))
        assert.deepStrictEqual(yield* Effect.exit(withLock(throws)), Exit.die("no"))
        assert.strictEqual(yield* withLock(() => Effect.succeed(8)), 8)
      }).pipe(Effect.provide(layer)))

    it.effect("leaves the lock to its holder when one that waits is interrupted", () =>
      Effect.gen(function*() {
        const { withLock } = yield* Sidecar
        const held = yield* Deferred.make<void>()
        const goOn = yield* Deferred.make<void>()
        const events: Array<string> = []
        const log = (event: string) => Effect.sync(() => void events.push(event))
        const holder = yield* Effect.forkChild(withLock(() =>
          Deferred.succeed(held, undefined).pipe(
            Effect.andThen(Deferred.await(goOn)),
            Effect.andThen(log("holder"))
          )
        ))
        yield* Deferred.await(held)
        const waiter = yield* Effect.forkChild(withLock(() => log("waiter")), { startImmediately: true })
        yield* Fiber.interrupt(waiter)
        const next = yield* Effect.forkChild(withLock(() => log("next")), { startImmediately: true })
        yield* Deferred.succeed(goOn, undefined)
        yield* Fiber.joinAll([holder, next])
        assert.deepStrictEqual(events, ["holder", "next"])
      }).pipe(Effect.provide(layer)))

    it.effect("archives nothing at first", () =>
      Effect.gen(function*() {
        assert.deepStrictEqual(yield* (yield* Sidecar).archived, [])
        yield* archive()
        assert.deepStrictEqual(yield* (yield* Sidecar).archived, [])
      }).pipe(Effect.provide(layer)))

    it.effect("gives back what was archived, oldest first and byte for byte", () =>
      Effect.gen(function*() {
        yield* archive(archivedEntry("b", 1), archivedEntry("a", 1))
        yield* archive(archivedEntry("😀 'x' \"", 2))
        assert.deepStrictEqual(yield* (yield* Sidecar).archived, [
          archivedEntry("b", 1),
          archivedEntry("a", 1),
          archivedEntry("😀 'x' \"", 2)
        ])
      }).pipe(Effect.provide(layer)))

    it.effect("keeps of an id what was archived last", () =>
      Effect.gen(function*() {
        yield* archive(archivedEntry("a", 1), archivedEntry("b", 1))
        yield* archive(archivedEntry("a", 2))
        assert.deepStrictEqual(yield* (yield* Sidecar).archived, [archivedEntry("b", 1), archivedEntry("a", 2)])
      }).pipe(Effect.provide(layer)))

    it.effect("holds the lock after it has archived", () =>
      Effect.gen(function*() {
        const { withLock } = yield* Sidecar
        const events: Array<string> = []
        const one = (name: string) =>
          withLock((lock) =>
            lock.archive([archivedEntry(name, 1)]).pipe(
              Effect.andThen(Effect.sync(() => void events.push(`${name} in`))),
              Effect.andThen(Effect.yieldNow),
              Effect.andThen(Effect.sync(() => void events.push(`${name} out`)))
            )
          )
        yield* Effect.forEach(["a", "b"], one, { concurrency: "unbounded" })
        assert.deepStrictEqual(events, ["a in", "a out", "b in", "b out"])
      }).pipe(Effect.provide(layer)))
  })
