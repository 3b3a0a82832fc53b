import * as Document from "../../src/internal/storeDocument.ts"

/** The text that a document is written as. */
export const printed = (document: Document.StoreDocument): string => new TextDecoder().decode(Document.print(document))
