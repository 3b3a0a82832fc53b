import { describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { assertSalvaged, compact, type Edit, pretty, type Registry } from "./damagedRegistry.ts"

const every = (step: number, { bytes }: Registry): ReadonlyArray<number> =>
  Array.from({ length: Math.ceil(bytes.length / step) }, (_, n) => n * step)

const insert = (at: number, put: Edit["put"]): Edit => ({ start: at, end: at, put })
const cut = (start: number, end: number): Edit => ({ start, end, put: "" })
const over = (start: number, put: string): Edit => ({ start, end: start + put.length, put })

const binary = Uint8Array.from({ length: 256 }, (_, n) => n)

/** Where the n-th entry begins and ends; the middle is in its prompt or near it. */
const place = ({ entries }: Registry, n: number) => {
  const { end, start } = entries[n]!
  return { start, end, middle: (start + end) >> 1 }
}

const kinds: Readonly<Record<string, (registry: Registry) => ReadonlyArray<Edit>>> = {
  "nothing": () => [],
  "a byte order mark": () => [insert(0, "\ufeff")],
  "the byte order mark of UTF-16": () => [insert(0, Uint8Array.of(0xff, 0xfe))],
  "NUL bytes before it": () => [insert(0, "\0".repeat(512))],
  "NUL bytes after it": ({ bytes }) => [insert(bytes.length, "\0".repeat(512))],
  "its beginning replaced by NUL bytes": () => [over(0, "\0".repeat(700))],
  "its middle replaced by NUL bytes": (r) => [over(place(r, 6).middle, "\0".repeat(700))],
  "NUL bytes between two entries": (r) => [insert(place(r, 3).end, "\0\0\0")],
  "its beginning cut off": (r) => [cut(0, place(r, 4).middle)],
  "its end cut off": (r) => [cut(place(r, 9).middle, r.bytes.length)],
  "its middle cut out": (r) => [cut(place(r, 3).middle, place(r, 7).middle)],
  "everything around the entries cut off": (r) => [cut(0, place(r, 0).start), cut(place(r, 13).end, r.bytes.length)],
  "its last bracket missing": ({ bytes }) => [cut(bytes.length - 1, bytes.length)],
  "its first bracket missing": () => [cut(0, 1)],
  "the bracket of the list missing": (r) => [cut(place(r, 0).start - 10, place(r, 0).start)],
  "a comma missing": (r) => [over(place(r, 2).end, " ")],
  "a comma too many": (r) => [insert(place(r, 2).end, ",")],
  "a comma behind the last entry": (r) => [insert(place(r, 13).end, ",")],
  "an opening brace missing": (r) => [cut(place(r, 5).start, place(r, 5).start + 1)],
  "a closing brace missing": (r) => [cut(place(r, 5).end - 1, place(r, 5).end)],
  "a closing and the next opening brace missing": (r) => [
    cut(place(r, 5).end - 1, place(r, 5).end),
    cut(place(r, 6).start, place(r, 6).start + 1)
  ],
  "a bracket too many": (r) => [insert(place(r, 8).end, "]}")],
  "an opening brace too many": (r) => [insert(place(r, 8).start, "{")],
  "a quote too many before an entry": (r) => [insert(place(r, 4).start, "\"")],
  "a quote too many in an entry": (r) => [insert(place(r, 4).middle, "\"")],
  "an odd number of quotes in several entries": (r) => [1, 4, 9].map((n) => insert(place(r, n).middle, "\"")),
  "a backslash before an entry": (r) => [insert(place(r, 4).start, "\\")],
  "the beginning of an object before an entry": (r) => [insert(place(r, 4).start, "{\"a\": [\"{\", {\"b\": ")],
  "garbage before it": () => [insert(0, "#!/bin/sh\necho {\"id\": $$}\n")],
  "garbage after it": ({ bytes }) => [insert(bytes.length, "\n}}]\"]{\"id\": \"")],
  "garbage between entries": (r) => [insert(place(r, 3).end, "<<<<<<< HEAD\n"), insert(place(r, 4).end, "=======\n")],
  "binary between entries": (r) => [insert(place(r, 3).end, binary)],
  "binary in an entry": (r) => [insert(place(r, 3).middle, binary)],
  "bytes that are not UTF-8": (r) => [
    insert(place(r, 3).end, Uint8Array.of(0xc3)),
    insert(place(r, 5).middle, Uint8Array.of(0xed, 0xa0, 0x80))
  ],
  "a line end in a string": (r) => [insert(place(r, 7).middle, "\n")],
  "line comments": (r) => [insert(place(r, 7).end, " // \"the {last} one\"\n")],
  "a block of it written twice": (
    r
  ) => [insert(place(r, 3).middle, r.bytes.slice(place(r, 3).middle - 300, place(r, 3).middle))],
  "a write torn by another one": (r) => [
    { start: place(r, 6).middle, end: place(r, 6).end, put: r.bytes.slice(place(r, 9).middle, place(r, 9).end) }
  ],
  "numbers in the place of names": (r) => [over(place(r, 2).start + 1, " 12345 ")]
}

describe.each([["pretty", pretty], ["compact", compact]] as const)("salvage of a %s registry", (_, registry) => {
  it.each(Object.entries(kinds))("with %s", (_, edits) => assertSalvaged(registry, edits(registry)))

  it("cut off at every 97th byte", () => {
    for (const at of every(97, registry)) {
      assertSalvaged(registry, [cut(at, registry.bytes.length)], `to ${at}`)
      assertSalvaged(registry, [cut(0, at)], `from ${at}`)
    }
  })

  it("with a bit flipped at every 101st byte", () => {
    for (const at of every(101, registry)) {
      for (let bit = 0; bit < 8; bit++) {
        const put = Uint8Array.of(registry.bytes[at]! ^ (1 << bit))
        assertSalvaged(registry, [{ start: at, end: at + 1, put }], `bit ${bit} of ${at}`)
      }
    }
  })

  it.each(["", "\0", "\"", "\\", "{", "}", "[", "]", ",", ":", "\n", "{\"", "\"}", "null", "\u00e9"])(
    "with %j in the place of every 13th byte",
    (put) => {
      for (const at of every(13, registry)) assertSalvaged(registry, [{ start: at, end: at + 1, put }], `at ${at}`)
    }
  )

  it("with a page of NUL bytes over every 113th byte", () => {
    for (const at of every(113, registry)) assertSalvaged(registry, [over(at, "\0".repeat(512))], `at ${at}`)
  })

  const At = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: registry.bytes.length }))

  it.prop(
    "whatever is put in or cut out, in two places",
    {
      ats: Schema.Tuple([At, At]),
      cuts: Schema.Tuple([
        Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 700 })),
        Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 3 }))
      ]),
      pieces: Schema.Array(Schema.Union([
        Schema.Literals(["\"", "{", "}", "]", "[", ",", ":", "null", "\\", "\0", "\n", " ", "{\"id\":"]),
        Schema.String
      ]))
    },
    ({ ats, cuts, pieces }) => {
      const [first, second] = ats.toSorted((self, that) => self - that) as [number, number]
      const put = pieces.join("")
      assertSalvaged(registry, [
        { start: first, end: Math.min(first + cuts[0], second), put },
        { start: second, end: Math.min(second + cuts[1], registry.bytes.length), put }
      ])
    },
    { arbitrary: { runs: 400 } }
  )
})
