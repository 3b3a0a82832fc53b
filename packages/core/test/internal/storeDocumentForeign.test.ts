import { assert, describe, it } from "@effect/vitest"
import { ProcessEntry } from "@zag/core/ProcessEntry"
import { Option, Result, Schema } from "effect"
import * as Document from "../../src/internal/storeDocument.ts"
import { entryOf } from "../entryOf.ts"
import { printed } from "./printed.ts"

const parse = (text: string): Document.StoreDocument => Result.getOrThrow(Document.parse(text))

// The indentation of `JSON.stringify` is the business of other tests.
const compact = (text: string): string => text.replaceAll(/\n */g, "").replaceAll("\": ", "\":")

const end = (entry: ProcessEntry): ProcessEntry => new ProcessEntry({ ...entry, status: "killed" })

const fields =
  "\"pid\":7,\"provider\":\"p\",\"model\":\"m\",\"command\":\"c\",\"started_at\":\"t\",\"status\":\"running\""
const good = `{"id":"a",${fields}}`

/** Every way to change a document, each of which leaves the first entry as it is. */
const changes: ReadonlyArray<readonly [string, (document: Document.StoreDocument) => Document.StoreDocument]> = [
  ["add", (document) => Document.append(document, entryOf({ id: "new" }))],
  ["update", (document) => Document.update(document, "a", end).document],
  ["remove", (document) => Document.withoutId(document, "a")]
]

const numbers = [
  "12345678901234567890",
  "-12345678901234567890",
  "9007199254740993",
  "1.0",
  "0.10",
  "1e3",
  "1E+3",
  "1e400",
  "-0",
  "-0.0",
  "0.1000000000000000055511151231257827",
  "5e-324"
]

describe.each(changes)("storeDocument: %s", (_name, change) => {
  it("keeps top-level keys nobody knows, in their places", () => {
    const text = compact(
      printed(change(parse(`{"version":2,"processes":[${good}],"meta":{"b":[1,null,"x"],"a":{}}}`)))
    )
    assert.isTrue(text.startsWith("{\"version\":2,\"processes\":["), text)
    assert.isTrue(text.endsWith("],\"meta\":{\"b\":[1,null,\"x\"],\"a\":{}}}"), text)
  })

  it("keeps keys of other entries nobody knows", () => {
    const other = `{"host":"h","id":"other",${fields},"tree":{"pids":[1,2]}}`
    assert.include(compact(printed(change(parse(`{"processes":[${other},${good}]}`)))), other)
  })

  it.each([
    "{}",
    "{\"id\":\"broken\"}",
    `{"id":"a2","pid":-1,"provider":null}`,
    "null",
    "17",
    "\"text\"",
    "[]",
    "[[\"a\"]]",
    `{"id":{"id":"a"},${fields}}`,
    `{"id":["a"],${fields}}`,
    `{"id":"lone \\ud800",${fields}}`
  ])("keeps %s, which is no entry, as it stands", (raw) => {
    const text = compact(printed(change(parse(`{"processes":[${raw},${good}]}`))))
    assert.isTrue(text.startsWith(`{"processes":[${raw}`), text)
  })

  it.each(numbers)("keeps the number %s in places nobody knows", (number) => {
    const other = `{"id":"other",${fields},"n":${number},"deep":[${number},{"n":[${number}]}]}`
    const text = compact(printed(change(parse(`{"v":${number},"processes":[${other},${number},${good}]}`))))
    assert.isTrue(text.startsWith(`{"v":${number},"processes":[${other},${number}`), text)
  })

  it("keeps a key named __proto__ and takes no fields from it", () => {
    const proto = `"__proto__":{"pid":1,"id":"stolen","n":1.0}`
    const other = `{"id":"other",${proto}}`
    const document = parse(`{${proto},"processes":[${other},${good}]}`)
    const text = compact(printed(change(document)))
    assert.isTrue(text.startsWith(`{${proto},"processes":[${other}`), text)
    assert.isTrue(Option.isNone(Document.find(document, "stolen")))
  })
})

describe("storeDocument.update", () => {
  it("keeps the unknown keys of the entry it changes, in their places", () => {
    const raw = `{"host":"h","id":"a",${fields},"n":1.0,"__proto__":{"x":1e3}}`
    const { document } = Document.update(parse(`{"processes":[${raw}]}`), "a", end)
    const text = compact(printed(document))
    assert.isTrue(text.startsWith("{\"processes\":[{\"host\":\"h\",\"id\":\"a\",\"pid\":7,"), text)
    assert.include(text, "\"status\":\"killed\",\"n\":1.0,\"__proto__\":{\"x\":1e3}")
  })
})

describe("storeDocument.decodeEntry", () => {
  it("reads good entries beside bad ones", () => {
    const { entries } = parse(`{"processes":[null,${good},{"id":"b"},{"id":"c",${fields},"n":1.0}]}`)
    assert.deepStrictEqual(entries.map((raw) => Result.isSuccess(Document.decodeEntry(raw))), [
      false,
      true,
      false,
      true
    ])
  })

  it("says in one line everything that is wrong with an entry", () => {
    const [raw] = parse("{\"processes\":[{\"id\":\"x\",\"pid\":-1,\"model\":1}]}").entries
    const problem = Result.getFailure(Document.decodeEntry(raw))
    for (const key of ["pid", "provider", "model", "command", "started_at", "status"]) {
      assert.include(Option.getOrThrow(problem), `"${key}"`)
    }
    assert.notInclude(Option.getOrThrow(problem), "\n")
  })

  // `zag` reads none of these as an integer either.
  it.each(["1.0", "1e3", "-0", "12345678901234567890", "4294967296"])("does not take %s for a pid", (pid) => {
    const [raw] = parse(`{"processes":[{"id":"x",${fields.replace("7", pid)}}]}`).entries
    assert.isTrue(Result.isFailure(Document.decodeEntry(raw)))
  })
})

describe("numbers in a store", () => {
  // The sign, the digits and the exponent of any number that JSON can write.
  const Parts = {
    sign: Schema.Literals(["", "-"]),
    whole: Schema.Literals([
      "0",
      "1",
      "10",
      "100000",
      "4294967296",
      "123456789012345",
      "9007199254740993",
      "9".repeat(40)
    ]),
    fraction: Schema.Literals(["", ".0", ".5", ".10", ".123456789012345678901234567890"]),
    exponent: Schema.Literals(["", "e0", "E5", "e+05", "e-7", "e999", "e-999"])
  }

  it.prop("are written as they were read", Parts, ({ exponent, fraction, sign, whole }) => {
    const number = sign + whole + fraction + exponent
    const text = `{"processes":[{"id":"x","n":${number}},[ ${number}]],"n":\n${number}}`
    assert.strictEqual(
      compact(printed(parse(text))),
      `{"processes":[{"id":"x","n":${number}},[${number}]],"n":${number}}`
    )
  }, { arbitrary: { runs: 600 } })
})
