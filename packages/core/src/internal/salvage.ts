/**
 * What can still be read of a damaged registry, without any I/O.
 *
 * Nothing around an entry is relied on. Wherever a `{` stands an object may
 * begin: it is walked over by the rules of JSON, up to its end or to the first
 * fault, and only what ends well and is an entry is kept. So an entry whose own
 * text is whole is found, whatever happened to the text around it.
 *
 * The work is proportional to the length of the text. An object is walked over
 * once: a walk that comes to one that is known steps over it, or ends there if
 * that one has a fault, since it would end at the same fault. And where two
 * walks pass the same character, it is in a string for one of them and outside
 * for the other, which leaves no room for a third.
 */
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import { jsonKeys } from "../ProcessEntry.ts"
import { endOfBlanks, endOfScalar, endOfString } from "./jsonToken.ts"
import * as Document from "./storeDocument.ts"

/** The entry that a text is, with every number as it is written there; undefined when it is none. */
const readEntry = (text: string): { readonly id: string; readonly raw: unknown } | undefined => {
  const document = Document.parse(`{"processes":[${text}]}`)
  const raw = Result.isSuccess(document) ? document.success.entries[0] : undefined
  const entry = Document.decodeEntry(raw)
  return Result.isSuccess(entry) ? { id: entry.success.id, raw } : undefined
}

/** What is nested too deep can be read, and not written again. */
const isPrintable = (raw: unknown): boolean => {
  try {
    return Predicate.isString(JSON.stringify(raw))
  } catch {
    return false
  }
}

/** An object or an array whose end has not been reached. */
interface Open {
  readonly start: number
  readonly close: "}" | "]"
  /** The members with a known key, as text. */
  readonly members: Map<string, string>
  /** The known key whose value comes next. */
  key: string | undefined
  /** Whether no known key is there twice, as where two entries ran into one, or has an object or an array as its value. */
  plain: boolean
}

const quoted = (key: string): string => `"${key}"`

const knownKeys: ReadonlySet<string> = new Set(Object.values(jsonKeys).map(quoted))

const { command, id, model, pid, provider, startedAt, status } = jsonKeys
const requiredKeys: ReadonlyArray<string> = [id, pid, provider, model, command, startedAt, status].map(quoted)

/** Keys nobody knows are not looked at: they can hold objects which were judged already. */
const isEntry = ({ members, plain }: Open): boolean =>
  plain && requiredKeys.every((key) => members.has(key)) &&
  readEntry(`{${Array.from(members, ([key, value]) => `${key}:${value}`).join(",")}}`) !== undefined

const addMember = (owner: Open | undefined, value: string | undefined): void => {
  if (owner?.key === undefined) return
  if (value === undefined || owner.members.has(owner.key)) owner.plain = false
  else owner.members.set(owner.key, value)
}

interface Range {
  readonly start: number
  readonly end: number
}

/** Finds every whole entry, those inside another one too; `steps` counts the characters that were looked at. */
const findEntries = (text: string): { readonly found: ReadonlyArray<Range>; readonly steps: number } => {
  const found: Array<Range> = []
  // Of the object that begins at a place: its end; -1 when it has a fault; 0 when nothing is known of it.
  const ends = new Int32Array(text.length)
  let steps = 0

  // The walk that is under way.
  const open: Array<Open> = []
  let at = 0
  let expected: "value" | "key" | "comma" = "value"
  const moveTo = (end: number): boolean => {
    const reached = end < 0 ? ~end : end
    steps += Math.max(1, reached - at)
    at = reached
    return end >= 0
  }

  const openAt = (close: Open["close"]): boolean => {
    open.push({ start: at, close, members: new Map(), key: undefined, plain: true })
    moveTo(at + 1)
    moveTo(endOfBlanks(text, at))
    expected = close === "}" ? "key" : "value"
    return text[at] !== close || closeAt(open.at(-1)!)
  }

  const closeAt = (owner: Open): boolean => {
    open.pop()
    moveTo(at + 1)
    expected = "comma"
    if (owner.close === "]") return true
    ends[owner.start] = at
    if (isEntry(owner)) found.push({ start: owner.start, end: at })
    return true
  }

  const readKey = (owner: Open): boolean => {
    const from = at
    if (!moveTo(endOfString(text, at))) return false
    const key = text.slice(from, at)
    owner.key = knownKeys.has(key) ? key : undefined
    moveTo(endOfBlanks(text, at))
    expected = "value"
    return text[at] === ":" && moveTo(at + 1)
  }

  const readComma = (owner: Open): boolean => {
    expected = owner.close === "}" ? "key" : "value"
    return text[at] === "," && moveTo(at + 1)
  }

  const readValue = (owner: Open | undefined): boolean => {
    expected = "comma"
    if (text[at] === "[" || text[at] === "{") {
      addMember(owner, undefined)
      if (text[at] === "[") return openAt("]")
      const end = ends[at]!
      if (end === 0) return openAt("}")
      if (end > 0) at = end
      return end > 0
    }
    const from = at
    if (!moveTo(endOfScalar(text, at))) return false
    addMember(owner, text.slice(from, at))
    return true
  }

  const advance = (): boolean => {
    moveTo(endOfBlanks(text, at))
    const owner = open.at(-1)
    if (owner === undefined || expected === "value") return readValue(owner)
    if (expected === "key") return readKey(owner)
    return text[at] === owner.close ? closeAt(owner) : readComma(owner)
  }

  const walk = (start: number): void => {
    at = start
    expected = "value"
    while (advance()) if (open.length === 0) return
    for (const { close, start } of open) if (close === "}") ends[start] = -1
    open.length = 0
  }

  for (let start = text.indexOf("{"); start !== -1;) {
    if (ends[start] === 0) walk(start)
    // What ended well is of one piece, and nothing else begins inside.
    start = text.indexOf("{", Math.max(start + 1, ends[start]!))
  }
  return { found, steps }
}

/**
 * Every entry that can still be read, and the work it took. Of several with one
 * id the last stays, as if they had been added one after the other. An entry
 * inside another one is part of that one.
 */
export const salvageCounted = (
  text: string
): { readonly entries: ReadonlyArray<unknown>; readonly steps: number } => {
  const { found, steps } = findEntries(text)
  const entries = new Map<string, unknown>()
  let reached = 0
  for (const { end, start } of found.toSorted((self, that) => self.start - that.start)) {
    if (start < reached) continue
    reached = end
    const entry = readEntry(text.slice(start, end))
    if (entry === undefined || !isPrintable(entry.raw)) continue
    entries.delete(entry.id)
    entries.set(entry.id, entry.raw)
  }
  return { entries: Array.from(entries.values()), steps }
}

/**
 * Every process entry that can still be read, in the order of the text and as
 * it stands there. Any text may be given; the time is proportional to its length.
 */
export const salvage = (text: string): ReadonlyArray<unknown> => salvageCounted(text).entries
