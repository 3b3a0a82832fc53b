/**
 * What came of waiting for a process.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"
import { LiveStatus } from "./ProcessInfo.ts"

/**
 * What to wait for: all of the processes, which is the default, or any of them;
 * and for how long at most.
 *
 * @category models
 * @since 0.1.0
 */
export interface WaitOptions {
  /** Whether all must have ended, which is the default, or one of them is enough. */
  readonly until?: "all" | "any" | undefined
  /** How long to wait at most; without it, as long as it takes. */
  readonly timeout?: Duration.Input | undefined
}

/**
 * How a process stood when the waiting was over.
 *
 * - `exited`, `killed`: it has ended; `exitCode` is its code where one was
 *   recorded.
 * - `dead`: it has ended, and nobody recorded how: the exit code cannot be known.
 * - `running`: it has not ended.
 * - `unknown`: it runs in another container or on another machine, where only
 *   its entry can tell that it has ended; or its entry says something that no
 *   version of `zag` writes, or is gone.
 *
 * @category models
 * @since 0.1.0
 */
export class WaitOutcome extends Schema.Class<WaitOutcome>("WaitOutcome")({
  id: Schema.String,
  pid: Schema.Finite,
  liveStatus: LiveStatus,
  /** Whether there was nothing left to wait for. */
  hasEnded: Schema.Boolean,
  exitCode: Schema.NullOr(Schema.Finite)
}) {
  /** Whether it has ended, and with exit code 0. */
  get succeeded(): boolean {
    return this.liveStatus === "exited" && this.exitCode === 0
  }
}

/**
 * The codec between {@link WaitOutcome} and what scripts and tools see.
 *
 * @category schemas
 * @since 0.1.0
 */
export const WaitOutcomeJson = WaitOutcome.pipe(
  Schema.encodeKeys({ liveStatus: "live_status", hasEnded: "has_ended", exitCode: "exit_code" })
)
