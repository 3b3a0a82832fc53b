import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import type { ProcessStore } from "@zag/core/ProcessStore"
import { ConfigProvider, Effect, FileSystem, Option } from "effect"
import { entryOf } from "./entryOf.ts"
import { query } from "./sidecarOnDisk.ts"
import { makeHome, openStore } from "./storeOnDisk.ts"

const keeping = (limit: string) =>
  Effect.provideService(
    ConfigProvider.ConfigProvider,
    ConfigProvider.fromEnv({ env: limit === "" ? {} : { ZAG_PS_RETENTION: limit } })
  )

/** Ended at its minute; the higher the number, the later it began. */
const ended = (n: number) =>
  entryOf({
    id: `e${n}`,
    startedAt: `2026-01-01T${String(Math.floor(n / 60)).padStart(2, "0")}:${String(n % 60).padStart(2, "0")}:00Z`,
    status: n % 2 === 0 ? "exited" : "killed",
    exitCode: n % 2,
    exitedAt: "2026-02-01T00:00:00Z"
  })

const addEnded = (store: ProcessStore["Service"], from: number, to: number) =>
  Effect.forEach(Array.from({ length: to - from }, (_, n) => from + n), (n) => store.add(ended(n)), { discard: true })

const ids = ({ entries }: { readonly entries: ReadonlyArray<{ readonly id: string }> }) => entries.map(({ id }) => id)

const numbered = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => `e${from + n}`)

/** A registry of so many finished entries. */
const finished = (count: number) =>
  `{"processes":[${
    numbered(0, count).map((id) =>
      `{"id":"${id}","pid":1,"provider":"claude","model":"","command":"run",` +
      `"started_at":"2025-01-01T00:00:00Z","status":"exited"}`
    ).join()
  }]}`

layer(NodeServices.layer)("the retention of ProcessStore.layer", (it) => {
  it.effect("moves the oldest finished entries to the archive once a tenth too many are there", () =>
    Effect.gen(function*() {
      const { directory } = yield* makeHome()
      const store = yield* openStore(directory)
      yield* addEnded(store, 0, 22)
      assert.deepStrictEqual(ids(yield* store.load), numbered(0, 22))
      assert.deepStrictEqual(ids(yield* store.archived), [])
      yield* addEnded(store, 22, 23)
      assert.deepStrictEqual(ids(yield* store.load), numbered(3, 23))
      assert.deepStrictEqual((yield* store.archived).entries, [ended(2), ended(1), ended(0)])
      yield* addEnded(store, 23, 26)
      assert.deepStrictEqual(ids(yield* store.load), numbered(6, 26))
      assert.deepStrictEqual(ids(yield* store.archived), ["e5", "e4", "e3", "e2", "e1", "e0"])
    }).pipe(keeping("20")))

  it.effect("still finds what was moved, in this program and in another", () =>
    Effect.gen(function*() {
      const { directory } = yield* makeHome()
      const store = yield* openStore(directory)
      yield* addEnded(store, 0, 5)
      const other = yield* openStore(directory)
      for (const one of [store, other]) {
        assert.deepStrictEqual(yield* one.find("e0"), Option.some(ended(0)))
        assert.deepStrictEqual(yield* one.find("e4"), Option.some(ended(4)))
        assert.deepStrictEqual(yield* one.find("e5"), Option.none())
      }
      assert.deepStrictEqual(yield* store.updatePid("e0", 1), Option.none())
    }).pipe(keeping("1")))

  it.effect("leaves what runs, what it cannot read and what has a status of another writer", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const { directory, file } = yield* makeHome("{\"processes\":[{\"id\":\"odd\",\"status\":\"exited\"},null]}")
      const store = yield* openStore(directory)
      yield* store.add(entryOf({ id: "runs", startedAt: "2020-01-01T00:00:00Z" }))
      yield* store.add(entryOf({ id: "paused", startedAt: "2020-01-01T00:00:00Z", status: "paused" }))
      yield* addEnded(store, 0, 3)
      const { entries, unreadable } = yield* store.load
      assert.deepStrictEqual(ids({ entries }), ["runs", "paused"])
      assert.strictEqual(unreadable.length, 2)
      assert.include(yield* fs.readFileString(file), "\"odd\"")
      assert.deepStrictEqual(ids(yield* store.archived), ["e2", "e1", "e0"])
    }).pipe(keeping("0")))

  it.effect("keeps every key of what it moves, and the way numbers were written", () =>
    Effect.gen(function*() {
      const entry = "{\"id\":\"e\",\"pid\":1,\"provider\":\"p\",\"model\":\"\",\"command\":\"run\"," +
        "\"started_at\":\"2026-01-01T00:00:00Z\",\"status\":\"exited\",\"theirs\":1.0}"
      const { directory } = yield* makeHome(`{"processes":[${entry}]}`)
      const store = yield* openStore(directory)
      yield* addEnded(store, 0, 1)
      assert.deepStrictEqual(
        yield* query(`${directory}/processes.db`, "SELECT id, entry FROM archive WHERE id = 'e'"),
        [{ id: "e", entry }]
      )
    }).pipe(keeping("0")))

  it.effect("loses nothing of several programs", () =>
    Effect.gen(function*() {
      const { directory } = yield* makeHome()
      const stores = yield* Effect.forEach([0, 1, 2, 3], () => openStore(directory))
      yield* Effect.forEach(stores, (store, n) => addEnded(store, n * 30, n * 30 + 30), { concurrency: "unbounded" })
      const kept = ids(yield* stores[0]!.load)
      const archived = ids(yield* stores[0]!.archived)
      assert.isAtMost(kept.length, 22)
      assert.strictEqual(new Set([...kept, ...archived]).size, 120)
    }).pipe(keeping("20")))

  it.effect("can be switched off", () =>
    Effect.gen(function*() {
      const { directory } = yield* makeHome(finished(1200))
      const store = yield* openStore(directory)
      yield* addEnded(store, 1200, 1201)
      assert.strictEqual((yield* store.load).entries.length, 1201)
      assert.deepStrictEqual(ids(yield* store.archived), [])
    }).pipe(keeping("off")))

  it.effect("keeps 1000 when nothing else is said", () =>
    Effect.gen(function*() {
      const { directory } = yield* makeHome(finished(1100))
      const store = yield* openStore(directory)
      yield* store.add(entryOf({ id: "runs" }))
      assert.strictEqual((yield* store.load).entries.length, 1101)
      yield* addEnded(store, 1100, 1101)
      assert.strictEqual((yield* store.load).entries.length, 1001)
      assert.strictEqual((yield* store.archived).entries.length, 101)
    }).pipe(keeping("")))
})
