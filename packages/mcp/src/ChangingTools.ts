/**
 * The tools with which an agent ends processes, and archives those that have
 * ended.
 *
 * @since 0.1.0
 */
import { EndingSignal } from "@zag/core/OsProcess"
import { ProcessControl } from "@zag/core/ProcessControl"
import { SignalOutcomeJson } from "@zag/core/SignalOutcome"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { Confirmation, type Question } from "./Confirmation.ts"
import { EndLimit } from "./EndLimit.ts"
import * as EndScope from "./EndScope.ts"
import { Handle, Length, lengthOf, unsaid } from "./internal/inputs.ts"
import * as Tool from "./Tool.ts"

const ends: Tool.Annotations = {
  readOnlyHint: false,
  destructiveHint: true,
  idempotentHint: true,
  openWorldHint: false
}

/**
 * The process that may be ended, of which the person has agreed that it is, and
 * which is counted. What has ended is not: the tool says so.
 */
const agreed = Effect.fnUntraced(function*(action: Question["action"], handle: string) {
  const limit = yield* EndLimit
  yield* limit.check
  const process = yield* EndScope.permitted(handle)
  if (process !== "self") {
    if (process.liveStatus === "exited" || process.liveStatus === "killed") return process
    yield* (yield* Confirmation)({ action, process })
  }
  yield* limit.count
  return process
})

/**
 * Asks a process to end, without waiting for it.
 *
 * @category tools
 * @since 0.1.0
 */
export const stopProcess = Tool.make({
  name: "stop_process",
  title: "Stop an agent process",
  description: "Asks a running agent process to end by itself: sends SIGHUP to it alone and does not wait. " +
    "Use it first, so that the agent can save its work. " +
    "signalled means that it was sent, not that the process is gone. " +
    "Next: wait_process; if it has not ended then, kill_process.",
  input: Schema.Struct({ id: Handle }),
  output: SignalOutcomeJson,
  answersLike: "kill_process",
  annotations: ends,
  handler: Effect.fnUntraced(function*({ id }) {
    const control = yield* ProcessControl
    return yield* control.stop(yield* agreed("stop", id))
  })
})

/**
 * Ends a process, and waits until it is gone.
 *
 * @category tools
 * @since 0.1.0
 */
export const killProcess = Tool.make({
  name: "kill_process",
  title: "Kill an agent process",
  description: "Ends an agent process and all that it started: sends SIGTERM, then SIGKILL to what is left after " +
    "grace_seconds, and answers when all of ended were seen to be gone. What was not saved is lost. " +
    "For one that is stuck, did not heed stop_process, or is dead but left processes behind; " +
    "with id self and result to hand in your own work. " +
    "signal is the last one sent. An error names what survived, or all that is wrong with the result: then nothing was sent.",
  input: Schema.Struct({
    id: Handle,
    signal: Schema.optionalKey(EndingSignal.annotate({
      description: "Sent first; SIGTERM by default."
    })),
    graceSeconds: Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 30 })).annotate({
      description: "How long they have before SIGKILL.",
      default: 5
    }).pipe(Schema.withDecodingDefaultKey(Effect.succeed(5))),
    result: Schema.optionalKey(Schema.String.annotate({
      description: "What it was launched for; checked and recorded first."
    })),
    discardResult: Schema.optionalKey(Schema.Boolean.annotate({
      description: "true: end it without the result that is due."
    }))
  }).pipe(Schema.encodeKeys({ graceSeconds: "grace_seconds", discardResult: "discard_result" })),
  output: SignalOutcomeJson,
  annotations: ends,
  handler: Effect.fnUntraced(function*({ discardResult, graceSeconds, id, result, signal }) {
    const control = yield* ProcessControl
    return yield* control.kill(yield* agreed("kill", id), {
      signal,
      grace: Duration.seconds(graceSeconds),
      result,
      discardResult
    })
  })
})

/** Everything that has ended is seldom what was meant by nothing at all. */
const hasCondition = Schema.makeFilter(
  ({ keep, olderThan, rootGone, status }: {
    readonly keep?: number
    readonly olderThan?: string
    readonly rootGone?: boolean
    readonly status?: string
  }) => rootGone === true || keep !== undefined || olderThan !== undefined || status !== undefined,
  { expected: "at least one of older_than, keep, status and root_gone", ...unsaid }
)

// Of what was moved.
const mostShown = 100

/**
 * Moves processes that have ended from the registry to the archive.
 *
 * @category tools
 * @since 0.1.0
 */
export const pruneProcesses = Tool.make({
  name: "prune_processes",
  title: "Archive ended agent processes",
  description: "Moves processes that have ended to the archive, where list_processes with archived still finds them. " +
    "Give at least one condition; all must hold. First shows what would move; call it again with dry_run false.",
  input: Schema.Struct({
    olderThan: Schema.optionalKey(Length.annotate({ description: "Only what ended longer ago, such as 7d." })),
    keep: Schema.optionalKey(
      Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 1_000_000 })).annotate({
        description: "Leave so many there, the newest."
      })
    ),
    status: Schema.optionalKey(Schema.Literals(["exited", "killed"]).annotate({ description: "Only what ended so." })),
    rootGone: Schema.optionalKey(Schema.Boolean.annotate({
      description: "true: only where the project directory is gone."
    })),
    dryRun: Schema.Boolean.annotate({ description: "Change nothing.", default: true }).pipe(
      Schema.withDecodingDefaultKey(Effect.succeed(true))
    )
  }).check(hasCondition).pipe(
    Schema.encodeKeys({ olderThan: "older_than", rootGone: "root_gone", dryRun: "dry_run" })
  ),
  output: Schema.Struct({
    dryRun: Schema.Boolean,
    count: Schema.Finite,
    /** The newest of them. */
    moved: Schema.Array(Schema.Struct({ id: Schema.String, provider: Schema.String, status: Schema.String }))
  }).pipe(Schema.encodeKeys({ dryRun: "dry_run" })),
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  handler: Effect.fnUntraced(function*({ dryRun, keep, olderThan, rootGone, status }) {
    const control = yield* ProcessControl
    const moved = yield* control.prune({
      olderThan: olderThan === undefined ? undefined : lengthOf(olderThan),
      keep,
      status,
      rootGone,
      dryRun
    })
    const shown = moved.slice(0, mostShown).map(({ id, provider, status }) => ({ id, provider, status }))
    return { dryRun, count: moved.length, moved: shown }
  })
})
