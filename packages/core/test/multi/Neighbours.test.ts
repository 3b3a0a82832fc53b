import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { assertKept, finishAll, startTogether, startWorker } from "./workers.ts"

layer(NodeServices.layer, { excludeTestServices: true })("programs beside others that take no lock", (it) => {
  it.effect("lose none of their changes", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const directory = yield* fs.makeTempDirectoryScoped({ prefix: "zag-core-" })
      yield* fs.writeFileString(`${directory}/processes.json`, "{\"processes\":[]}")
      const neighbours = yield* Effect.forEach([0, 1, 2, 3], (n) => startWorker("neighbour.ts", [directory, `n${n}`]))
      yield* Effect.forEach(neighbours, (neighbour) => neighbour.says("ready"))
      yield* Effect.forEach(neighbours, (neighbour) => neighbour.tell)
      const workers = yield* startTogether([0, 1, 2, 3].map((n) => [directory, "change", `w${n}`, "30"]))
      yield* finishAll(workers)
      yield* Effect.forEach(neighbours, (neighbour) => neighbour.says("saved 3"))
      yield* Effect.forEach(neighbours, (neighbour) => neighbour.tell)
      yield* finishAll(neighbours)
      assert.strictEqual(yield* assertKept(directory, workers), 4 * 80)
    }))
})
