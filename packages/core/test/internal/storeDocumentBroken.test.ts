import { assert, describe, it } from "@effect/vitest"
import { ProcessEntry } from "@zag/core/ProcessEntry"
import { Option, Result, Schema } from "effect"
import * as Document from "../../src/internal/storeDocument.ts"
import { entryOf } from "../entryOf.ts"
import { printed } from "./printed.ts"

const problemOf = (text: string): string =>
  Option.getOrElse(Result.getFailure(Document.parse(text)), () => assert.fail(`taken for a store: ${text}`))

const valid = printed(
  [entryOf({ id: "a", prompt: "\"quoted\" \\ 😀\n" }), entryOf({ id: "b", exitCode: -15 })].reduce(
    (document, entry) => Document.append(document, entry),
    Document.empty
  )
)

// One answer or the other; the property fails if it throws.
const answers = (text: string): void => {
  const result = Document.parse(text)
  if (Result.isFailure(result)) return assert.notStrictEqual(result.failure, "")
  for (const raw of result.success.entries) Document.decodeEntry(raw)
  const again = Document.parse(printed(Document.append(result.success, entryOf({ id: "new" }))))
  assert.isTrue(Result.isSuccess(again))
}

describe("storeDocument.parse", () => {
  it.each([
    ["", "empty"],
    [" \n\t", "white space"],
    ["\ufeff{\"processes\":[]}", "byte order mark"],
    ["\0\0\0\0", "NUL"],
    ["\0{\"processes\":[]}", "NUL"],
    ["null", "not an object"],
    ["[]", "not an object"],
    ["[[]]", "not an object"],
    ["1.0", "not an object"],
    ["\"processes\"", "not an object"],
    ["true", "not an object"],
    ["{}", "no `processes`"],
    ["{\"Processes\":[]}", "no `processes`"],
    ["{\"__proto__\":{\"processes\":[]}}", "no `processes`"],
    ["{\"processes\":null}", "not an array"],
    ["{\"processes\":{}}", "not an array"],
    ["{\"processes\":\"\"}", "not an array"],
    ["{\"processes\":1.0}", "not an array"],
    ["{\"processes\":[]}x", "not JSON"],
    ["{\"processes\":[]}\0", "not JSON"],
    ["{\"processes\":[]}{\"processes\":[]}", "not JSON"],
    ["{\"processes\":[],}", "not JSON"],
    ["{\"processes\":[{},]}", "not JSON"],
    ["{'processes':[]}", "not JSON"],
    ["{\"processes\":[NaN]}", "not JSON"],
    ["{\"processes\":[01]}", "not JSON"],
    ["{\"processes\":[1.]}", "not JSON"],
    ["{\"processes\":[\"\n\"]}", "not JSON"],
    ["{\"processes\":[] // none\n}", "not JSON"]
  ])("says of %j that it is %s", (text, words) => {
    assert.include(problemOf(text), words)
  })

  it("says of every beginning of a store that it is none", () => {
    for (let length = 0; length < valid.length; length++) {
      assert.notStrictEqual(problemOf(valid.slice(0, length)), "")
    }
  })

  it.prop("answers whatever text it is given", { text: Schema.String }, ({ text }) => answers(text))

  it.prop(
    "answers a store in which something was put, or from which something was cut",
    {
      at: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: valid.length })),
      cut: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 40 })),
      put: Schema.Union([
        Schema.String,
        Schema.Literals(["\"", "{", "}", "]", ",", ":", "null", "1.0", "-", "\\", "\0", "\ud800"])
      ])
    },
    ({ at, cut, put }) => answers(valid.slice(0, at) + put + valid.slice(at + cut)),
    { arbitrary: { runs: 1500 } }
  )

  it.prop(
    "answers any JSON in the place of the entries",
    { processes: Schema.Json },
    ({ processes }) => answers(JSON.stringify({ processes }))
  )

  it.prop("answers any JSON in the place of an entry, and keeps the ones beside it", {
    raw: Schema.Json,
    entry: ProcessEntry
  }, ({ entry, raw }) => {
    const text = printed({
      ...Document.empty,
      entries: [raw, ...Document.append(Document.empty, entry).entries]
    })
    const document = Result.getOrThrow(Document.parse(text))
    assert.deepStrictEqual(Result.getOrThrow(Document.decodeEntry(document.entries[1])), entry)
    answers(text)
  })

  it("answers a text nested too deep to be read", () => {
    const deep = "[".repeat(200_000) + "]".repeat(200_000)
    assert.doesNotThrow(() => Document.parse(`{"processes":[],"x":${deep}}`))
    assert.include(problemOf(`{"processes":[],"x":${deep},"n":1.0}`), "not JSON")
  })
})
