/**
 * No more of something than may be within any stretch of time.
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"

export interface SlidingWindow {
  /** Whether one more may be. */
  readonly hasRoom: Effect.Effect<boolean>
  /** Counts one more, if it may be. */
  readonly take: Effect.Effect<boolean>
}

/** There are no more than `limit` within any `window`. */
export const make = (limit: number, window: Duration.Duration): SlidingWindow => {
  const length = Duration.toNanosUnsafe(window)
  /** When the last of them were, the oldest first. */
  const times: Array<bigint> = []

  const hasRoom = (now: bigint): boolean => {
    while (times[0] !== undefined && now - times[0] >= length) times.shift()
    return times.length < limit
  }

  // Not the time of day, which may be set back.
  return {
    hasRoom: Effect.map(Clock.monotonicTimeNanos, hasRoom),
    take: Effect.map(Clock.monotonicTimeNanos, (now) => hasRoom(now) && times.push(now) > 0)
  }
}
