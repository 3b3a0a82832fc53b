/**
 * Waiting for the end of registered processes.
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { ProcessEntry } from "../ProcessEntry.ts"
import type { ProcessStoreError } from "../ProcessStoreError.ts"
import { type WaitOptions, WaitOutcome } from "../WaitOutcome.ts"
import type { Observation } from "./observation.ts"

// A look costs next to nothing as long as the registry has not changed.
const pause = 50

// Whoever launched a process records its end a moment after that, and an entry that somebody without the lock has taken
// away comes back.
const settling = 1000

interface Look {
  /** It may be known better in a moment. */
  readonly isGone: boolean
  readonly outcome: WaitOutcome
}

/** Looks again and again, and answers how each stands in the end, in the given order. */
export const make = (
  find: (id: string) => Effect.Effect<Option.Option<ProcessEntry>, ProcessStoreError>,
  observe: (entry: ProcessEntry) => Effect.Effect<Observation>
) =>
  Effect.fnUntraced(function*(entries: ReadonlyArray<ProcessEntry>, { timeout, until = "all" }: WaitOptions = {}) {
    const deadline = timeout === undefined
      ? Infinity
      : (yield* Clock.currentTimeMillis) + Duration.toMillis(Duration.fromInputUnsafe(timeout))
    // Since when each of them was seen dead, or not at all.
    const gone = new Map<string, number>()

    const look = Effect.fnUntraced(function*(before: ProcessEntry): Effect.fn.Return<Look, ProcessStoreError> {
      const found = yield* find(before.id)
      const entry = Option.getOrElse(found, () => before)
      const { id, pid } = entry
      if (Option.isNone(found)) {
        return {
          isGone: true,
          outcome: new WaitOutcome({ id, pid, liveStatus: "unknown", hasEnded: true, exitCode: null })
        }
      }
      const { liveness: { status } } = yield* observe(entry)
      // Elsewhere it may run.
      const hasEnded = status !== "running" && !(status === "unknown" && entry.status === "running")
      const exitCode = status === "dead" ? null : entry.exitCode
      return {
        isGone: status === "dead",
        outcome: new WaitOutcome({ id, pid, liveStatus: status, hasEnded, exitCode })
      }
    })

    const isOver = ({ isGone, outcome: { hasEnded, id } }: Look, now: number): boolean => {
      if (!isGone) {
        gone.delete(id)
        return hasEnded
      }
      if (!gone.has(id)) gone.set(id, now)
      return now - gone.get(id)! >= settling
    }

    while (true) {
      const looks = yield* Effect.forEach(entries, look)
      const outcomes = looks.map(({ outcome }) => outcome)
      const now = yield* Clock.currentTimeMillis
      const over = looks.filter((look) => isOver(look, now))
      if (until === "any" ? over.length > 0 : over.length === outcomes.length) return outcomes
      if (now >= deadline) return outcomes
      yield* Effect.sleep(Math.min(pause, deadline - now))
    }
  })
