import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Config, Effect, FileSystem, Predicate } from "effect"
import { makeHome, namesIn } from "../storeOnDisk.ts"
import { finishAll, startTogether, startWorker } from "./workers.ts"

const writers = 8

/** How many each of them records. */
const results = Config.withDefault(Config.Int("TEST_RESULTS"), 200)

const parse = (line: string): unknown => {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

const isEvent = Predicate.isObject

/** What stands in the log when all have written to it. */
const writeTogether = Effect.fnUntraced(function*(how: "whole" | "parts", each: number) {
  const fs = yield* FileSystem.FileSystem
  const { directory } = yield* makeHome()
  const log = `${directory}/log`
  const appender = yield* startWorker("appender.ts", [log, how])
  yield* appender.says("ready")
  yield* appender.tell
  const workers = yield* startTogether(
    Array.from({ length: writers }, (_, n) => [directory, "results", `w${n}`, String(each)])
  )
  yield* finishAll(workers)
  yield* appender.tell
  yield* appender.says("finished")
  const appended = Number(yield* appender.line(1))
  assert.isAbove(appended, 100)
  assert.deepStrictEqual(yield* namesIn(directory), ["log", "processes.db"])

  const text = yield* fs.readFileString(log)
  assert.isTrue(text.endsWith("\n"))
  const lines = text.split("\n").slice(0, -1).filter((line) => line !== "")
  const events = lines.map(parse).filter(isEvent)
  const recorded = events.filter(({ type }) => type === "session_result")
  const expected = Array.from({ length: writers }, (_, n) => Array.from({ length: each }, (_, m) => `w${n}-${m}`))
  assert.sameMembers(recorded.map(({ result }) => result), expected.flat())
  const seqs = recorded.map(({ seq }) => Number(seq))
  assert.deepStrictEqual(seqs, seqs.toSorted((self, that) => self - that))
  assert.lengthOf(new Set(seqs), seqs.length)
  return { appended, broken: lines.length - events.length, others: events.length - recorded.length }
})

layer(NodeServices.layer, { excludeTestServices: true, concurrent: false })("a log to which others add", (it) => {
  it.effect("has each result once, and every line whole, when they write whole lines", () =>
    Effect.gen(function*() {
      const { appended, broken, others } = yield* writeTogether("whole", yield* results)
      assert.strictEqual(broken, 0)
      assert.strictEqual(others, appended)
    }), 300_000)

  it.effect("has each result once when they write lines in two parts, as zag does", () =>
    Effect.gen(function*() {
      const { appended, broken, others } = yield* writeTogether("parts", 50)
      // What they began between our look and our write has our line behind it; ours is written once more then.
      assert.strictEqual(others + broken, appended)
      assert.isBelow(broken, appended / 20)
    }), 300_000)

  it.effect("needs no more memory when it is long", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const memory = Effect.fnUntraced(function*(size: number) {
        const { directory } = yield* makeHome()
        const log = `${directory}/log`
        const events = "{\"seq\":7,\"type\":\"assistant_message\",\"content\":\"some words of an agent\"}\n".repeat(
          1000
        )
        yield* fs.writeFileString(log, events)
        // One line that is longer than memory is, and then as many events again as there is room for.
        if (size > 0) yield* fs.truncate(log, size)
        yield* fs.writeFileString(log, `\n${events.repeat(size === 0 ? 1 : 500)}`, { flag: "a" })
        const [worker] = yield* startTogether([[directory, "results", "w", "1"]])
        yield* finishAll([worker!])
        return Number(yield* worker!.line(1))
      })
      const short = yield* memory(0)
      const long = yield* memory(500 * 1024 * 1024)
      // Kilobytes: a quarter of the log is what the collector of garbage may leave for a while.
      assert.isBelow(long - short, 128 * 1024)
    }))
})
