/**
 * Real time, whatever the `Clock` says: what other programs do does not wait
 * for it.
 */
import * as Effect from "effect/Effect"

/** Waits that many milliseconds. */
export const pause = (millis: number): Effect.Effect<void> =>
  Effect.callback<void>((resume) => {
    // @effect-diagnostics-next-line globalTimersInEffect:off -- see above
    const timer = setTimeout(() => resume(Effect.void), millis)
    return Effect.sync(() => clearTimeout(timer))
  })

/** The time of day in milliseconds, whatever the `Clock` says. */
// @effect-diagnostics-next-line globalDate:off -- see above
export const timeOfDay = (): number => Date.now()

/** Milliseconds since some moment in the past; never set back, and the same for all programs until the next boot. */
export const now = (): number => Number(process.hrtime.bigint()) / 1e6
