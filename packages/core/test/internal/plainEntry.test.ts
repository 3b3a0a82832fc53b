import { assert, describe, it } from "@effect/vitest"
import { ProcessEntry, ProcessEntryJson } from "@zag/core/ProcessEntry"
import { Equal, Result, Schema } from "effect"
import * as PlainEntry from "../../src/internal/plainEntry.ts"
import { entryOf } from "../entryOf.ts"

const decode = Schema.decodeUnknownResult(ProcessEntryJson)
const encode = Schema.encodeSync(ProcessEntryJson)

const keys = Object.keys(encode(entryOf({})))

/** What stands in a file may be anything. */
const Value = Schema.Union([
  Schema.String,
  Schema.Null,
  Schema.Number,
  Schema.Boolean,
  Schema.Literals(["\uD800", "running", -1, -0, 1.5, 2 ** 31, 2 ** 31 - 1, -(2 ** 31), 2 ** 32, 2 ** 32 - 1]),
  Schema.Array(Schema.String)
])

describe("plainEntry.decode", () => {
  it.prop("gives what the schema gives", [ProcessEntry], ([entry]) => {
    const raw = encode(entry)
    const plain = PlainEntry.decode(raw)
    assert.deepStrictEqual(plain, Result.getOrThrow(decode(raw)))
    assert.instanceOf(plain, ProcessEntry)
    assert.isTrue(Equal.equals(plain, entry))
  })

  it.prop(
    "leaves to the schema what the schema refuses, and nothing else than that differs",
    [ProcessEntry, Schema.Literals(keys), Value],
    ([entry, key, value]) => {
      const raw = { ...encode(entry), [key]: value, more: 1 }
      const plain = PlainEntry.decode(raw)
      const whole = decode(raw)
      if (plain === undefined) assert.isTrue(Result.isFailure(whole))
      else assert.deepStrictEqual(plain, Result.getOrThrow(whole))
    }
  )

  it.prop(
    "takes the optional keys for null when they are absent",
    [ProcessEntry, Schema.Literals(keys)],
    ([entry, key]) => {
      const { [key as "id"]: _, ...raw } = encode(entry)
      const plain = PlainEntry.decode(raw)
      const whole = decode(raw)
      if (plain === undefined) assert.isTrue(Result.isFailure(whole))
      else assert.deepStrictEqual(plain, Result.getOrThrow(whole))
    }
  )

  it("takes nothing else for an entry", () => {
    for (const raw of [null, undefined, 1, "", [], {}, [[]]]) assert.isUndefined(PlainEntry.decode(raw))
  })
})
