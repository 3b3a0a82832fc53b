import { NodeServices } from "@effect/platform-node"
import { assert, describe, it, layer } from "@effect/vitest"
import { OsProcess } from "@zag/core/OsProcess"
import { layerOsProcess } from "@zag/core/testing"
import { Effect, FileSystem, Layer } from "effect"
import { start, startAndEnd, startThreads, startZombie, until } from "./realProcess.ts"

/** The memory of a process by another account than the code under test reads: the sum of its mappings. */
const rssOfMappings = Effect.fnUntraced(function*(pid: number) {
  const fs = yield* FileSystem.FileSystem
  const maps = yield* fs.readFileString(`/proc/${pid}/smaps_rollup`)
  return Number(/^Rss:\s*(\d+) kB$/m.exec(maps)![1]) * 1024
})

const usageOf = Effect.fnUntraced(function*(pid: number) {
  return (yield* (yield* OsProcess).usage([pid])).get(pid) ?? assert.fail(`nothing of ${pid}`)
})

describe.skipIf(process.platform !== "linux")("on Linux", () => {
  layer(Layer.merge(OsProcess.layerLinux, NodeServices.layer), { excludeTestServices: true })("usage", (it) => {
    it.effect("tells the memory of a process as its mappings add up", () =>
      Effect.gen(function*() {
        const { pid } = yield* start("sleep", "600")
        const isSame = Effect.gen(function*() {
          const mappings = yield* rssOfMappings(pid)
          // The kernel counts by batches, so the two accounts may differ by some pages of each processor.
          return mappings > 0 && Math.abs((yield* usageOf(pid)).residentBytes - mappings) < mappings / 2
        })
        yield* until(isSame)
      }))

    it.effect("tells computing from sleeping", () =>
      Effect.gen(function*() {
        const { pid: busy } = yield* start("sh", "-c", "while :; do :; done")
        const { pid: idle } = yield* start("sleep", "600")
        yield* until(Effect.map(usageOf(busy), ({ cpuPercent, elapsedMillis }) => cpuPercent > 1 && elapsedMillis > 0))
        assert.isAtMost((yield* usageOf(idle)).cpuPercent, (yield* usageOf(busy)).cpuPercent)
        const before = yield* usageOf(idle)
        yield* until(Effect.map(usageOf(idle), ({ elapsedMillis }) => elapsedMillis > before.elapsedMillis))
      }))

    it.effect("answers for many at once, and leaves out who is gone, has ended, is a thread or no process", () =>
      Effect.gen(function*() {
        const { parent, pid: zombie } = yield* startZombie
        const { pid, thread } = yield* startThreads
        const gone = yield* startAndEnd
        const usage = yield* (yield* OsProcess).usage([parent, zombie, pid, thread, gone, 0, -1, 1.5, Number.NaN])
        assert.deepStrictEqual(Array.from(usage.keys()), [parent, pid])
      }))
  })
})

describe("layerOsProcess", () => {
  it.effect("knows what the test says", () =>
    Effect.gen(function*() {
      const usage = { cpuPercent: 12.5, residentBytes: 4096, elapsedMillis: 1000 }
      const table = layerOsProcess([{ pid: 40, usage }, { pid: 41 }, { pid: 42, usage, state: { _tag: "Zombie" } }])
      const os = yield* Effect.provide(OsProcess, table)
      assert.deepStrictEqual(yield* os.usage([40, 41, 42, 43]), new Map([[40, usage]]))
    }))
})
