/**
 * What happened between two readings of the registry.
 */
import * as Result from "effect/Result"
import type { ProcessEntry } from "../ProcessEntry.ts"
import type { ProcessChange } from "../ProcessStore.ts"
import * as Document from "./storeDocument.ts"

type ById = ReadonlyMap<string, { readonly raw: unknown; readonly entry: ProcessEntry }>

// For a duplicate id the first one counts, as everywhere.
const byId = (document: Document.StoreDocument): ById => {
  const entries = new Map<string, { readonly raw: unknown; readonly entry: ProcessEntry }>()
  for (const raw of document.entries) {
    const entry = Document.decodeEntry(raw)
    if (Result.isSuccess(entry) && !entries.has(entry.success.id)) {
      entries.set(entry.success.id, { raw, entry: entry.success })
    }
  }
  return entries
}

/** In the order of the file; what is gone comes last. */
export const between = (
  before: Document.StoreDocument,
  after: Document.StoreDocument
): ReadonlyArray<ProcessChange> => {
  if (before === after) return []
  const old = byId(before)
  const now = byId(after)
  const changes: Array<ProcessChange> = []
  for (const [id, { entry, raw }] of now) {
    const previous = old.get(id)
    if (previous === undefined) {
      changes.push({ _tag: "registered", entry })
      if (entry.status !== "running") changes.push({ _tag: "finished", entry })
    } else if (previous.raw !== raw && JSON.stringify(previous.raw) !== JSON.stringify(raw)) {
      changes.push(
        previous.entry.status === "running" && entry.status !== "running"
          ? { _tag: "finished", entry }
          : { _tag: "updated", entry }
      )
    }
  }
  for (const [id, { entry }] of old) {
    if (!now.has(id)) changes.push({ _tag: "removed", entry })
  }
  return changes
}
