import { assert, describe, it } from "@effect/vitest"
import * as ProcessLabels from "@zag/core/ProcessLabels"
import { Result, Schema } from "effect"
import { Labels } from "./labels.ts"

const expected = <A>(result: Result.Result<A, ProcessLabels.InvalidLabel>): string | A =>
  Result.match(result, { onSuccess: (value) => value, onFailure: (error) => error.expected })

describe("parseLabel", () => {
  it.each<readonly [string, string | ProcessLabels.Label]>([
    ["a=1", ["a", "1"]],
    ["a=", ["a", ""]],
    ["a=b=c", ["a", "b=c"]],
    ["a= b, c ", ["a", " b, c "]],
    ["app.kubernetes.io/name=x", ["app.kubernetes.io/name", "x"]],
    ["__proto__=x", ["__proto__", "x"]],
    ["ключ=значение", ["ключ", "значение"]],
    [`${"😀".repeat(63)}=${"😀".repeat(253)}`, ["😀".repeat(63), "😀".repeat(253)]],
    ["a", "KEY=VALUE"],
    ["", "a key that is not empty"],
    ["=1", "a key that is not empty"],
    [`${"k".repeat(64)}=`, "a key of at most 63 characters"],
    ["a b=1", "a key without whitespace and control characters"],
    ["a\u2003=1", "a key without whitespace and control characters"],
    ["a\u009b=1", "a key without whitespace and control characters"],
    ["\ud800=1", "a key without whitespace and control characters"],
    [`a=${"v".repeat(254)}`, "a value of at most 253 characters"],
    ["a=1\n", "a value without control characters"],
    ["a=\u0000", "a value without control characters"],
    ["a=\udc00", "a value without control characters"]
  ])("of %j is %j", (text, answer) => {
    assert.deepStrictEqual(expected(ProcessLabels.parseLabel(text)), answer)
  })

  it("says what it was given, and what it wants", () => {
    const error = Result.getOrThrow(Result.flip(ProcessLabels.parseLabel("a b=1")))
    assert.strictEqual(
      error.message,
      "Invalid label \"a b=1\": expected a key without whitespace and control characters"
    )
  })

  it.prop("reads what a label is written as", { labels: Labels }, ({ labels }) => {
    for (const label of Object.entries(labels)) {
      assert.deepStrictEqual(expected(ProcessLabels.parseLabel(label.join("="))), label)
    }
  })

  it.prop("never throws", { text: Schema.String }, ({ text }) => {
    ProcessLabels.parseLabel(text)
  })
})

describe("check", () => {
  it.prop("lets all labels through, in order", { labels: Labels }, ({ labels }) => {
    const checked = Result.getOrThrow(ProcessLabels.check(labels))
    assert.deepStrictEqual(checked, labels)
    assert.deepStrictEqual(Object.keys(checked), Object.keys(ProcessLabels.fromLabels(Object.entries(labels))))
  })

  it.each<readonly [ProcessLabels.ProcessLabels, string]>([
    [{ a: "1", "": "2" }, "a key that is not empty"],
    [{ "a=b": "1" }, "a key without ="],
    [{ a: "\t" }, "a value without control characters"]
  ])("refuses %j", (labels, problem) => {
    assert.deepStrictEqual(expected(ProcessLabels.check(labels)), problem)
  })
})

describe("matches", () => {
  const labels = { team: "red", stage: "test" }
  const chosen = (selectors: ReadonlyArray<string>, of: ProcessLabels.ProcessLabels = labels) =>
    ProcessLabels.matches(selectors.map((text) => Result.getOrThrow(ProcessLabels.parseSelector(text))))(of)

  it.each<readonly [ReadonlyArray<string>, boolean]>([
    [[], true],
    [["team"], true],
    [["team=red"], true],
    [["team=Red"], false],
    [["team=re"], false],
    [["team="], false],
    [["other"], false],
    [["constructor"], false],
    [["team=blue", "team=red"], true],
    [["team=blue", "team"], true],
    [["team=red", "stage=test"], true],
    [["team=red", "stage=live"], false],
    [["team=red", "team=blue", "stage=live", "stage=test"], true],
    [["team", "other"], false]
  ])("%j: %j", (selectors, is) => assert.strictEqual(chosen(selectors), is))

  it("tells an empty value from none", () => {
    assert.isTrue(chosen(["a="], { a: "" }))
    assert.isFalse(chosen(["a="], { a: "1" }))
  })

  it.prop("finds every label by its key, and by itself", { labels: Labels }, ({ labels }) => {
    for (const label of Object.entries(labels)) {
      assert.isTrue(chosen([label[0]], labels))
      assert.isTrue(chosen([label.join("=")], labels))
    }
  })
})
