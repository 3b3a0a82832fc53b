import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import type { ProcessStore } from "@zag/core/ProcessStore"
import { Clock, Effect, Fiber, FileSystem, Option, Ref } from "effect"
import { entryOf } from "./entryOf.ts"
import { makeHome, namesIn, openStore } from "./storeOnDisk.ts"

const before = [entryOf({ id: "one" }), entryOf({ id: "two" })]

/** What comes of a deed while another program, which knows no better, empties the file and writes the same anew. */
const amidWriteInPlace = <A, E>(deed: (store: ProcessStore["Service"]) => Effect.Effect<A, E>) =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const { directory, file } = yield* makeHome()
    const store = yield* openStore(directory)
    yield* Effect.forEach(before, store.add)
    const content = yield* fs.readFile(file)
    const began = yield* Clock.currentTimeMillis
    const opened = yield* fs.open(file, { flag: "w" })
    const fiber = yield* Effect.forkChild(deed(store), { startImmediately: true })
    yield* opened.writeAll(content.subarray(0, 20))
    yield* Effect.yieldNow
    yield* opened.writeAll(content.subarray(20))
    const took = (yield* Clock.currentTimeMillis) - began
    return { took, done: yield* Fiber.await(fiber), directory, store }
  }).pipe(
    // What takes longer than the store waits is damage: on a busy machine one of several tries must be quicker.
    Effect.repeat({ until: ({ took }) => took < 100, times: 20 }),
    Effect.tap(({ took }) => Effect.sync(() => assert.isBelow(took, 100)))
  )

layer(NodeServices.layer, { excludeTestServices: true })("ProcessStore.layer with a writer and readers", (it) => {
  it.effect("never shows a file that is half written, nor an older one than before", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const { directory, file } = yield* makeHome()
      const writer = yield* openStore(directory)
      yield* Effect.forEach(Array.from({ length: 50 }, (_, n) => `id-${n}`), (id) =>
        writer.add(entryOf({ id, pid: 0, prompt: "x".repeat(400) })))
      const done = yield* Ref.make(false)

      const readUntilDone = Effect.gen(function*() {
        const reader = yield* openStore(directory)
        let last = 0
        let reads = 0
        while (!(yield* Ref.get(done))) {
          const { entries, unreadable } = yield* reader.load
          assert.strictEqual(entries.length, 50)
          assert.deepStrictEqual(unreadable, [])
          const { pid } = Option.getOrThrow(yield* reader.find("id-7"))
          assert.isAtLeast(pid, last)
          last = pid
          reads++
        }
        return reads
      })

      const readers = yield* Effect.forEach([1, 2], () =>
        Effect.forkChild(readUntilDone))
      yield* Effect.forEach(Array.from({ length: 150 }, (_, n) => n + 1), (pid) => writer.updatePid("id-7", pid)).pipe(
        Effect.ensuring(Ref.set(done, true))
      )
      for (const reads of yield* Fiber.joinAll(readers)) assert.isAtLeast(reads, 1)
      assert.strictEqual(Option.getOrThrow(yield* writer.find("id-7")).pid, 150)
      assert.deepStrictEqual(yield* namesIn(directory), ["processes.db", "processes.json"])
      assert.include(yield* fs.readFileString(file), "\"pid\": 150")
    }))

  it.effect("finishes the changes of others when one that waits is given up", () =>
    Effect.gen(function*() {
      const { directory } = yield* makeHome()
      const store = yield* openStore(directory)
      const adding = yield* Effect.forEach(
        Array.from({ length: 30 }, (_, n) => n),
        (n) => Effect.forkChild(Effect.exit(store.add(entryOf({ id: `id-${n}` }))))
      )
      yield* Effect.forEach(adding.filter((_, n) => n % 3 === 0), Fiber.interrupt)
      yield* Effect.forEach(adding.filter((_, n) => n % 3 !== 0), Fiber.join)
      const ids = new Set((yield* store.load).entries.map(({ id }) => id))
      for (let n = 0; n < 30; n++) if (n % 3 !== 0) assert.isTrue(ids.has(`id-${n}`), `id-${n}`)
      yield* store.add(entryOf({ id: "later" }))
      assert.isTrue(Option.isSome(yield* store.find("later")))
    }))

  it.effect("does not take a write in place for damage", () =>
    Effect.gen(function*() {
      for (let i = 0; i < 5; i++) {
        const { done } = yield* amidWriteInPlace((store) => store.load)
        assert.deepStrictEqual((yield* done).entries, before)
      }
    }))

  it.effect("loses nothing of a write in place in the middle of which it changes something", () =>
    Effect.gen(function*() {
      const added = entryOf({ id: "three" })
      const { directory, done, store } = yield* amidWriteInPlace((store) => store.add(added))
      yield* done
      assert.deepStrictEqual((yield* store.load).entries, [...before, added])
      assert.deepStrictEqual(yield* namesIn(directory), ["processes.db", "processes.json"])
    }))

  it.effect("does not wait for ever for a file that never is a registry", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const { directory, file } = yield* makeHome("{")
      const store = yield* openStore(directory)
      const log = Effect.andThen(fs.writeFileString(file, "no registry\n", { flag: "a" }), Effect.sleep("20 millis"))
      const { reason } = yield* Effect.raceFirst(Effect.flip(store.load), Effect.forever(log))
      assert.strictEqual(reason._tag, "StoreCorrupt")
    }))
})
