/**
 * How many finished entries the registry keeps. Its size is what an update
 * costs, so the rest moves to the archive.
 */
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import { jsonKeys, newestFirst, type ProcessEntry } from "../ProcessEntry.ts"
import { InvalidRetention } from "../ProcessStoreError.ts"
import * as Document from "./storeDocument.ts"

export const defaultLimit = 1000

/** `ZAG_PS_RETENTION`: how many finished entries stay, or `off`. */
export const limit: Effect.Effect<number, InvalidRetention> = Config.option(Config.NonEmptyString("ZAG_PS_RETENTION"))
  .pipe(
    Effect.orDie,
    Effect.flatMap(Option.match({
      onNone: () => Effect.succeed(defaultLimit),
      onSome: (value) => {
        if (value === "off") return Effect.succeed(Infinity)
        return /^\d{1,9}$/.test(value) ? Effect.succeed(Number(value)) : Effect.fail(new InvalidRetention({ value }))
      }
    }))
  )

export const isFinished = (raw: unknown): boolean =>
  Predicate.hasProperty(raw, jsonKeys.status) && (raw.status === "exited" || raw.status === "killed")

/** An entry that is to leave the registry. */
export interface Leaving {
  readonly raw: unknown
  readonly entry: ProcessEntry
  readonly json: string
}

/**
 * The oldest finished entries beyond the limit. Nothing leaves before a tenth
 * more than the limit has come together: then one write pays for many. Entries
 * that run, or cannot be read, never leave.
 */
export const excess = (document: Document.StoreDocument, limit: number): ReadonlyArray<Leaving> => {
  if (document.entries.length <= limit) return []
  const finished = document.entries.filter(isFinished)
  if (finished.length <= limit + limit / 10) return []
  return readable(finished).toSorted((self, that) => newestFirst(self.entry, that.entry)).slice(limit)
}

const readable = (raws: ReadonlyArray<unknown>): ReadonlyArray<Leaving> =>
  raws.flatMap((raw): ReadonlyArray<Leaving> => {
    const entry = Document.decodeEntry(raw)
    return Result.isSuccess(entry) ? [{ raw, entry: entry.success, json: JSON.stringify(raw) }] : []
  })

/** All that is to leave with the next write: what was chosen for it, and the excess of the rest. */
export const leavingOf = (document: Document.StoreDocument, limit: number): ReadonlyArray<Leaving> => {
  const { leaving } = document
  if (leaving === undefined) return excess(document, limit)
  const chosen = readable(document.entries.filter((raw) => leaving.has(raw)))
  return [...chosen, ...excess(without(document, chosen), limit)]
}

/** Takes entries out of the document. */
export const without = (document: Document.StoreDocument, leaving: ReadonlyArray<Leaving>): Document.StoreDocument => {
  if (leaving.length === 0 && document.leaving === undefined) return document
  const gone = new Set(leaving.map(({ raw }) => raw))
  return { root: document.root, entries: document.entries.filter((raw) => !gone.has(raw)) }
}
