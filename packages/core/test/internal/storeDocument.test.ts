import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { ProcessEntry } from "@zag/core/ProcessEntry"
import { Effect, FileSystem, Option, Path, Result } from "effect"
import * as Document from "../../src/internal/storeDocument.ts"
import { entryOf } from "../entryOf.ts"
import { printed } from "./printed.ts"

const parse = (text: string): Document.StoreDocument => Result.getOrThrow(Document.parse(text))

const written = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  return yield* fs.readFileString(
    yield* path.fromFileUrl(new URL("../fixtures/written-by-zag.json", import.meta.url))
  )
}).pipe(Effect.provide(NodeServices.layer))

const end = (entry: ProcessEntry): ProcessEntry => new ProcessEntry({ ...entry, status: "killed" })

const entryJson = (id: string, more = ""): string =>
  `{"id":"${id}","pid":7,"provider":"p","model":"m","command":"c","started_at":"t","status":"running"${more}}`

const ids = (document: Document.StoreDocument): ReadonlyArray<unknown> =>
  document.entries.map((raw) => (raw as { readonly id?: unknown }).id)

const statuses = (document: Document.StoreDocument): ReadonlyArray<unknown> =>
  document.entries.map((raw) => (raw as { readonly status?: unknown }).status)

describe("storeDocument", () => {
  it.effect("gives back, byte for byte, what the real zag wrote", () =>
    Effect.gen(function*() {
      const text = yield* written
      assert.strictEqual(printed(parse(text)), text)
    }))

  it.effect("writes entries of its own, byte for byte, as the real zag wrote them", () =>
    Effect.gen(function*() {
      const text = yield* written
      const entries = parse(text).entries.map((raw) => Result.getOrThrow(Document.decodeEntry(raw)))
      assert.strictEqual(entries.length, 4)
      assert.strictEqual(
        printed(entries.reduce((document, entry) => Document.append(document, entry), Document.empty)),
        text
      )
    }))

  it("writes an empty store as zag does", () => {
    assert.strictEqual(printed(Document.empty), "{\n  \"processes\": []\n}")
  })

  it("reads compact text, blanks around it and line ends of Windows", () => {
    assert.strictEqual(printed(parse(" \r\n{\"processes\":\r\n[]}\n\n")), printed(Document.empty))
  })

  it.prop("reads what it writes", { entry: ProcessEntry }, ({ entry }) => {
    const document = Document.append(Document.empty, entry)
    const again = parse(printed(document))
    assert.deepStrictEqual(again.entries, document.entries)
    assert.deepStrictEqual(Document.find(again, entry.id), Option.some(entry))
  })

  it("puts a new entry at the end", () => {
    const document = parse(`{"processes":[${entryJson("a")},${entryJson("b")}]}`)
    assert.deepStrictEqual(ids(Document.append(document, entryOf({ id: "c" }))), ["a", "b", "c"])
  })

  it("moves a replaced entry to the end and keeps nothing of the old one", () => {
    const document = parse(`{"processes":[${entryJson("a", ",\"extra\":1")},${entryJson("b")}]}`)
    const next = Document.append(document, entryOf({ id: "a" }))
    assert.deepStrictEqual(ids(next), ["b", "a"])
    assert.notInclude(printed(next), "extra")
  })

  it("changes an entry in its place", () => {
    const document = parse(`{"processes":[${entryJson("a")},${entryJson("b")},${entryJson("c")}]}`)
    const next = Document.update(document, "b", end)
    assert.deepStrictEqual(ids(next.document), ["a", "b", "c"])
    assert.deepStrictEqual(statuses(next.document), ["running", "killed", "running"])
    assert.deepStrictEqual(Option.map(next.entry, ({ status }) => status), Option.some("killed"))
  })

  it("gives back the very document when a change changes nothing", () => {
    const document = parse(`{"processes":[${entryJson("a")}]}`)
    assert.strictEqual(Document.update(document, "a", (entry) => entry).document, document)
    assert.strictEqual(Document.update(document, "b", end).document, document)
    assert.strictEqual(Document.withoutId(document, "b"), document)
  })

  it("adds the keys of zag that an old entry lacks, when that entry changes", () => {
    const document = parse(`{"processes":[${entryJson("a")},${entryJson("b")}]}`)
    const text = printed(Document.update(document, "a", end).document)
    assert.strictEqual(text.split("\"parent_session_id\": null").length, 2)
    assert.include(text, "\"exit_code\": null")
  })

  it("does not know an id by its beginning, its case or its number", () => {
    const document = parse(`{"processes":[${entryJson("1")},${entryJson("Ab")},{"id":1}]}`)
    for (const id of ["", "A", "ab", "AB", "1.0", "undefined"]) {
      assert.isTrue(Option.isNone(Document.find(document, id)), id)
      assert.strictEqual(Document.withoutId(document, id), document)
    }
    assert.deepStrictEqual(ids(Document.withoutId(document, "1")), ["Ab", 1])
  })
})

describe("storeDocument with one id twice", () => {
  const document = parse(
    `{"processes":[${entryJson("x", ",\"n\":1")},${entryJson("y")},${entryJson("x", ",\"n\":2")}]}`
  )

  it("finds and changes the first", () => {
    assert.deepStrictEqual(statuses(Document.update(document, "x", end).document), ["killed", "running", "running"])
    assert.deepStrictEqual(Option.map(Document.find(document, "x"), ({ id }) => id), Option.some("x"))
  })

  it("replaces and removes all", () => {
    assert.deepStrictEqual(ids(Document.append(document, entryOf({ id: "x" }))), ["y", "x"])
    assert.deepStrictEqual(ids(Document.withoutId(document, "x")), ["y"])
  })

  it("finds and changes the first that can be read, and leaves the other alone", () => {
    const broken = parse(`{"processes":[{"id":"x","pid":-1},${entryJson("x")}]}`)
    assert.isTrue(Option.isSome(Document.find(broken, "x")))
    const next = Document.update(broken, "x", end).document
    assert.deepStrictEqual(next.entries[0], { id: "x", pid: -1 })
    assert.deepStrictEqual(statuses(next), [undefined, "killed"])
  })
})
