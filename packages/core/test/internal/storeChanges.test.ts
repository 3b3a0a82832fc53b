import { assert, describe, it } from "@effect/vitest"
import { ProcessEntryJson } from "@zag/core/ProcessEntry"
import { Effect, Schema } from "effect"
import { between } from "../../src/internal/storeChanges.ts"
import * as Document from "../../src/internal/storeDocument.ts"
import { entryOf } from "../entryOf.ts"

const encode = Schema.encodeSync(ProcessEntryJson)

const documentOf = (...entries: ReadonlyArray<unknown>): Document.StoreDocument => ({ ...Document.empty, entries })

const tell = (before: Document.StoreDocument, after: Document.StoreDocument) =>
  between(before, after).map(({ _tag, entry }) => `${_tag} ${entry.id}`)

const a = encode(entryOf({ id: "a" }))

describe("between", () => {
  it("tells nothing of what stayed, even if it was written anew", () => {
    assert.deepStrictEqual(tell(documentOf(a), documentOf({ ...a })), [])
  })

  it("tells what came, changed, ended and went", () => {
    const before = documentOf(a, encode(entryOf({ id: "b" })), encode(entryOf({ id: "c" })))
    const after = documentOf(
      { ...a, pid: 7 },
      encode(entryOf({ id: "b", status: "killed" })),
      encode(entryOf({ id: "d" }))
    )
    assert.deepStrictEqual(tell(before, after), ["updated a", "finished b", "registered d", "removed c"])
  })

  it("tells the end of what it sees for the first time", () => {
    assert.deepStrictEqual(tell(documentOf(), documentOf({ ...a, status: "exited" })), ["registered a", "finished a"])
  })

  it("takes no notice of entries that cannot be read, and of all but the first of an id", () => {
    assert.deepStrictEqual(tell(documentOf(a), documentOf(a, 7, { id: "x" }, { ...a, pid: 9 })), [])
  })

  const Entries = Schema.Array(Schema.Struct({ id: Schema.Literals(["a", "b", "c"]), pid: Schema.Literals([1, 2]) }))

  it.effect.prop(
    "tells enough to follow the registry",
    { before: Entries, after: Entries },
    ({ after, before }) =>
      Effect.sync(() => {
        const state = (entries: typeof Entries.Type) => documentOf(...entries.map((fields) => encode(entryOf(fields))))
        const followed = new Map(between(documentOf(), state(before)).map(({ entry }) => [entry.id, entry.pid]))
        for (const { _tag, entry } of between(state(before), state(after))) {
          if (_tag === "removed") followed.delete(entry.id)
          else followed.set(entry.id, entry.pid)
        }
        const expected = new Map(between(documentOf(), state(after)).map(({ entry }) => [entry.id, entry.pid]))
        assert.deepStrictEqual(new Map([...followed].toSorted()), new Map([...expected].toSorted()))
      })
  )
})
