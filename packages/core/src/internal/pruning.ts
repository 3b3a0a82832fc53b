/**
 * Which of the finished entries somebody wants out of the registry.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { newestFirst, type ProcessEntry } from "../ProcessEntry.ts"
import type { PruneOptions } from "../ProcessStore.ts"
import * as Timestamp from "../Timestamp.ts"
import { leastAge } from "./leastAge.ts"
import * as Retention from "./retention.ts"
import * as Document from "./storeDocument.ts"

/** Whether a directory was seen not to be there. */
export type IsGone = (directory: string) => Effect.Effect<boolean>

interface Choice {
  readonly options: PruneOptions
  readonly goneRoots: ReadonlySet<string>
  readonly now: number
}

/** What is known of the time, of the end where there is one, in milliseconds since the Unix epoch. */
const endOf = ({ exitedAt, startedAt }: ProcessEntry): number | undefined => {
  const instant = Timestamp.parse(exitedAt ?? startedAt)
  return instant && Timestamp.toEpochMillis(instant)
}

const hasCondition = ({ keep, olderThan, rootGone, status }: PruneOptions): boolean =>
  keep !== undefined || olderThan !== undefined || rootGone === true || status !== undefined

/**
 * What can leave, newest first, with the JSON that it is read from. An id that stands in
 * the registry twice stays: the archive has one place for it.
 */
const finishedIn = (document: Document.StoreDocument): ReadonlyArray<readonly [raw: unknown, entry: ProcessEntry]> => {
  const entries = document.entries.flatMap((raw) => {
    const entry = Document.decodeEntry(raw)
    return Result.isSuccess(entry) ? [[raw, entry.success] as const] : []
  })
  const counts = new Map<string, number>()
  for (const [, { id }] of entries) counts.set(id, (counts.get(id) ?? 0) + 1)
  return entries
    .filter(([raw, { id }]) => Retention.isFinished(raw) && counts.get(id) === 1 && !document.leaving?.has(raw))
    .toSorted(([, self], [, that]) => newestFirst(self, that))
}

/** The roots of finished entries that are directories no more; asked only when somebody wants to know. */
const goneRootsIn = Effect.fnUntraced(
  function*(entries: ReadonlyArray<ProcessEntry>, { rootGone }: PruneOptions, isGone: IsGone) {
    const roots = rootGone === true ? new Set(entries.flatMap(({ root }) => root ?? [])) : []
    const gone = yield* Effect.filter(roots, isGone)
    return new Set(gone)
  }
)

/** The choice of now. */
export const choice = Effect.fnUntraced(
  function*(entries: ReadonlyArray<ProcessEntry>, options: PruneOptions, isGone: IsGone) {
    const goneRoots = yield* goneRootsIn(entries, options, isGone)
    const now = Timestamp.parse(yield* Timestamp.now)!
    return { options, goneRoots, now: Timestamp.toEpochMillis(now) } satisfies Choice
  }
)

/** What is no count keeps all: whoever gave it did not want everything to go. */
const countToKeep = (keep: number): number => keep >= 0 ? Math.ceil(keep) : Infinity

/** Every condition that is given must hold; without any, nothing is chosen. */
const chosenIn = (document: Document.StoreDocument, { goneRoots, now, options }: Choice) => {
  if (!hasCondition(options)) return []
  const { keep = 0, olderThan, rootGone, status } = options
  const before = Option.map(Option.fromUndefinedOr(olderThan), (age) => now - leastAge(age))
  return finishedIn(document).slice(countToKeep(keep)).filter(([, entry]) => {
    const end = endOf(entry)
    return (status === undefined || entry.status === status) &&
      (rootGone !== true || (entry.root !== null && goneRoots.has(entry.root))) &&
      // Of an entry without a time nobody knows that it is old.
      Option.match(before, { onNone: () => true, onSome: (before) => end !== undefined && end < before })
  })
}

/** Marks what is chosen, so that the next write moves it to the archive; answers it, newest first. */
export const prune = (
  document: Document.StoreDocument,
  choice: Choice
): readonly [ReadonlyArray<ProcessEntry>, Document.StoreDocument] => {
  const chosen = chosenIn(document, choice)
  if (chosen.length === 0) return [[], document]
  const leaving = new Set(document.leaving)
  for (const [raw] of chosen) leaving.add(raw)
  return [chosen.map(([, entry]) => entry), { ...document, leaving }]
}
