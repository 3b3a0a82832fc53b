import { assert, describe, it } from "@effect/vitest"
import { newestFirst, type ProcessEntry, ProcessEntryJson } from "@zag/core/ProcessEntry"
import { Effect, Schema } from "effect"
import { entryOf } from "./entryOf.ts"
import order from "./fixtures/order-of-zag.json" with { type: "json" }
import recorded from "./fixtures/recorded.json" with { type: "json" }

const Store = Schema.fromJsonString(Schema.Struct({ processes: Schema.Array(ProcessEntryJson) }))
const Listed = Schema.fromJsonString(Schema.Array(ProcessEntryJson))

// What `zag` does to the sorted entries: first the limit, then one filter.
const select = (args: ReadonlyArray<string>) => (entries: ReadonlyArray<ProcessEntry>): ReadonlyArray<ProcessEntry> => {
  const [flag, value] = args.slice(args.indexOf("list") + 1)
  switch (flag) {
    case undefined:
      return entries
    case "-n":
      return entries.slice(0, Number(value))
    case "-p":
      return entries.filter((entry) => entry.provider === value)
    case "--children":
      return entries.filter((entry) => entry.parentProcessId === value || entry.parentSessionId === value)
    default:
      return assert.fail(`the flag ${flag} is not known here`)
  }
}

const lists = recorded.cases.filter(({ args, file, rc }) =>
  rc === 0 && file !== null && args.includes("--json") && args.includes("list") && !args.includes("--running")
)

describe("newestFirst", () => {
  it("orders as the real zag ordered times of every kind and ids beyond U+FFFF", () => {
    const entries = order.entries.map(({ id, started_at }, index) =>
      entryOf({ id, startedAt: started_at, prompt: String(index) })
    )
    const sorted = entries.toSorted(newestFirst).map((entry) => Number(entry.prompt))
    assert.deepStrictEqual(sorted, order.newest_first)
  })

  it.effect.each(lists.map((one, index) => ({ ...one, title: `${index}: ${one.args.join(" ")}` })))(
    "orders as the real zag did in recorded list $title",
    ({ args, file, stdout }) =>
      Effect.gen(function*() {
        const { processes } = yield* Schema.decodeUnknownEffect(Store)(file)
        const listed = yield* Schema.decodeEffect(Listed)(stdout)
        assert.deepStrictEqual(select(args)(processes.toSorted(newestFirst)), listed)
      })
  )

  it("has enough recorded lists with entries in them", () => {
    assert.isAtLeast(lists.filter(({ stdout }) => stdout !== "[]\n").length, 8)
  })

  it("keeps the order of the file between entries with one id and one time", () => {
    const entries = ["1", "2", "3"].map((prompt) => entryOf({ prompt }))
    assert.deepStrictEqual(entries.toSorted(newestFirst), entries)
  })

  it.prop("is an order: the same whatever the order of the file", {
    entries: Schema.Array(Schema.Struct({
      id: Schema.Literals(["a", "b", "é", "\uff5e", "😀", ""]),
      startedAt: Schema.Literals([
        "2026-01-01T00:00:00Z",
        "2026-01-01T01:00:00+01:00",
        "2025-01-01T00:00:00Z",
        "no",
        ""
      ])
    }))
  }, ({ entries }) => {
    const sorted = entries.map((fields) => entryOf(fields)).toSorted(newestFirst)
    for (const [index, later] of sorted.slice(1).entries()) {
      assert.isAtMost(newestFirst(sorted[index]!, later), 0)
      assert.strictEqual(newestFirst(later, sorted[index]!) + newestFirst(sorted[index]!, later), 0)
    }
    const again = sorted.toReversed().toSorted(newestFirst)
    assert.deepStrictEqual(again.map(({ id }) => id), sorted.map(({ id }) => id))
  })
})
