/**
 * A document as its readers see it: decoded, and in the order of `zag`.
 */
import * as Result from "effect/Result"
import { newestFirst, type ProcessEntry } from "../ProcessEntry.ts"
import type { StoreContent, UnreadableEntry } from "../ProcessStore.ts"
import * as Document from "./storeDocument.ts"

// A document is never changed in place: one that was read before costs nothing.
const contents = new WeakMap<Document.StoreDocument, StoreContent>()
const lists = new WeakMap<Document.StoreDocument, StoreContent>()

const memoized =
  <A>(memo: WeakMap<Document.StoreDocument, A>, make: (document: Document.StoreDocument) => A) =>
  (document: Document.StoreDocument): A => {
    const known = memo.get(document)
    if (known !== undefined) return known
    const made = make(document)
    memo.set(document, made)
    return made
  }

/** All entries in the order of the file. */
export const inFileOrder: (document: Document.StoreDocument) => StoreContent = memoized(
  contents,
  ({ entries: raws }) => {
    const unreadable: Array<UnreadableEntry> = []
    const entries: Array<ProcessEntry> = []
    for (const [index, raw] of raws.entries()) {
      const entry = Document.decodeEntry(raw)
      if (Result.isSuccess(entry)) entries.push(entry.success)
      else unreadable.push({ index, problem: entry.failure })
    }
    return { entries, unreadable }
  }
)

/** All entries, newest first. */
export const newest: (document: Document.StoreDocument) => StoreContent = memoized(lists, (document) => {
  const content = inFileOrder(document)
  return { ...content, entries: content.entries.toSorted(newestFirst) }
})

/** The same of the archive. */
export const newestArchived = (document: Document.StoreDocument): StoreContent => {
  const { entries, unreadable } = newest(document)
  return { entries, unreadable: unreadable.map(({ index, problem }) => ({ index, problem, archived: true })) }
}
