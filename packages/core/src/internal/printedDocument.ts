/**
 * The content of a registry as it stands in the file, byte for byte that of
 * `JSON.stringify(root, null, 2)`.
 *
 * Entries are never changed in place, so what a run of them prints as is kept:
 * a write prints only the runs in which something is new, and a read parses
 * only those.
 */
import * as Predicate from "effect/Predicate"

interface Printable {
  /** The top-level object, whose `processes` is replaced by `entries`. */
  readonly root: { readonly [key: string]: unknown }
  readonly entries: ReadonlyArray<unknown>
}

/** Neighbours in a document, and what they print as between its brackets. */
interface Run {
  readonly entries: ReadonlyArray<unknown>
  readonly print: Buffer
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
  const some = entries.slice(start, end)
  const run = { entries: some, print: Buffer.from(inList(some)) }
  const first = entries[start]
  if (Predicate.isObject(first)) runs.set(first, run)
  return run
}

const betweenRuns = Buffer.from(",\n")

/** What stands before the entries, and what behind them. */
const around = ({ entries, root }: Printable): readonly [before: Buffer, after: Buffer] => {
  const members = Object.entries({ ...root, processes: entries }).map(([key, value]) =>
    `${JSON.stringify(key)}: ${value === entries ? "\0" : inObject(value)}`
  )
  const [before, after] = `{\n  ${members.join(",\n  ")}\n}`.split("\0")
  return [Buffer.from(`${before}[`), Buffer.from(`]${after}`)]
}

/** The print in pieces. */
function* pieces(document: Printable): Generator<Buffer> {
  const { entries } = document
  const [before, after] = around(document)
  yield before
  for (let start = 0; start < entries.length;) {
    const run = standing(entries, start) ?? printRun(entries, start)
    yield start === 0 ? lineBreak : betweenRuns
    yield run.print
    start += run.entries.length
  }
  if (entries.length > 0) yield lastLine
  yield after
}

const lineBreak = Buffer.from("\n")

const lastLine = Buffer.from("\n  ")

export const print = (document: Printable): Uint8Array => Buffer.concat(Array.from(pieces(document)))

const standsAt = (piece: Buffer, content: Buffer, position: number): boolean =>
  position >= 0 && position + piece.length <= content.length &&
  piece.compare(content, position, position + piece.length) === 0

const bufferOf = (content: Uint8Array): Buffer => Buffer.from(content.buffer, content.byteOffset, content.byteLength)

/** Whether the document prints as this content, from which it was read. */
export const isPrintOf = (document: Printable, content: Uint8Array): boolean => {
  const whole = bufferOf(content)
  let position = 0
  try {
    for (const piece of pieces(document)) {
      if (!standsAt(piece, whole, position)) return false
      position += piece.length
    }
  } catch {
    // Nested deeper than can be printed.
    return false
  }
  return position === whole.length
}

/** The runs of a document; undefined stands for an entry that is in none which was printed before. */
const printedRuns = ({ entries }: Printable): ReadonlyArray<Run | undefined> => {
  const printed: Array<Run | undefined> = []
  for (let start = 0; start < entries.length;) {
    const run = standing(entries, start)
    printed.push(run)
    start += run?.entries.length ?? 1
  }
  return printed
}

/**
 * Reads a content that differs from the print of a document in some entries
 * only: entries that stand where they stood are the same objects. Undefined
 * when it differs in more than that, or is no print.
 */
export const parseLike = <Document extends Printable>(
  document: Document,
  content: Uint8Array
): Document | undefined => {
  const whole = bufferOf(content)
  const printed = printedRuns(document)
  const [before, after] = around(document)
  let from = before.length + lineBreak.length
  let to = whole.length - after.length - lastLine.length
  let first = 0
  for (let run = printed[0]; run !== undefined && standsAt(run.print, whole, from); run = printed[++first]) {
    from += run.print.length + betweenRuns.length
  }
  let last = printed.length
  while (last > first) {
    const run = printed[last - 1]
    const start = to - (run?.print.length ?? Infinity)
    if (run === undefined || start < from || !standsAt(run.print, whole, start)) break
    to = start - betweenRuns.length
    last--
  }
  const changed = from < to ? parseList(whole.toString("utf8", from, to)) : []
  if (changed === undefined) return undefined
  const found = {
    ...document,
    entries: [...entriesOf(printed.slice(0, first)), ...changed, ...entriesOf(printed.slice(last))]
  }
  // However it was taken apart: what prints as the content is what the content says.
  return isPrintOf(found, content) ? found : undefined
}

const entriesOf = (some: ReadonlyArray<Run | undefined>) => some.flatMap((run) => run?.entries ?? [])

const parseList = (text: string): ReadonlyArray<unknown> | undefined => {
  try {
    return JSON.parse(`[${text}]`) as ReadonlyArray<unknown>
  } catch {
    return undefined
  }
}
