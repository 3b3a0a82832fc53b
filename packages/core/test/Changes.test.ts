import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { ProcessEntryJson } from "@zag/core/ProcessEntry"
import type { ProcessChange, ProcessStore } from "@zag/core/ProcessStore"
import { Effect, FileSystem, Option, Queue, Schema, Stream } from "effect"
import { entryOf } from "./entryOf.ts"
import { makeHome, openStore } from "./storeOnDisk.ts"

const encode = Schema.encodeSync(ProcessEntryJson)

const textOf = (processes: ReadonlyArray<object>) => JSON.stringify({ processes })

/** Replaces the file as a program without a lock does. */
const rewrite = Effect.fnUntraced(function*(file: string, entries: ReadonlyArray<object>) {
  const fs = yield* FileSystem.FileSystem
  yield* fs.writeFileString(`${file}.other`, textOf(entries))
  yield* fs.rename(`${file}.other`, file)
})

/** The changes of a store from now on, one by one. */
const follow = Effect.fnUntraced(function*(store: ProcessStore["Service"]) {
  const changes = yield* Queue.unbounded<ProcessChange>()
  yield* (yield* store.subscribe).pipe(Stream.runForEach((change) => Queue.offer(changes, change)), Effect.forkScoped)
  const next = (count: number) =>
    Effect.map(
      Effect.all(Array.from({ length: count }, () => Queue.take(changes))),
      (taken) => taken.map(({ _tag, entry }) => `${_tag} ${entry.id}`)
    )
  return { next, size: Queue.size(changes) }
})

describe("ProcessStore.changes", () => {
  it.live("tells what another program does, once and in order", () =>
    Effect.gen(function*() {
      const { directory } = yield* makeHome()
      const store = yield* openStore(directory)
      const other = yield* openStore(directory)
      const { next, size } = yield* follow(store)
      yield* other.add(entryOf({ id: "a" }))
      assert.deepStrictEqual(yield* next(1), ["registered a"])
      yield* other.updatePid("a", 7)
      assert.deepStrictEqual(yield* next(1), ["updated a"])
      yield* other.updateStatus("a", "exited", 0)
      assert.deepStrictEqual(yield* next(1), ["finished a"])
      yield* other.updateStatus("a", "exited", 3)
      assert.deepStrictEqual(yield* next(1), ["updated a"])
      yield* other.remove("a")
      assert.deepStrictEqual(yield* next(1), ["removed a"])
      assert.strictEqual(yield* size, 0)
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)))

  it.live("tells the beginning and the end of what came and went between two looks", () =>
    Effect.gen(function*() {
      const { directory, file } = yield* makeHome("{\"processes\":[]}")
      const store = yield* openStore(directory)
      const { next } = yield* follow(store)
      yield* rewrite(file, [
        encode(entryOf({ id: "short", status: "exited", exitCode: 0 })),
        encode(entryOf({ id: "b" }))
      ])
      assert.deepStrictEqual(yield* next(3), ["registered short", "finished short", "registered b"])
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)))

  it.live("tells what happens after the subscription, also when nobody listens yet", () =>
    Effect.gen(function*() {
      const { directory } = yield* makeHome()
      const store = yield* openStore(directory)
      const other = yield* openStore(directory)
      yield* other.add(entryOf({ id: "before" }))
      const changes = yield* store.subscribe
      yield* other.add(entryOf({ id: "after" }))
      const told = yield* Stream.runHead(changes)
      assert.deepInclude(Option.getOrThrow(told), { _tag: "registered", entry: entryOf({ id: "after" }) })
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)))
})
