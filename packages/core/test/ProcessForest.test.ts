import { assert, describe, it } from "@effect/vitest"
import { ancestorsOf, findTree, forestOf, parentIn, type Tree } from "@zag/core/ProcessForest"
import { at } from "./givenProcesses.ts"

describe("parentIn", () => {
  it("finds the entry with the parent id, before any of the parent session", () => {
    const entries = [at("a", 1), at("b", 2, { sessionId: "s" })]
    const parentOf = parentIn(entries)
    assert.strictEqual(parentOf(at("x", 3, { parentProcessId: "a", parentSessionId: "s" })), entries[0])
    assert.strictEqual(parentOf(at("x", 3)), undefined)
    assert.strictEqual(parentOf(at("x", 3, { parentProcessId: "gone" })), undefined)
  })

  it("takes the newest older one of the parent session where the id is not there", () => {
    const parentOf = parentIn([1, 2, 4].map((second) => at(`s${second}`, second, { sessionId: "s" })))
    assert.strictEqual(parentOf(at("x", 3, { parentSessionId: "s" }))?.id, "s2")
    assert.strictEqual(parentOf(at("x", 3, { parentProcessId: "gone", parentSessionId: "s" }))?.id, "s2")
    assert.strictEqual(parentOf(at("x", 0, { parentSessionId: "s" })), undefined)
    assert.strictEqual(parentOf(at("s2", 2, { sessionId: "s", parentSessionId: "s" }))?.id, "s1")
  })

  it("takes nothing for its own parent, and the first of two with one id", () => {
    const entries = [at("a", 1, { provider: "first" }), at("a", 2)]
    assert.strictEqual(parentIn(entries)(at("b", 3, { parentProcessId: "a" }))?.provider, "first")
    assert.strictEqual(parentIn(entries)(at("a", 1, { parentProcessId: "a" })), undefined)
  })
})

const shown = (trees: ReadonlyArray<Tree<string>>): string =>
  trees.map(({ children, value }) => children.length === 0 ? value : `${value}(${shown(children)})`).join(" ")

const parents = (pairs: Record<string, string>) => (value: string): string | undefined => pairs[value]

describe("forestOf", () => {
  it.each<readonly [string, Record<string, string>, string]>([
    ["a b c", {}, "a b c"],
    ["a b c", { a: "b", c: "b" }, "b(a c)"],
    ["d c b a", { d: "c", c: "a" }, "b a(c(d))"],
    ["a b", { b: "elsewhere" }, "a b"],
    ["a", { a: "a" }, "a"],
    ["a b c", { a: "b", b: "c", c: "a" }, "a(c(b))"],
    ["a b c", { a: "b", b: "c", c: "b" }, "b(a c)"],
    ["a b c d", { a: "b", b: "a", c: "a", d: "c" }, "a(b c(d))"]
  ])("of %s with %j is %s", (values, pairs, expected) => {
    assert.strictEqual(shown(forestOf(values.split(" "), parents(pairs))), expected)
  })

  it("has no limit to its depth", () => {
    const values = Array.from({ length: 50_000 }, (_, n) => n)
    assert.strictEqual(forestOf(values, (n) => n === 0 ? undefined : n - 1).length, 1)
  })
})

describe("findTree", () => {
  const forest = forestOf(["a", "b", "c"], parents({ b: "a", c: "b" }))

  it("finds a tree at any depth", () => {
    assert.strictEqual(shown([findTree(forest, (value) => value === "b")!]), "b(c)")
    assert.strictEqual(findTree(forest, (value) => value === "d"), undefined)
  })
})

describe("ancestorsOf", () => {
  it.each<readonly [string, Record<string, string>, string]>([
    ["a", {}, ""],
    ["a", { a: "b", b: "c" }, "b c"],
    ["a", { a: "a" }, ""],
    ["a", { a: "b", b: "a" }, "b"],
    ["a", { a: "b", b: "c", c: "b" }, "b c"]
  ])("of %s with %j are: %s", (value, pairs, expected) => {
    assert.strictEqual(ancestorsOf(value, parents(pairs)).join(" "), expected)
  })
})
