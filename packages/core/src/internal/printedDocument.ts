/**
 * The text of a registry, byte for byte that of `JSON.stringify(root, null, 2)`.
 *
 * Entries are never changed in place, so the text of a run of them is kept, and
 * a write prints only the runs in which something is new.
 */
import * as Predicate from "effect/Predicate"

interface Printable {
  /** The top-level object, whose `processes` is replaced by `entries`. */
  readonly root: { readonly [key: string]: unknown }
  readonly entries: ReadonlyArray<unknown>
}

/** Neighbours in a document, and their text between its brackets. */
interface Run {
  readonly entries: ReadonlyArray<unknown>
  readonly text: string
}

// Large enough that keeping runs costs next to nothing, small enough that printing one does.
const runLength = 16

// By the first entry of the run.
const runs = new WeakMap<object, Run>()

const startsRun = (raw: unknown): boolean => Predicate.isObject(raw) && runs.has(raw)

/** The run that was printed before and still stands at this place; a short one only if it cannot grow. */
const standing = (entries: ReadonlyArray<unknown>, start: number): Run | undefined => {
  const first = entries[start]
  const run = Predicate.isObject(first) ? runs.get(first) : undefined
  if (run === undefined || run.entries.some((raw, offset) => raw !== entries[start + offset])) return undefined
  const end = start + run.entries.length
  const next = entries[end]
  return run.entries.length >= runLength || end === entries.length || startsRun(next) ? run : undefined
}

// A value prints with the same indentation wherever it is as deep.
const inList = (entries: ReadonlyArray<unknown>): string =>
  JSON.stringify({ "": entries }, null, 2).slice("{\n  \"\": [\n".length, -"\n  ]\n}".length)

const inObject = (value: unknown): string =>
  JSON.stringify({ "": value }, null, 2).slice("{\n  \"\": ".length, -"\n}".length)

const printRun = (entries: ReadonlyArray<unknown>, start: number): Run => {
  let end = start + 1
  // What follows is found again where it was after entries were taken out.
  while (end < entries.length && end < start + runLength && !startsRun(entries[end])) end++
  const run = { entries: entries.slice(start, end), text: inList(entries.slice(start, end)) }
  const first = entries[start]
  if (Predicate.isObject(first)) runs.set(first, run)
  return run
}

/** The text in pieces. */
function* pieces({ entries, root }: Printable): Generator<string> {
  let separator = "{\n  "
  for (const [key, value] of Object.entries({ ...root, processes: entries })) {
    yield `${separator}${JSON.stringify(key)}: `
    separator = ",\n  "
    if (value !== entries || entries.length === 0) {
      yield inObject(value)
      continue
    }
    yield "[\n"
    for (let start = 0; start < entries.length;) {
      const run = standing(entries, start) ?? printRun(entries, start)
      start += run.entries.length
      yield run.text
      yield start < entries.length ? ",\n" : "\n  ]"
    }
  }
  yield "\n}"
}

export const print = (document: Printable): string => Array.from(pieces(document)).join("")

/** Whether the document prints as this text, from which it was read. */
export const isPrintOf = (document: Printable, text: string): boolean => {
  let position = 0
  try {
    for (const piece of pieces(document)) {
      if (!text.startsWith(piece, position)) return false
      position += piece.length
    }
  } catch {
    // Nested deeper than can be printed.
    return false
  }
  return position === text.length
}
