/**
 * This program as a job of a shell, which is given the terminal and has to give
 * it back.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

/**
 * Stops this program until the shell continues it, and all of its job with it,
 * as a terminal does on Ctrl-Z: somebody may wait for this program whom the
 * shell waits for. Nothing happens where no shell would continue it.
 */
export const stop: Effect.Effect<void> = Effect.sync(() => {
  if (process.platform !== "win32") process.kill(0, "SIGTSTP")
})

/** Tells of a signal until the scope closes, instead of what it does otherwise. */
export const onSignal = (signal: NodeJS.Signals, tell: () => void): Effect.Effect<void, never, Scope.Scope> =>
  Effect.asVoid(Effect.acquireRelease(
    Effect.sync(() => process.on(signal, tell)),
    () => Effect.sync(() => process.off(signal, tell))
  ))
