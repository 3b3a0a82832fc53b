import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Config, Effect } from "effect"
import { until } from "../realProcess.ts"
import { makeHome, namesIn, openStore } from "../storeOnDisk.ts"
import { canUnshare, unshare } from "../unshare.ts"
import { assertKept, finishAll, readRegistry, startTogether } from "./workers.ts"

/** How many each of them makes. */
const insertions = (programs: number) => Config.withDefault(Config.Int("TEST_INSERTS"), programs > 8 ? 20 : 50)

const numbered = (count: number, args: (n: number) => ReadonlyArray<string>) =>
  Array.from({ length: count }, (_, n) => args(n))

layer(NodeServices.layer, { excludeTestServices: true, concurrent: false })("several programs at a time", (it) => {
  it.effect.each([8, 16])("lose none of their insertions: %d programs", (count) =>
    Effect.gen(function*() {
      const each = yield* insertions(count)
      const { directory } = yield* makeHome()
      const workers = yield* startTogether(numbered(count, (n) => [directory, "insert", `w${n}`, String(each)]))
      yield* finishAll(workers)
      assert.strictEqual(yield* assertKept(directory, workers), count * each)
      assert.strictEqual((yield* readRegistry(directory)).size, count * each)
      assert.deepStrictEqual(yield* namesIn(directory), ["processes.db", "processes.json"])
    }))

  it.effect("lose no change of several kinds", () =>
    Effect.gen(function*() {
      const { directory } = yield* makeHome()
      const workers = yield* startTogether(numbered(4, (n) => [directory, "change", `w${n}`, "30"]))
      yield* finishAll(workers)
      assert.strictEqual(yield* assertKept(directory, workers), 4 * 80)
      assert.strictEqual((yield* readRegistry(directory)).size, 4 * 10)
    }))

  it.effect("are all registered when 30 of them register", () =>
    Effect.gen(function*() {
      const { directory } = yield* makeHome()
      const workers = yield* startTogether(numbered(30, (n) => [directory, "register", `p${n}`]))
      yield* Effect.forEach(workers, (worker) => until(Effect.sync(() => worker.lines.length === 2)))
      const registry = yield* readRegistry(directory)
      for (const { lines, pid } of workers) assert.strictEqual(registry.get(lines[1]!), String(pid))
      assert.strictEqual(registry.size, 30)
      yield* Effect.forEach(workers, (worker) => worker.tell)
      yield* finishAll(workers)
      const store = yield* openStore(directory)
      const { entries } = yield* store.load
      assert.deepStrictEqual(entries.map(({ status }) => status), workers.map(() => "exited"))
    }))

  it.effect.skipIf(!canUnshare)(
    "lose nothing although they do not see each other's pids",
    () =>
      Effect.gen(function*() {
        const { directory } = yield* makeHome()
        const workers = yield* startTogether(numbered(2, (n) => [directory, "insert", `w${n}`, "50"]), {
          within: unshare
        })
        yield* finishAll(workers)
        assert.strictEqual(yield* assertKept(directory, workers), 100)
        assert.strictEqual((yield* readRegistry(directory)).size, 100)
        assert.deepStrictEqual(yield* namesIn(directory), ["processes.db", "processes.json"])
      })
  )
})
