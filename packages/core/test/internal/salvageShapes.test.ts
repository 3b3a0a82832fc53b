import { assert, describe, it } from "@effect/vitest"
import { ProcessEntry } from "@zag/core/ProcessEntry"
import { Schema } from "effect"
import { salvage, salvageCounted } from "../../src/internal/salvage.ts"
import * as Document from "../../src/internal/storeDocument.ts"
import { entryOf } from "../entryOf.ts"
import { print } from "./damagedRegistry.ts"
import { printed } from "./printed.ts"

const entry = (id: string, more = ""): string =>
  `{"id":"${id}","pid":7,"provider":"p","model":"m","command":"c","started_at":"t","status":"running"${more}}`

const text = (...entries: ReadonlyArray<string>): string => `{"processes":[${entries.join(",")}]}`

const [a, b, c] = [entry("a"), entry("b"), entry("c")]

const required = new Set(["id", "pid", "provider", "model", "command", "started_at", "status"])

const whole = Document.append(Document.empty, entryOf({ id: "whole" })).entries[0] as Readonly<Record<string, unknown>>

describe("salvage", () => {
  it.each<[string, string, ReadonlyArray<string>]>([
    ["an empty text", "", []],
    ["blanks", " \r\n\t", []],
    ["NUL bytes", "\0".repeat(1000), []],
    ["another text", "#!/bin/sh\nexit 1\n", []],
    ["another JSON value", "[1,\"{\",null,{\"id\":\"a\"},{}]", []],
    ["an empty registry", text(), []],
    ["a sound registry", text(a, b), [a, b]],
    ["a list of entries", `[${a},${b}]`, [a, b]],
    ["an object of entries", `{"a":${a},"b":${b}}`, [a, b]],
    ["entries deeper down", `{"version":2,"data":{"hosts":[{"processes":[${a}]},[[${b}]]]}}`, [a, b]],
    ["one entry", a, [a]],
    ["entries line by line", `${a}\n${b}\r\n${c}`, [a, b, c]],
    ["entries side by side", a + b + c, [a, b, c]],
    ["two registries one after the other", text(a, b) + text(c), [a, b, c]],
    ["a registry in the middle of another one", `{"processes":[${a},{"id":"b","pi${text(c)}`, [a, c]],
    ["a registry and the rest of a longer one", `${text(a)}d":null},${b}]}`, [a, b]],
    ["an entry that holds a whole one", `[${entry("a", `,"before":${b}`)}]`, [entry("a", `,"before":${b}`)]],
    ["an entry of which only what it holds is whole", `[${entry("a", `,"before":${b}`).slice(0, -1)}]`, [b]],
    ["numbers that JavaScript cannot hold", text(entry("a", ",\"x\":1.0,\"y\":123456789012345678901")), [
      entry("a", ",\"x\":1.0,\"y\":123456789012345678901")
    ]],
    ["white space between all tokens", text(a).replaceAll(/[{}[\]:,]/g, " \n$&\t\r\n "), [a]],
    ["white space that JSON does not know", text(a, b).replaceAll(",\"pid\"", ",\u00a0\"pid\""), []],
    ["an entry as an array", "[[\"a\",7,null,\"p\",\"m\",\"c\",null,\"t\",\"running\",null,null,null,null,null]]", []],
    ["an entry in a string", JSON.stringify({ processes: [text(a)] }), []],
    ["single quotes", text(a).replaceAll("\"", "'"), []],
    ["a key twice", text(a, entry("b", ",\"pid\":8"), c), [a, c]],
    ["two entries that ran into one", `[${a.slice(0, -1)},${b.slice(1)},${c}]`, [c]],
    ["an object for a known key", text(a, entry("b", `,"root":${c}`)), [a, c]],
    ["a lone surrogate", text(a, entry("\\ud800")), [a]]
  ])("takes out of %s what is there", (_, text, expected) => {
    assert.deepStrictEqual(print(salvage(text)), expected)
  })

  it.each(Object.keys(whole))("keeps an entry without %s only if it needs none", (key) => {
    const { [key]: _, ...rest } = whole
    const left = salvage(JSON.stringify({ processes: [rest, { ...whole, id: "other" }] }))
    assert.strictEqual(left.length, required.has(key) ? 1 : 2)
  })

  it.each([
    ["id", 7],
    ["pid", "7"],
    ["pid", -1],
    ["pid", 4_294_967_296],
    ["pid", 1.5],
    ["provider", null],
    ["model", ["m"]],
    ["command", { name: "run" }],
    ["prompt", 1],
    ["started_at", 1_700_000_000],
    ["status", true],
    ["exit_code", "0"],
    ["exit_code", 2_147_483_648],
    ["exited_at", {}],
    ["root", []],
    ["parent_session_id", false]
  ])("leaves out an entry whose %s is %j", (key, value) => {
    const entries = [whole, { ...whole, id: "wrong", [key]: value }, { ...whole, id: "last" }]
    assert.deepStrictEqual(print(salvage(JSON.stringify({ processes: entries }))), print([entries[0], entries[2]]))
  })

  it("lets a later entry replace the earlier ones with its id", () => {
    const later = entry("a", ",\"exit_code\":0")
    assert.deepStrictEqual(print(salvage(text(a, b) + text(c, later))), [b, c, later])
    assert.deepStrictEqual(print(salvage(text(a, a, a))), [a])
  })

  it.prop("takes every entry of a sound registry, as the store reads it", { entries: Schema.Array(ProcessEntry) }, ({
    entries
  }) => {
    const document = entries.reduce((document, entry) => Document.append(document, entry), Document.empty)
    assert.deepStrictEqual(salvage(printed(document)), document.entries)
    assert.deepStrictEqual(salvage(JSON.stringify(document.entries)), document.entries)
  })

  it("finds what it has found again", () => {
    const once = salvage(text(a) + text(b, c))
    assert.deepStrictEqual(salvage(printed({ ...Document.empty, entries: once })), once)
  })
})

const nested = (open: string, inner: string, close: string, depth = 100_000): string =>
  open.repeat(depth) + inner + close.repeat(depth)

const notQuite = `${entry("a").replace("7", "-7").slice(0, -1)},"x":`
const quite = `${entry("a").slice(0, -1)},"x":`

// Texts on which a search that begins again at every brace would need millions of millions of steps.
const hostile: Readonly<Record<string, readonly [text: string, salvaged: number]>> = {
  "objects in objects": [nested("{\"a\":", "1", "}"), 0],
  "objects in objects without an end": [nested("{\"a\":", "", ""), 0],
  "objects in objects with a fault inside": [nested("{\"a\":", "x", "}"), 0],
  "objects and arrays in each other": [nested("{\"a\":[", a, "]}"), 1],
  "objects and arrays in each other without an end": [nested("[{\"a\":[", a, ""), 1],
  "arrays in arrays": [nested("[", a, "]"), 1],
  "arrays in an entry": [text(entry("a", `,"x":${nested("[", "", "]")}`), b), 1],
  "arrays and a number to keep in an entry": [text(entry("a", `,"x":${nested("[", "1.0", "]")}`), b), 1],
  "entries in entries": [nested(quite, "1", "}", 1000), 1],
  "entries in entries without an end": [nested(quite, b, "", 10_000), 1],
  "objects that are almost entries in each other": [nested(notQuite, "1", "}", 10_000), 0],
  "opening braces": ["{".repeat(300_000), 0],
  "braces": ["{}".repeat(300_000), 0],
  "braces and blanks": ["{ ".repeat(300_000), 0],
  "braces before blanks": [`{${" ".repeat(300_000)}`, 0],
  "braces and quotes": ["{\"".repeat(300_000), 0],
  "braces in strings": ["{\"{\":\"".repeat(100_000), 0],
  "keys that open objects in the strings of others": ["{\"{\":\":1,\"".repeat(100_000), 0],
  "quotes": ["\"".repeat(300_000), 0],
  "quotes and braces": [`${"\"{".repeat(100_000)}${a}`, 1],
  "backslashes": [`{"${"\\".repeat(300_000)}`, 0],
  "escaped quotes and braces": [`{"a":"${"\\\"{".repeat(100_000)}`, 0],
  "commas": [`{"a":[${",".repeat(300_000)}`, 0],
  "a long number": [`{"pid":${"1".repeat(300_000)}`, 0],
  "a long exponent": [`[${entry("a", `,"x":1e${"1".repeat(300_000)}`)}]`, 1],
  "many small objects": ["{\"\":0},".repeat(100_000), 0],
  "a string of 10 MB": [text(entry("a", `,"prompt":"${"x".repeat(10_000_000)}"`), b), 2],
  "a string of 10 MB without an end": [text(a, `{"id":"${"x".repeat(10_000_000)}`).slice(0, -2), 1],
  "5000 entries, the first one open": [
    text(`{"id":"${"x".repeat(100)}`, ...Array.from({ length: 5000 }, (_, n) => entry(String(n)))),
    5000
  ]
}

// Two walks over every character, and some steps more where tokens are short.
const limit = (text: string): number => 6 * text.length + 10

describe("the work of salvage", () => {
  it.each(Object.entries(hostile))("stays within a few steps a character for %s", (_, [text, salvaged]) => {
    const { entries, steps } = salvageCounted(text)
    assert.strictEqual(entries.length, salvaged)
    assert.isAtMost(steps, limit(text))
  })

  it.prop("stays there for any text", {
    pieces: Schema.Array(Schema.Union([
      Schema.Literals(["{", "\"", "}", "[", "]", ":", ",", "\\", "\\\"", "{\"", "{\"\":", "\":\"", "0", " ", a]),
      Schema.String
    ])),
    times: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 200 }))
  }, ({ pieces, times }) => {
    const text = pieces.join("").repeat(times)
    const { entries, steps } = salvageCounted(text)
    assert.isAtMost(steps, limit(text))
    assert.isAtMost(entries.length, 1 + text.split("running").length)
  }, { arbitrary: { runs: 1500 } })
})
