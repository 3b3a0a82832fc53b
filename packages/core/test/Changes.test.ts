import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { ProcessEntryJson } from "@zag/core/ProcessEntry"
import type { ProcessChange, ProcessStore } from "@zag/core/ProcessStore"
import { Deferred, Effect, FileSystem, Queue, Schema, Stream } from "effect"
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

/** The changes of a store, one by one. They are watched once this answers. */
const follow = Effect.fnUntraced(function*<R>(
  store: ProcessStore["Service"],
  signal: Effect.Effect<unknown, unknown, R>
) {
  const changes = yield* Queue.unbounded<ProcessChange>()
  const first = yield* Deferred.make<void>()
  yield* store.changes.pipe(
    Stream.runForEach((change) => Effect.andThen(Queue.offer(changes, change), Deferred.succeed(first, undefined))),
    Effect.forkScoped
  )
  // Whether it watches already shows only when something happens.
  yield* Effect.ignore(signal).pipe(Effect.repeat({ until: () => Deferred.isDoneUnsafe(first) }))
  const next = (count: number) =>
    Effect.map(
      Effect.all(Array.from({ length: count }, () => Queue.take(changes))),
      (taken) => taken.map(({ _tag, entry }) => `${_tag} ${entry.id}`)
    )
  /** Passes over what the probing has caused. */
  const skipTo = (last: string) => Effect.repeat(next(1), { until: ([change]) => change === last })
  return { next, skipTo, size: Queue.size(changes) }
})

const live = (name: string, test: Parameters<typeof it.live>[1]) => it.live(name, test, 30_000)

describe("ProcessStore.changes", () => {
  live("tells what another program does, once and in order", () =>
    Effect.gen(function*() {
      const { directory } = yield* makeHome()
      const store = yield* openStore(directory)
      const other = yield* openStore(directory)
      let round = 0
      const { next, size, skipTo } = yield* follow(
        store,
        Effect.suspend(() => Effect.andThen(other.add(entryOf({ id: "probe", pid: ++round })), Effect.sleep(5)))
      )
      yield* other.remove("probe")
      yield* skipTo("removed probe")

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

  live("tells the beginning and the end of what came and went between two looks", () =>
    Effect.gen(function*() {
      const { directory, file } = yield* makeHome("{\"processes\":[]}")
      const store = yield* openStore(directory)
      let round = 0
      const probe = () => encode(entryOf({ id: "probe", pid: ++round }))
      const { next, skipTo } = yield* follow(
        store,
        Effect.suspend(() => Effect.andThen(rewrite(file, [probe()]), Effect.sleep(5)))
      )
      yield* rewrite(file, [])
      yield* skipTo("removed probe")
      yield* rewrite(file, [
        encode(entryOf({ id: "short", status: "exited", exitCode: 0 })),
        encode(entryOf({ id: "b" }))
      ])
      assert.deepStrictEqual(yield* next(3), ["registered short", "finished short", "registered b"])
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)))
})
