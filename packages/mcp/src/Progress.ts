/**
 * How a tool says that it is still at work.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"

/**
 * How far a call has got. `done` grows with each one that is told.
 *
 * @category models
 * @since 0.1.0
 */
export interface Step {
  readonly done: number
  /** What `done` is when all is done, or the time is up. */
  readonly total?: number | undefined
  readonly message?: string | undefined
}

/**
 * Tells whoever called how far the call has got.
 *
 * @category models
 * @since 0.1.0
 */
export type Progress = (step: Step) => Effect.Effect<void>

/**
 * What a tool tells its steps to; nobody by default.
 *
 * @category references
 * @since 0.1.0
 */
export const Progress: Context.Reference<Progress> = Context.Reference("@zag/mcp/Progress", {
  defaultValue: (): Progress => () => Effect.void
})
