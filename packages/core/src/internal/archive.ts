/**
 * The archive as a document, like the registry.
 */
import type { ArchivedEntry } from "../Sidecar.ts"
import * as Document from "./storeDocument.ts"

const rawOf = (json: string): unknown => {
  try {
    return JSON.parse(json)
  } catch {
    // A text is no entry, so it is told with those that cannot be read, and hides no other.
    return json
  }
}

export const documentOf = (archived: ReadonlyArray<ArchivedEntry>): Document.StoreDocument => ({
  ...Document.empty,
  entries: archived.map(({ json }) => rawOf(json))
})
