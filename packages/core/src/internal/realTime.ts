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

/** Milliseconds since some moment in the past; never set back, and the same for all programs until the next boot. */
export const now = (): number => Number(process.hrtime.bigint()) / 1e6
