/**
 * What becomes of the program when its answer cannot be written.
 */
import * as Effect from "effect/Effect"
import * as Failure from "./Failure.ts"

let deeds = 0

/** Does something to its end, also when nobody reads any more what is said of it. */
export const toTheEnd = <A, E, R>(deed: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.acquireUseRelease(
    Effect.sync(() => void deeds++),
    () => deed,
    () => Effect.sync(() => void deeds--)
  )

/** Ends the program when its standard output does not take what it says. */
export const watch = (output: NodeJS.WriteStream, args: ReadonlyArray<string>): void => {
  output.on("error", (error: NodeJS.ErrnoException) => {
    // A reader that has seen enough, such as `head`, is no failure.
    if (error.code !== "EPIPE") {
      Failure.tellNow(args, { code: "output_failed", message: `Cannot write the answer: ${error.message}` })
      process.exit(1)
    }
    if (deeds === 0) process.exit(0)
  })
}
