import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { ProcessControl } from "@zag/core/ProcessControl"
import { ProcessStore, type PruneOptions } from "@zag/core/ProcessStore"
import { Sidecar } from "@zag/core/Sidecar"
import { SidecarError, SidecarUnusable } from "@zag/core/SidecarError"
import { layerOsProcess, testSpace } from "@zag/core/testing"
import { ZagHome } from "@zag/core/ZagHome"
import { Context, Effect, FileSystem, Layer, Option } from "effect"
import { TestClock } from "effect/testing"
import { entryOf } from "./entryOf.ts"
import { at, given } from "./givenProcesses.ts"
import { layerSidecar } from "./sidecarOnDisk.ts"
import { makeHome, openStore, stateOf } from "./storeOnDisk.ts"

const day = (n: number, hour = 0) => `2026-01-${String(n).padStart(2, "0")}T${String(hour).padStart(2, "0")}:00:00Z`

/** Began at its day, and ended in the same hour unless told otherwise. */
const ended = (id: string, n: number, fields: Parameters<typeof entryOf>[0] = {}) =>
  entryOf({ id, startedAt: day(n), status: "exited", exitCode: 0, exitedAt: day(n), ...fields })

const runs = entryOf({ id: "runs", startedAt: day(1) })

const entries = [
  ended("a", 1, { exitedAt: day(9) }),
  ended("b", 2, { status: "killed" }),
  runs,
  ended("c", 3, { exitedAt: null }),
  ended("d", 4, { status: "killed" }),
  entryOf({ id: "paused", startedAt: day(1), status: "paused" })
]

const raw = (provider: string) =>
  `{"id":"a","pid":1,"provider":"${provider}","model":"","command":"run","started_at":"${day(1)}","status":"exited"}`

const ids = (some: ReadonlyArray<{ readonly id: string }>) => some.map(({ id }) => id).join(" ")

const idsIn = (content: Effect.Effect<{ readonly entries: ReadonlyArray<{ readonly id: string }> }, unknown>) =>
  Effect.map(content, ({ entries }) => ids(entries))

const addAll = (store: ProcessStore["Service"], some: ReadonlyArray<ReturnType<typeof entryOf>>) =>
  Effect.forEach(some, (entry) => store.add(entry), { discard: true })

layer(NodeServices.layer)("ProcessStore.prune", (it) => {
  it.effect.each<readonly [string, PruneOptions, string]>([
    ["nothing without a condition", {}, ""],
    ["nothing without a condition that is one", { rootGone: false, dryRun: false }, ""],
    ["all but the newest", { keep: 1 }, "c b a"],
    ["all with none to keep", { keep: 0 }, "d c b a"],
    ["none where all are to be kept", { keep: 4 }, ""],
    ["all but what half a process more may be", { keep: 2.5 }, "a"],
    ["none where a negative number is to be kept", { keep: -1 }, ""],
    ["none where what is to be kept is no number", { keep: Number.NaN }, ""],
    ["those of any age", { olderThan: 0 }, "d c b a"],
    ["none of a negative age", { olderThan: "-1 days" }, ""],
    ["none of an age that is no number", { olderThan: Number.NaN }, ""],
    ["none of an age whose days are no number", { olderThan: { days: Number.NaN } }, ""],
    ["those of a status", { status: "killed" }, "d b"],
    ["those of long ago, by their end or, where there is none, their start", { olderThan: "6 days" }, "c b"],
    ["none at the very age", { olderThan: "7 days" }, "b"],
    ["those that meet all conditions, keeping the newest of all", { keep: 1, status: "killed" }, "b"],
    ["those that meet all conditions", { olderThan: "1 day", status: "exited" }, "c"]
  ])("moves %s", ([, options, moved]) =>
    Effect.gen(function*() {
      yield* TestClock.setTime(Date.UTC(2026, 0, 10))
      const store = yield* openStore((yield* makeHome()).directory)
      yield* addAll(store, entries)
      assert.strictEqual(ids(yield* store.prune({ ...options, dryRun: true })), moved)
      assert.strictEqual(yield* idsIn(store.load), ids(entries))
      assert.strictEqual(ids(yield* store.prune(options)), moved)
      assert.strictEqual(yield* idsIn(store.archived), moved)
      const left = entries.filter(({ id }) => !moved.split(" ").includes(id))
      assert.deepStrictEqual((yield* store.load).entries, left)
      for (const entry of entries) assert.deepStrictEqual(yield* store.find(entry.id), Option.some(entry))
    }))

  it.effect("moves those whose root is seen to be gone", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const { directory } = yield* makeHome()
      const store = yield* openStore(directory)
      yield* fs.writeFileString(`${directory}/file`, "")
      yield* addAll(store, [
        ended("none", 1),
        ended("there", 2, { root: directory }),
        ended("gone", 3, { root: `${directory}/gone` }),
        ended("relative", 4, { root: "gone" }),
        // A name that is too long: who cannot look does not know.
        ended("unseen", 5, { root: `${directory}/${"x".repeat(300)}` }),
        entryOf({ id: "runs", root: `${directory}/gone` })
      ])
      assert.strictEqual(ids(yield* store.prune({ rootGone: true })), "gone")
      assert.strictEqual(yield* idsIn(store.archived), "gone")
    }))

  it.effect("replaces the file once, and not at all when nothing moves", () =>
    Effect.gen(function*() {
      const { directory, file } = yield* makeHome()
      const store = yield* openStore(directory)
      yield* addAll(store, [...entries, entryOf({ id: "dead", pid: 7 })])
      const other = yield* openStore(directory)
      const before = yield* stateOf(file)
      assert.strictEqual(ids(yield* store.prune({ olderThan: "9000 days" })), "")
      assert.deepStrictEqual(yield* stateOf(file), before)
      // What is dead finishes with the same write.
      assert.strictEqual(
        ids(yield* store.prune({ status: "exited" }, [entryOf({ id: "dead", pid: 7 })])),
        "dead c a"
      )
      assert.strictEqual(yield* idsIn(other.load), "b runs d paused")
      assert.strictEqual(Option.getOrThrow(yield* other.find("dead")).status, "exited")
    }))

  it.effect("leaves an id that is there twice: the archive has one place for it", () =>
    Effect.gen(function*() {
      const { directory } = yield* makeHome(`{"processes":[${raw("x")},${raw("y")},{"id":"odd","status":"exited"}]}`)
      const store = yield* openStore(directory)
      assert.deepStrictEqual(yield* store.prune({ keep: 0 }), [])
      assert.strictEqual(yield* idsIn(store.load), "a a")
    }))

  it.effect("comes before what is asked for meanwhile, and loses none of it", () =>
    Effect.gen(function*() {
      const store = yield* openStore((yield* makeHome()).directory)
      yield* addAll(store, [ended("a", 1), ended("b", 2)])
      const answers = yield* Effect.all([
        store.prune({ keep: 0 }),
        store.remove("a"),
        store.updateStatus("b", "killed", 3),
        store.prune({ keep: 0 }),
        store.add(entryOf({ id: "b" }))
      ], { concurrency: "unbounded" })
      assert.strictEqual([...answers[0], ...answers[3]].map(({ id }) => id).toSorted().join(""), "ab")
      assert.deepStrictEqual((yield* store.load).entries, [entryOf({ id: "b" })])
      assert.isTrue(answers[1] || Option.isSome(yield* store.find("a")))
      assert.strictEqual((yield* store.archived).entries.find(({ id }) => id === "b")?.provider, "claude")
    }))

  it.effect("lets no entry of the archive that cannot be read hide another", () =>
    Effect.gen(function*() {
      const { directory } = yield* makeHome()
      const sidecar = Context.get(yield* Layer.build(layerSidecar(directory)), Sidecar)
      const json = raw("claude")
      yield* sidecar.withLock((lock) =>
        lock.archive([
          { id: "broken", archivedAt: day(1), json: json.slice(0, -1) },
          { id: "a", archivedAt: day(2), json },
          { id: "odd", archivedAt: day(3), json: "{\"id\":\"odd\"}" }
        ])
      )
      const store = yield* openStore(directory)
      const { entries, unreadable } = yield* store.archived
      assert.strictEqual(ids(entries), "a")
      assert.deepStrictEqual(unreadable.map(({ archived, index }) => [index, archived]), [[0, true], [2, true]])
      assert.deepStrictEqual(unreadable[0]!.problem, "Expected object")
      assert.isTrue(Option.isSome(yield* store.find("a")))
      for (const id of ["broken", "odd", "none"]) assert.isTrue(Option.isNone(yield* store.find(id)))
    }))

  it.effect("changes nothing when the archive cannot be written", () =>
    Effect.gen(function*() {
      const { directory, file } = yield* makeHome()
      yield* addAll(yield* openStore(directory), entries)
      const before = yield* stateOf(file)
      const full = new SidecarError({ reason: new SidecarUnusable({ path: "processes.db", problem: "disk full" }) })
      const failing = Layer.effect(
        Sidecar,
        Effect.map(Sidecar, (real) =>
          Sidecar.of({
            ...real,
            withLock: (use) => real.withLock((lock) => use({ ...lock, archive: () => Effect.fail(full) }))
          }))
      ).pipe(Layer.provide(Sidecar.layerSqlite))
      const store = Context.get(
        yield* Layer.build(ProcessStore.layer.pipe(
          Layer.provide(failing),
          Layer.provide([ZagHome.layerAt(directory), layerOsProcess()])
        )),
        ProcessStore
      )
      assert.include((yield* Effect.flip(store.prune({ keep: 0 }))).message, "disk full. Nothing was changed.")
      assert.deepStrictEqual(yield* stateOf(file), before)
      assert.strictEqual(yield* idsIn(store.archived), "")
    }))
})

layer(NodeServices.layer)("ProcessControl.prune", (it) => {
  const identity = { ...testSpace, pid: 102, startTicks: 7 }

  it.effect("moves what is proven dead as well, and nothing that runs or may run", () =>
    Effect.gen(function*() {
      yield* (yield* Sidecar).identify([{ id: "dead", identity }])
      const control = yield* ProcessControl
      const store = yield* ProcessStore
      const dry = yield* control.prune({ keep: 0, dryRun: true })
      assert.strictEqual(ids(dry), "dead done")
      assert.strictEqual(yield* idsIn(store.load), "done dead perhaps runs")
      assert.strictEqual(ids(yield* control.prune({ keep: 0 })), "dead done")
      assert.strictEqual(yield* idsIn(store.load), "perhaps runs")
      assert.deepInclude(Option.getOrThrow(yield* store.find("dead")), { status: "exited", exitCode: null })
      assert.strictEqual((yield* control.resolve("done")).id, "done")
      assert.strictEqual((yield* control.list({ archived: true })).processes.length, 4)
    }).pipe(
      TestClock.withLive,
      given([at("done", 1, { status: "exited" }), at("dead", 2), at("perhaps", 3), at("runs", 4)], {
        processes: [{ pid: 104 }]
      })
    ))
})
