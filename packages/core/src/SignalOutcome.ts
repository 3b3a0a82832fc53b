/**
 * How a process is killed, and what came of a signal to it.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"
import { EndingSignal } from "./OsProcess.ts"

/**
 * How a process is killed.
 *
 * @category models
 * @since 0.1.0
 */
export interface KillOptions {
  /** What it is asked to end by; SIGTERM by default. SIGKILL ends it at once. */
  readonly signal?: EndingSignal | undefined
  /** The time between that and SIGKILL; 5 seconds by default. */
  readonly grace?: Duration.Input | undefined
  /** Whether all that it started ends with it, as by default, or the one process alone. */
  readonly tree?: boolean | undefined
  /** What the agent was launched to find out: it is checked, and recorded in the log of its session, before any signal. */
  readonly result?: string | undefined
  /** Ends it also when the result cannot be recorded, or when there is none and one is due. */
  readonly discardResult?: boolean | undefined
}

/**
 * What a signal achieved: `signalled` means it was sent, `killed` that the
 * process, and its tree, were seen to be gone.
 *
 * @category models
 * @since 0.1.0
 */
export class SignalOutcome extends Schema.Class<SignalOutcome>("SignalOutcome")({
  id: Schema.String,
  pid: Schema.Finite,
  /** The last signal that was sent; the one that was asked for when the process ended without. */
  signal: EndingSignal,
  status: Schema.Literals(["signalled", "killed"]),
  /** Every process that was seen to be gone: the one of the entry and those of its tree. None after `stop`. */
  ended: Schema.Array(Schema.Struct({ pid: Schema.Finite, command: Schema.String })),
  /** The log that has the result, when one was given. */
  resultRecorded: Schema.optionalKey(Schema.String)
}) {}

/**
 * Maps a {@link SignalOutcome} to the object that scripts get.
 *
 * @category schemas
 * @since 0.1.0
 */
export const SignalOutcomeJson = SignalOutcome.pipe(Schema.encodeKeys({ resultRecorded: "result_recorded" }))
