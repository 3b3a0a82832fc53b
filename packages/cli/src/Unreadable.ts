/**
 * Entries that could not be read: they hide no other, and nobody is to miss them.
 */
import type { UnreadableEntry } from "@zag/core/ProcessStore"
import { ZagHome } from "@zag/core/ZagHome"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"

/** A line on stderr for each. */
export const warn = Effect.fnUntraced(function*(unreadable: ReadonlyArray<UnreadableEntry>) {
  const { processesFile } = yield* ZagHome
  for (const { archived, index, problem } of unreadable) {
    const place = archived === true ? "the archive" : processesFile
    yield* Console.error(`Warning: entry ${index + 1} of ${place} cannot be read and is left as it is: ${problem}`)
  }
})
