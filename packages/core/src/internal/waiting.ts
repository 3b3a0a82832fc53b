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

// Whoever launched a process records its end a moment after that.
const recording = 1000

/** Looks again and again, and answers how each stands in the end, in the given order. */
export const make = (
  find: (id: string) => Effect.Effect<Option.Option<ProcessEntry>, ProcessStoreError>,
  observe: (entry: ProcessEntry) => Effect.Effect<Observation>
) =>
  Effect.fnUntraced(function*(entries: ReadonlyArray<ProcessEntry>, { timeout, until = "all" }: WaitOptions = {}) {
    const deadline = timeout === undefined
      ? Infinity
      : (yield* Clock.currentTimeMillis) + Duration.toMillis(Duration.fromInputUnsafe(timeout))
    // Since when each of them was seen dead.
    const dead = new Map<string, number>()

    const look = Effect.fnUntraced(function*(before: ProcessEntry) {
      const found = yield* find(before.id)
      const entry = Option.getOrElse(found, () => before)
      const { id, pid } = entry
      if (Option.isNone(found)) {
        return new WaitOutcome({ id, pid, liveStatus: "unknown", hasEnded: true, exitCode: null })
      }
      const { liveness: { status } } = yield* observe(entry)
      // Elsewhere it may run.
      const hasEnded = status !== "running" && !(status === "unknown" && entry.status === "running")
      const exitCode = status === "dead" ? null : entry.exitCode
      return new WaitOutcome({ id, pid, liveStatus: status, hasEnded, exitCode })
    })

    const isOver = ({ hasEnded, id, liveStatus }: WaitOutcome, now: number): boolean => {
      if (liveStatus !== "dead") return hasEnded
      if (!dead.has(id)) dead.set(id, now)
      return now - dead.get(id)! >= recording
    }

    while (true) {
      const outcomes = yield* Effect.forEach(entries, look)
      const now = yield* Clock.currentTimeMillis
      const over = outcomes.filter((outcome) => isOver(outcome, now))
      if (until === "any" ? over.length > 0 : over.length === outcomes.length) return outcomes
      if (now >= deadline) return outcomes
      yield* Effect.sleep(Math.min(pause, deadline - now))
    }
  })
