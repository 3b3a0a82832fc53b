/**
 * What every `ProcessStore` must do, whatever it keeps its entries in.
 */
import { assert, describe, it } from "@effect/vitest"
import type { ProcessEntry } from "@zag/core/ProcessEntry"
import { ProcessStore } from "@zag/core/ProcessStore"
import { Arbitrary, Effect, type Layer, Option, Schema } from "effect"
import { TestClock } from "effect/testing"
import { entryOf } from "./entryOf.ts"

const ids = (entries: ReadonlyArray<ProcessEntry>): ReadonlyArray<string> => entries.map(({ id }) => id)

const addAll = (entries: ReadonlyArray<ProcessEntry>) =>
  Effect.gen(function*() {
    const store = yield* ProcessStore
    yield* Effect.forEach(entries, (entry) => store.add(entry), { discard: true })
    return store
  })

const Ids = Schema.Literals(["a", "b", "c"])

const Pids = Schema.Literals([1, 2])

const commands = Arbitrary.array(
  Arbitrary.schema(Schema.Union([
    Schema.TaggedStruct("add", { id: Ids, pid: Pids }),
    Schema.TaggedStruct("updatePid", { id: Ids, pid: Pids }),
    Schema.TaggedStruct("remove", { id: Ids })
  ])),
  { maxLength: 12 }
)

export const suite = <E>(name: string, layer: Layer.Layer<ProcessStore, E>) =>
  describe(name, () => {
    it.effect("is empty at first", () =>
      Effect.gen(function*() {
        const store = yield* ProcessStore
        assert.deepStrictEqual(yield* store.load, { entries: [], unreadable: [] })
        assert.deepStrictEqual(yield* store.list, { entries: [], unreadable: [] })
        assert.deepStrictEqual(yield* store.find("a"), Option.none())
      }).pipe(Effect.provide(layer)))

    it.effect("keeps what is added, in the order it was added", () =>
      Effect.gen(function*() {
        const entries = ["b", "a", "c"].map((id) => entryOf({ id, prompt: `😀\n${id}`, exitCode: -15 }))
        const store = yield* addAll(entries)
        assert.deepStrictEqual((yield* store.load).entries, entries)
        assert.deepStrictEqual(yield* store.find("a"), Option.some(entries[1]!))
      }).pipe(Effect.provide(layer)))

    it.effect("puts an entry in place of the one with its id, at the end", () =>
      Effect.gen(function*() {
        const store = yield* addAll([entryOf({ id: "a", exitCode: 3 }), entryOf({ id: "b" })])
        yield* store.add(entryOf({ id: "a", provider: "codex" }))
        assert.deepStrictEqual((yield* store.load).entries, [
          entryOf({ id: "b" }),
          entryOf({ id: "a", provider: "codex" })
        ])
      }).pipe(Effect.provide(layer)))

    it.effect("finds by the whole id only", () =>
      Effect.gen(function*() {
        const store = yield* addAll([entryOf({ id: "abc" }), entryOf({ id: "é" })])
        for (const id of ["", "a", "ab", "ABC", "abcd", "abc ", "e\u0301"]) {
          assert.deepStrictEqual(yield* store.find(id), Option.none())
        }
        assert.deepStrictEqual(yield* store.find("é"), Option.some(entryOf({ id: "é" })))
      }).pipe(Effect.provide(layer)))

    it.effect("lists the newest first", () =>
      Effect.gen(function*() {
        const store = yield* addAll([
          entryOf({ id: "no time", startedAt: "yesterday" }),
          entryOf({ id: "old", startedAt: "2025-01-01T00:00:00Z" }),
          entryOf({ id: "a", startedAt: "2026-01-01T00:00:00.000000001Z" }),
          entryOf({ id: "b", startedAt: "2026-01-01T01:00:00.000000001+01:00" }),
          entryOf({ id: "before", startedAt: "2026-01-01T00:00:00Z" })
        ])
        assert.deepStrictEqual(ids((yield* store.list).entries), ["b", "a", "before", "old", "no time"])
        assert.deepStrictEqual(ids((yield* store.load).entries), ["no time", "old", "a", "b", "before"])
      }).pipe(Effect.provide(layer)))

    it.effect("changes the pid of one entry and nothing else", () =>
      Effect.gen(function*() {
        const store = yield* addAll([entryOf({ id: "a" }), entryOf({ id: "b" }), entryOf({ id: "c" })])
        const changed = entryOf({ id: "b", pid: 4_294_967_295 })
        assert.deepStrictEqual(yield* store.updatePid("b", 4_294_967_295), Option.some(changed))
        assert.deepStrictEqual((yield* store.load).entries, [entryOf({ id: "a" }), changed, entryOf({ id: "c" })])
      }).pipe(Effect.provide(layer)))

    it.effect("records the end of one entry at the time of the Clock", () =>
      Effect.gen(function*() {
        yield* TestClock.setTime(1_767_225_600_042)
        const store = yield* addAll([entryOf({ id: "a" }), entryOf({ id: "b" })])
        const changed = entryOf({
          id: "a",
          status: "exited",
          exitCode: 7,
          exitedAt: "2026-01-01T00:00:00.042+00:00"
        })
        assert.deepStrictEqual(yield* store.updateStatus("a", "exited", 7), Option.some(changed))
        assert.deepStrictEqual((yield* store.load).entries, [changed, entryOf({ id: "b" })])
      }).pipe(Effect.provide(layer)))

    it.effect("keeps the first end: killed, its time, and a known exit code", () =>
      Effect.gen(function*() {
        const store = yield* addAll([entryOf({ id: "a" })])
        yield* TestClock.setTime(1000)
        yield* store.updateStatus("a", "killed", null)
        yield* TestClock.setTime(2000)
        const code = Option.getOrThrow(yield* store.updateStatus("a", "exited", 143))
        assert.deepInclude(code, { status: "killed", exitCode: 143, exitedAt: "1970-01-01T00:00:01+00:00" })
        yield* TestClock.setTime(3000)
        const again = Option.getOrThrow(yield* store.updateStatus("a", "killed", null))
        assert.deepStrictEqual(again, code)
        assert.deepStrictEqual((yield* store.load).entries, [code])
      }).pipe(Effect.provide(layer)))

    it.effect("makes an exit killed, and keeps its exit code and time", () =>
      Effect.gen(function*() {
        const store = yield* addAll([entryOf({ id: "a" })])
        yield* TestClock.setTime(1000)
        yield* store.updateStatus("a", "exited", 0)
        yield* TestClock.setTime(2000)
        const killed = Option.getOrThrow(yield* store.updateStatus("a", "killed", null))
        assert.deepInclude(killed, { status: "killed", exitCode: 0, exitedAt: "1970-01-01T00:00:01+00:00" })
      }).pipe(Effect.provide(layer)))

    it.effect("takes no end of a running entry for granted", () =>
      Effect.gen(function*() {
        const store = yield* addAll([entryOf({ id: "a", exitCode: 3, exitedAt: "2020-01-01T00:00:00+00:00" })])
        yield* TestClock.setTime(1000)
        const ended = Option.getOrThrow(yield* store.updateStatus("a", "exited", null))
        assert.deepInclude(ended, { status: "exited", exitCode: 3, exitedAt: "1970-01-01T00:00:01+00:00" })
      }).pipe(Effect.provide(layer)))

    it.effect("ends an entry with a status of another writer, and gives it a time", () =>
      Effect.gen(function*() {
        const store = yield* addAll([entryOf({ id: "a", status: "paused" })])
        const ended = Option.getOrThrow(yield* store.updateStatus("a", "exited", 0))
        assert.deepInclude(ended, { status: "exited", exitCode: 0, exitedAt: "1970-01-01T00:00:00+00:00" })
      }).pipe(Effect.provide(layer)))

    it.effect("answers none for an id it does not have, and changes nothing", () =>
      Effect.gen(function*() {
        const store = yield* addAll([entryOf({ id: "abc" })])
        assert.deepStrictEqual(yield* store.updatePid("ab", 1), Option.none())
        assert.deepStrictEqual(yield* store.updateStatus("ab", "killed", 1), Option.none())
        assert.isFalse(yield* store.remove("ab"))
        assert.deepStrictEqual((yield* store.load).entries, [entryOf({ id: "abc" })])
      }).pipe(Effect.provide(layer)))

    it.effect("removes an entry once", () =>
      Effect.gen(function*() {
        const store = yield* addAll([entryOf({ id: "a" }), entryOf({ id: "b" })])
        assert.isTrue(yield* store.remove("a"))
        assert.isFalse(yield* store.remove("a"))
        assert.deepStrictEqual((yield* store.load).entries, [entryOf({ id: "b" })])
      }).pipe(Effect.provide(layer)))

    it.effect("loses no change of many fibers", () =>
      Effect.gen(function*() {
        const store = yield* ProcessStore
        const numbers = Array.from({ length: 200 }, (_, index) => index)
        yield* Effect.forEach(numbers, (n) => store.add(entryOf({ id: `id-${n}` })), { concurrency: "unbounded" })
        yield* Effect.forEach(
          numbers,
          (n) => n % 2 === 0 ? Effect.asVoid(store.updatePid(`id-${n}`, n)) : Effect.asVoid(store.remove(`id-${n}`)),
          { concurrency: "unbounded" }
        )
        const { entries } = yield* store.load
        assert.deepStrictEqual(
          new Set(entries.map(({ id, pid }) => `${id} ${pid}`)),
          new Set(numbers.filter((n) => n % 2 === 0).map((n) => `id-${n} ${n}`))
        )
      }).pipe(Effect.provide(layer)))

    it.effect("stays usable after a change that could not be made", () =>
      Effect.gen(function*() {
        const store = yield* addAll([entryOf({ id: "a" })])
        yield* Effect.exit(store.updatePid("a", -1))
        assert.deepStrictEqual((yield* store.load).entries, [entryOf({ id: "a" })])
        yield* store.updatePid("a", 5)
        assert.deepStrictEqual((yield* store.load).entries, [entryOf({ id: "a", pid: 5 })])
      }).pipe(Effect.provide(layer)))

    it.effect.prop("does what a list of entries would do", { commands }, ({ commands }) =>
      Effect.gen(function*() {
        const store = yield* ProcessStore
        let model: ReadonlyArray<{ readonly id: string; readonly pid: number }> = []
        for (const command of commands) {
          const { id } = command
          switch (command._tag) {
            case "add":
              yield* store.add(entryOf({ id, pid: command.pid }))
              model = [...model.filter((one) => one.id !== id), { id, pid: command.pid }]
              break
            case "updatePid":
              yield* store.updatePid(id, command.pid)
              model = model.map((one) => one.id === id ? { id, pid: command.pid } : one)
              break
            case "remove":
              assert.strictEqual(yield* store.remove(id), model.some((one) => one.id === id))
              model = model.filter((one) => one.id !== id)
          }
        }
        assert.deepStrictEqual((yield* store.load).entries.map(({ id, pid }) => ({ id, pid })), model)
      }).pipe(Effect.provide(layer, { local: true })), { arbitrary: { runs: 25 } })
  })
