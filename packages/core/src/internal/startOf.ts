/**
 * When an entry says that it began.
 */
import type { ProcessEntry } from "../ProcessEntry.ts"
import * as Timestamp from "../Timestamp.ts"

// To sort many asks for each of them again and again.
const starts = new WeakMap<object, { readonly instant: Timestamp.Instant | undefined }>()

/** Undefined where that is no time. */
export const startOf = (entry: Pick<ProcessEntry, "startedAt">): Timestamp.Instant | undefined => {
  const known = starts.get(entry)
  if (known !== undefined) return known.instant
  const instant = Timestamp.parse(entry.startedAt)
  starts.set(entry, { instant })
  return instant
}
