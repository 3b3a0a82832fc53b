import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Clock, Effect, Fiber, FileSystem, Option, Ref } from "effect"
import { entryOf } from "./entryOf.ts"
import { makeHome, namesIn, openStore } from "./storeOnDisk.ts"

/** Does something while another program, which knows no better, empties the file and writes it anew. */
const amidWriteInPlace = <A, E, R>(file: string, content: string, deed: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const bytes = new TextEncoder().encode(content)
    const began = yield* Clock.currentTimeMillis
    const opened = yield* fs.open(file, { flag: "w" })
    const fiber = yield* Effect.forkChild(deed, { startImmediately: true })
    yield* opened.writeAll(bytes.subarray(0, 20))
    yield* Effect.yieldNow
    yield* opened.writeAll(bytes.subarray(20))
    const took = (yield* Clock.currentTimeMillis) - began
    return { took, done: yield* Fiber.await(fiber) }
  }).pipe(
    Effect.scoped,
    // What takes longer than the store waits is damage: on a busy machine one of several tries must be quicker.
    Effect.repeat({ until: ({ took }) => took < 100, times: 20 }),
    Effect.flatMap(({ done, took }) => {
      assert.isBelow(took, 100)
      return done
    })
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

  const before = [entryOf({ id: "one" }), entryOf({ id: "two" })]

  it.effect("does not take a write in place for damage", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const { directory, file } = yield* makeHome()
      const store = yield* openStore(directory)
      yield* Effect.forEach(before, store.add)
      const content = yield* fs.readFileString(file)
      for (let i = 0; i < 5; i++) {
        assert.deepStrictEqual((yield* amidWriteInPlace(file, content, store.load)).entries, before)
      }
    }))

  it.effect(
    "loses nothing of a write in place in the middle of which it changes something",
    () =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        const { directory, file } = yield* makeHome()
        const store = yield* openStore(directory)
        yield* Effect.forEach(before, store.add)
        const content = yield* fs.readFileString(file)
        const added = entryOf({ id: "three" })
        yield* amidWriteInPlace(file, content, store.add(added))
        assert.deepStrictEqual((yield* store.load).entries, [...before, added])
        assert.deepStrictEqual(yield* namesIn(directory), ["processes.db", "processes.json"])
      })
  )
})
