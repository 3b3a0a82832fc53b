import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { endOfBlanks, endOfScalar, endOfString } from "../../src/internal/jsonToken.ts"

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** Texts in which the rules about strings, numbers and words matter. */
const Fragment = Schema.Array(Schema.Union([
  Schema.Literals([
    "\"",
    "\\",
    "\\u",
    "\\\"",
    "d83d",
    "-",
    "0",
    "1",
    ".",
    "e",
    "+",
    "true",
    "nul",
    "\n",
    "\u007f",
    "😀"
  ]),
  Schema.String
]))

describe("jsonToken", () => {
  it.prop("finds the end of any string, and stops there", { value: Schema.String, more: Schema.String }, ({
    more,
    value
  }) => {
    const text = JSON.stringify(value)
    assert.strictEqual(endOfString(text + more, 0), text.length)
    assert.strictEqual(endOfString(`[${text}`, 1), text.length + 1)
  })

  it.prop("takes for a scalar what JSON takes for one", { parts: Fragment }, ({ parts }) => {
    for (const text of [parts.join(""), `"${parts.join("")}"`]) {
      if (text !== text.trim() || /^[[{]/.test(text)) continue
      assert.strictEqual(endOfScalar(text, 0) === text.length, text !== "" && isJson(text), JSON.stringify(text))
    }
  }, { arbitrary: { runs: 1000 } })

  it.each([
    ["", 0],
    ["x", 0],
    ["\"", 1],
    ["\"ab", 3],
    ["\"a\n\"", 2],
    ["\"a\0\"", 2],
    ["\"a\\x\"", 2],
    ["\"\\u12g4\"", 1],
    ["\"\\", 1]
  ])("says of %j that it breaks the rules at %i", (text, at) => {
    assert.strictEqual(endOfString(text, 0), ~at)
  })

  it("steps over the white space of JSON, and no other", () => {
    assert.strictEqual(endOfBlanks(" \t\r\n x", 0), 5)
    assert.strictEqual(endOfBlanks("x", 0), 0)
    assert.strictEqual(endOfBlanks(" ", 0), 1)
    assert.strictEqual(endOfBlanks("\u00a0\ufeff", 0), 0)
  })
})
