/**
 * The content of `processes.json` and the changes made to it, without any I/O.
 *
 * Entries stay as the JSON they were read as: keys nobody knows, entries that
 * cannot be read and numbers JavaScript cannot hold are written back as they
 * stood. A change touches the one entry it is about.
 */
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { jsonKeys, type ProcessEntry, ProcessEntryJson } from "../ProcessEntry.ts"
import * as PlainEntry from "./plainEntry.ts"
import * as Printed from "./printedDocument.ts"

type JsonObject = { readonly [key: string]: unknown }

export interface StoreDocument {
  /** The top-level object, whose `processes` is replaced by `entries` when written. */
  readonly root: JsonObject
  readonly entries: ReadonlyArray<unknown>
  /** Those of the entries that move to the archive with the next write: later changes find them there no more. */
  readonly leaving?: ReadonlySet<unknown>
}

export const empty: StoreDocument = { root: { processes: [] }, entries: [] }

const decode = Schema.decodeUnknownResult(ProcessEntryJson, { errors: "all" })

// Entries are never changed in place, so what was once decoded stays true.
const decoded = new WeakMap<object, Result.Result<ProcessEntry, string>>()

export const decodeEntry = (raw: unknown): Result.Result<ProcessEntry, string> => {
  if (!Predicate.isObject(raw)) return decodeAnew(raw)
  const known = decoded.get(raw)
  if (known !== undefined) return known
  const entry = decodeAnew(raw)
  decoded.set(raw, entry)
  return entry
}

const decodeAnew = (raw: unknown): Result.Result<ProcessEntry, string> => {
  const plain = PlainEntry.decode(raw)
  return plain === undefined
    ? Result.mapError(decode(raw), (error) => error.message.replaceAll(/\n\s+at /g, " at ").replaceAll("\n", "; "))
    : Result.succeed(plain)
}

/** The entry as it stands in the file; throws what has no place there. */
export const encodeEntry: (entry: ProcessEntry) => JsonObject = Schema.encodeSync(ProcessEntryJson)

// A number outside strings that `JSON.parse` may not give back as it was written: 1.0, 1e3, -0, or 16 digits and more.
// Some prompts match too; they only take the slower way.
const unfaithfulNumber = /(?:(?<="\s*):|[[,])\s*(?:-?\d{16}|-?\d+[.eE]|-0)/

// TypeScript's library does not know the proposal yet; Node has it since 22.
const RawJson = JSON as unknown as { readonly rawJSON: (text: string) => object }

const keepNumber = function(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  const source = context?.source
  return Predicate.isNumber(value) && source !== undefined && JSON.stringify(value) !== source
    ? RawJson.rawJSON(source)
    : value
}

export interface ReadOptions {
  /** What was read last makes it faster: only the difference is parsed. */
  readonly last?: StoreDocument | undefined
  /** It is about to be written as well. */
  readonly forWrite?: boolean | undefined
}

/** Reads the content of a store, or says what it is instead of one. */
export const decodeBytes = (bytes: Uint8Array, options: ReadOptions = {}): Result.Result<StoreDocument, string> => {
  const { last } = options
  const like = last && Printed.parseLike(last, bytes)
  if (like !== undefined) return Result.succeed(like)
  let text: string
  try {
    // `ignoreBOM` keeps a byte order mark in the text, where it is reported.
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return Result.fail("it is not UTF-8")
  }
  return parse(text, bytes, options.forWrite)
}

export const parse = (
  text: string,
  bytes: Uint8Array = new TextEncoder().encode(text),
  forWrite = true
): Result.Result<StoreDocument, string> => {
  if (text.trim() === "") return Result.fail(text === "" ? "it is empty" : "it holds nothing but white space")
  if (text.startsWith("\uFEFF")) return Result.fail("it begins with a byte order mark")
  if (text.startsWith("\0")) return Result.fail("it begins with NUL bytes, as after a power failure")
  try {
    const document = documentOf(JSON.parse(text))
    return Result.isFailure(document) || isFaithful(document.success, text, forWrite ? bytes : undefined)
      ? document
      : documentOf(JSON.parse(text, keepNumber))
  } catch (error) {
    return Result.fail(`it is not JSON (${(error as SyntaxError).message})`)
  }
}

const documentOf = (root: unknown): Result.Result<StoreDocument, string> => {
  if (!Predicate.isObject(root)) return Result.fail("its top level is not an object")
  const entries = (root as JsonObject)["processes"]
  if (!Array.isArray(entries)) {
    return Result.fail(entries === undefined ? "it has no `processes`" : "its `processes` is not an array")
  }
  return Result.succeed({ root: root as JsonObject, entries })
}

// What prints as it was written has lost nothing. To print costs more than to search, but the next write prints less.
const isFaithful = (document: StoreDocument, text: string, bytes: Uint8Array | undefined): boolean =>
  (bytes !== undefined && Printed.isPrintOf(document, bytes)) || !unfaithfulNumber.test(text)

/** Writes a store as `zag` does: two blanks of indentation and no newline at the end. */
export const print: (document: StoreDocument) => Uint8Array = Printed.print

const idOf = (raw: unknown): unknown => Predicate.hasProperty(raw, jsonKeys.id) ? raw.id : undefined

export const withoutId = (document: StoreDocument, id: string): StoreDocument => {
  const entries = document.entries.filter((raw) => idOf(raw) !== id || document.leaving?.has(raw))
  return entries.length === document.entries.length ? document : { ...document, entries }
}

/** Puts an entry at the end, in place of all that have its id. */
export const append = (document: StoreDocument, entry: ProcessEntry, raw = encodeEntry(entry)): StoreDocument => ({
  ...document,
  entries: [...withoutId(document, entry.id).entries, raw]
})

/** The first entry with exactly this id that can be read. */
export const find = (document: StoreDocument, id: string): Option.Option<ProcessEntry> => {
  for (const raw of document.entries) {
    if (idOf(raw) !== id) continue
    const entry = decodeEntry(raw)
    if (Result.isSuccess(entry)) return Option.some(entry.success)
  }
  return Option.none()
}

/** Replaces the first entry with exactly this id that can be read; keys nobody knows stay with it. */
export const update = (
  document: StoreDocument,
  id: string,
  change: (entry: ProcessEntry) => ProcessEntry
): { readonly document: StoreDocument; readonly entry: Option.Option<ProcessEntry> } => {
  for (const [index, raw] of document.entries.entries()) {
    if (idOf(raw) !== id || document.leaving?.has(raw)) continue
    const entry = decodeEntry(raw)
    if (Result.isFailure(entry)) continue
    const changed = change(entry.success)
    if (changed === entry.success) return { document, entry: Option.some(changed) }
    return {
      document: {
        ...document,
        entries: document.entries.with(index, { ...(raw as JsonObject), ...encodeEntry(changed) })
      },
      entry: Option.some(changed)
    }
  }
  return { document, entry: Option.none() }
}
