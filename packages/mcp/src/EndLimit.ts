/**
 * How much the tools end, and ask about, before one is refused who has gone
 * wild.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

/**
 * So many stops and kills are done within any minute, and as many questions
 * asked: more than an agent has use for that knows what it does.
 *
 * @category constants
 * @since 0.1.0
 */
export const mostAMinute = 30

/**
 * There were too many within a minute. Nothing was signalled.
 *
 * @category errors
 * @since 0.1.0
 */
export class EndLimitReached extends Schema.TaggedError<EndLimitReached>()("EndLimitReached", {
  /** Of what. */
  what: Schema.Literals(["calls", "questions"])
}) {
  override get message(): string {
    const counted = this.what === "calls" ? "calls within 1 minute that end something" : "questions within 1 minute"
    return `Refused: more than ${mostAMinute} ${counted}. Look with list_processes what is left to be done, and go on ` +
      "a minute later."
  }
}

/**
 * What keeps count.
 *
 * @category models
 * @since 0.1.0
 */
export interface EndLimit {
  /** Fails when no more may be signalled now, before anybody is asked in vain. */
  readonly check: Effect.Effect<void, EndLimitReached>
  /** Counts one that is about to be signalled; fails when it may not be. */
  readonly count: Effect.Effect<void, EndLimitReached>
}

/**
 * By what the tools that end something are counted. By default there is no
 * bound: who mounts them in a server of its own decides.
 *
 * @category references
 * @since 0.1.0
 */
export const EndLimit: Context.Reference<EndLimit> = Context.Reference("@zag/mcp/EndLimit", {
  defaultValue: (): EndLimit => ({ check: Effect.void, count: Effect.void })
})
