import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import * as Printed from "../../src/internal/printedDocument.ts"

interface Document {
  readonly root: { readonly [key: string]: unknown }
  readonly entries: ReadonlyArray<unknown>
}

const whole = ({ entries, root }: Document): string => JSON.stringify({ ...root, processes: entries }, null, 2)

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

const print = (document: Document): string => new TextDecoder().decode(Printed.print(document))

const Position = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }))

const Edit = Schema.Struct({
  at: Position,
  removed: Schema.Literals([0, 1, 2, 20]),
  inserted: Schema.Literals([0, 1, 2, 40])
})

const document = {
  root: Schema.Record(Schema.String, Schema.Json),
  entry: Schema.Json,
  other: Schema.Json,
  count: Schema.Literals([0, 1, 15, 16, 17, 100])
}

// An object of its own, as each entry of a file is.
const copies = (value: Schema.Json, count: number): ReadonlyArray<unknown> =>
  Array.from({ length: count }, (_, index) => index % 3 === 0 ? structuredClone(value) : { index, value })

const raw = (text: string): unknown => (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(text)

describe("printedDocument", () => {
  it.prop(
    "prints what JSON.stringify prints, whatever was printed before",
    { ...document, edits: Schema.Array(Edit) },
    ({ count, edits, entry, other, root }) => {
      let now: Document = { root, entries: copies(entry, count) }
      assert.strictEqual(print(now), whole(now))
      for (const { at, inserted, removed } of edits) {
        const start = Math.floor(at * (now.entries.length + 1))
        now = { root, entries: now.entries.toSpliced(start, removed, ...copies(other, inserted)) }
        assert.strictEqual(print(now), whole(now))
      }
    },
    { arbitrary: { runs: 300 } }
  )

  it.prop(
    "knows its own text from every other",
    { ...document, at: Position, char: Schema.Literals(["", " ", "0", "\"", "é"]) },
    ({ at, char, count, entry, root }) => {
      const one: Document = { root, entries: copies(entry, count) }
      const text = whole(one)
      assert.isTrue(Printed.isPrintOf(one, bytes(text)))
      const start = Math.floor(at * text.length)
      const changed = text.slice(0, start) + char + text.slice(start + 1)
      assert.strictEqual(Printed.isPrintOf(one, bytes(changed)), changed === text)
      assert.isFalse(Printed.isPrintOf(one, bytes(`${text}\n`)))
    },
    { arbitrary: { runs: 300 } }
  )

  it.prop(
    "reads what differs from its print in some entries, and keeps the others as they are",
    { ...document, edits: Schema.Array(Edit) },
    ({ count, edits, entry, other, root }) => {
      let last: Document = { root, entries: copies(entry, count) }
      Printed.print(last)
      for (const { at, inserted, removed } of edits) {
        const start = Math.floor(at * (last.entries.length + 1))
        const entries = last.entries.toSpliced(start, removed, ...copies(other, inserted))
        const read = Printed.parseLike(last, bytes(whole({ root, entries })))
        assert.strictEqual(JSON.stringify(read?.entries), JSON.stringify(entries))
        last = read!
      }
    },
    { arbitrary: { runs: 300 } }
  )

  it.prop(
    "reads nothing that is not said, whatever the content has become",
    {
      ...document,
      at: Position,
      cut: Position,
      char: Schema.Literals(["", " ", "0", "\"", "é", ",", "\n", "{}", "]", ",\n    {}"])
    },
    ({ at, char, count, cut, entry, root }) => {
      const last: Document = { root, entries: copies(entry, count) }
      const text = print(last)
      const start = Math.floor(at * text.length)
      const end = start + Math.floor(cut * cut * (text.length - start))
      const content = text.slice(0, start) + char + text.slice(end)
      const read = Printed.parseLike(last, bytes(content))
      if (read !== undefined) assert.strictEqual(whole(read), content)
    },
    { arbitrary: { runs: 500 } }
  )

  const changes: Readonly<Record<string, (entries: ReadonlyArray<unknown>) => ReadonlyArray<unknown>>> = {
    "appended": (entries) => [...entries, { n: 100 }],
    "changed": (entries) => entries.with(40, { n: -1 }),
    "taken out": (entries) => entries.toSpliced(40, 1),
    "taken out first": (entries) => entries.slice(1),
    "taken out last": (entries) => entries.slice(0, -1)
  }

  it.each(Object.entries(changes))("reads an entry that was %s, and keeps the runs around it", (_, change) => {
    const last = { root: { a: 1, processes: [], b: [2] }, entries: Array.from({ length: 100 }, (_, n) => ({ n })) }
    Printed.print(last)
    const entries = change(last.entries)
    const read = Printed.parseLike(last, bytes(whole({ ...last, entries })))
    assert.deepStrictEqual(read, { ...last, entries })
    const known = new Set<unknown>(last.entries)
    assert.isAtLeast(read!.entries.filter((raw) => known.has(raw)).length, 100 - 2 * 16)
  })

  it("does not read what differs in more than some entries", () => {
    const last = { root: { a: 1, processes: [], b: [2] }, entries: [{ n: 1 }] }
    Printed.print(last)
    for (const text of ["", "{}", whole({ ...last, root: {} }), JSON.stringify(last), `${whole(last)}\n`]) {
      assert.isUndefined(Printed.parseLike(last, bytes(text)))
    }
  })

  it("prints entries that change places, come twice or leave", () => {
    const entries = Array.from({ length: 50 }, (_, index) => ({ index, tree: [[], {}, [{ index }]] }))
    const root = { 7: 1, processes: [], after: [1, { a: null }] }
    for (
      const after of [
        entries,
        entries.toReversed(),
        entries.slice(1),
        entries.slice(0, -1),
        [...entries, ...entries],
        entries.filter(({ index }) => index % 2 === 0),
        entries.with(16, { index: -1, tree: [] }),
        [entries[3], null, "text", 5, [entries[2]], entries[4]],
        entries
      ]
    ) {
      assert.strictEqual(print({ root, entries: after }), whole({ root, entries: after }))
    }
  })

  it("prints numbers as they stand, keys that look like others, and every place of `processes`", () => {
    const root = JSON.parse("{\"__proto__\":{\"a\":1},\"toJSON\":1,\"processes\":0,\"\":[]}") as Document["root"]
    const entries = [{ n: raw("1.0") }, raw("12345678901234567890"), JSON.parse("{\"__proto__\":1}")]
    assert.strictEqual(print({ root, entries }), whole({ root, entries }))
    assert.strictEqual(print({ root: {}, entries }), whole({ root: {}, entries }))
    assert.strictEqual(print({ root, entries: [] }), whole({ root, entries: [] }))
  })

  it("is nobody's print when it is nested deeper than can be printed", () => {
    let deep: unknown = []
    for (let depth = 0; depth < 200_000; depth++) deep = [deep]
    assert.isFalse(Printed.isPrintOf({ root: {}, entries: [deep] }, bytes("{\n  \"processes\": [\n    []")))
  })
})
