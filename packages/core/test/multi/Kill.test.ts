import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { OsProcess } from "@zag/core/OsProcess"
import { ProcessStore } from "@zag/core/ProcessStore"
import { Sidecar } from "@zag/core/Sidecar"
import { ZagHome } from "@zag/core/ZagHome"
import { Config, Effect, Layer } from "effect"
import { lockHolder } from "../../src/internal/lockHolder.ts"
import { entryOf } from "../entryOf.ts"
import { until } from "../realProcess.ts"
import { makeHome, namesIn } from "../storeOnDisk.ts"
import { assertKept, readRegistry, startTogether, type Worker } from "./workers.ts"

const rounds = Config.withDefault(Config.Int("TEST_KILLS"), 8)

const done = ({ lines }: Worker) => lines.filter((line) => line.startsWith("done ")).length

/** Waits until a worker has made so many more changes. */
const goesOn = Effect.fnUntraced(function*(worker: Worker, changes: number) {
  const before = done(worker)
  yield* until(Effect.sync(() => done(worker) >= before + changes))
})

/** Waits until one of them holds the lock. */
const holderOf = Effect.fnUntraced(function*(home: string, workers: ReadonlyArray<Worker>) {
  let holder: Worker | undefined
  yield* until(Effect.sync(() => {
    const pid = Number(/^pid (\d+) /.exec(lockHolder(`${home}/processes.db`) ?? "")?.[1])
    holder = workers.find((worker) => worker.pid === pid)
    return holder !== undefined
  }))
  return holder!
})

const addHere = (home: string, id: string) =>
  Effect.flatMap(ProcessStore, (store) => store.add(entryOf({ id }))).pipe(
    Effect.provide(ProcessStore.layer.pipe(
      Layer.provide(Sidecar.layerSqlite),
      Layer.provide([OsProcess.layer, ZagHome.layerAt(home)])
    ))
  )

const linux = process.platform === "linux"

layer(NodeServices.layer, { excludeTestServices: true })("writers that are killed", (it) => {
  it.effect.skipIf(!linux)(
    "leave a whole file with all that they were told is in it, and no lock",
    () =>
      Effect.gen(function*() {
        const { directory } = yield* makeHome()
        let started = 0
        const start = (count: number) =>
          startTogether(Array.from({ length: count }, () => [directory, "change", `w${started++}`, "1000000"]))
        const all = yield* start(3)
        let alive = all.slice()
        yield* Effect.forEach(alive, (worker) => goesOn(worker, 3), { concurrency: "unbounded" })

        for (let round = 0; round < (yield* rounds); round++) {
          // The one that holds the lock, any of them, or all.
          const victims = round % 4 === 3
            ? alive
            : [round % 2 === 0 ? yield* holderOf(directory, alive) : alive[round % 3]!]
          yield* Effect.forEach(victims, (worker) => worker.kill, { concurrency: "unbounded" })
          yield* assertKept(directory, victims)
          const next = yield* start(victims.length)
          all.push(...next)
          alive = [...alive.filter((worker) => !victims.includes(worker)), ...next]
          yield* Effect.forEach(alive, (worker) => goesOn(worker, 2), { concurrency: "unbounded" })
          const left = (yield* namesIn(directory)).filter((name) =>
            victims.some(({ pid }) => name.includes(`.${pid}.`))
          )
          assert.deepStrictEqual(left, [])
        }

        yield* Effect.forEach(alive, (worker) => worker.kill, { concurrency: "unbounded" })
        yield* assertKept(directory, all)
        yield* addHere(directory, "last")
        assert.isAtLeast(yield* assertKept(directory, all), 50)
        assert.isTrue((yield* readRegistry(directory)).has("last"))
        // Who is killed before anything stands in its journal leaves one that SQLite takes for none, and uses again.
        const left = (yield* namesIn(directory)).filter((name) => name !== "processes.db-journal")
        assert.deepStrictEqual(left, ["processes.db", "processes.json"])
      }),
    // As many rounds as are asked for, on whatever disk.
    600_000
  )
})
