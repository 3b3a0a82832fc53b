/**
 * Why a process could not be found, stopped or killed.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { EndingSignal } from "./OsProcess.ts"
import { LiveStatus } from "./ProcessInfo.ts"
import { InvalidLabel } from "./ProcessLabels.ts"

/**
 * No entry has this id, nor one that begins so. `unreadable` entries of the
 * registry could not be asked.
 *
 * @category errors
 * @since 0.1.0
 */
export class ProcessNotFound extends Schema.TaggedError<ProcessNotFound>()("ProcessNotFound", {
  handle: Schema.String,
  unreadable: Schema.Int,
  /** What the handle should have been, where it does not show. */
  why: Schema.optionalKey(Schema.String)
}) {
  override get message(): string {
    const entries = this.unreadable === 1 ? "1 entry" : `${this.unreadable} entries`
    return `Process not found: ${this.handle}` + (this.why === undefined ? "" : `: ${this.why}`) +
      (this.unreadable === 0 ? "" : ` (${entries} of the registry cannot be read)`)
  }
}

/**
 * The beginning of an id that several entries share, or a pid that several have.
 *
 * @category errors
 * @since 0.1.0
 */
export class AmbiguousHandle extends Schema.TaggedError<AmbiguousHandle>()("AmbiguousHandle", {
  handle: Schema.String,
  candidates: Schema.Array(Schema.String)
}) {
  override get message(): string {
    const shown = this.candidates.slice(0, 5).join(", ")
    const more = this.candidates.length > 5 ? ` and ${this.candidates.length - 5} more` : ""
    return this.handle.startsWith("pid:")
      ? `Ambiguous process: ${this.handle} is that of ${shown}${more}. Give the id.`
      : `Ambiguous process id: ${this.handle} is the beginning of ${shown}${more}. Give more of the id.`
  }
}

/**
 * `self` was asked for outside a session.
 *
 * @category errors
 * @since 0.1.0
 */
export class NotInSession extends Schema.TaggedError<NotInSession>()("NotInSession", {}) {
  override get message(): string {
    return "Cannot resolve \"self\": ZAG_PROCESS_ID is not set. Are you running inside a zag session?"
  }
}

/**
 * There is nothing to signal.
 *
 * @category errors
 * @since 0.1.0
 */
export class NotRunning extends Schema.TaggedError<NotRunning>()("NotRunning", {
  id: Schema.String,
  liveStatus: LiveStatus,
  why: Schema.optionalKey(Schema.String)
}) {
  override get message(): string {
    const why = this.why === undefined ? "" : `: ${this.why}`
    return `Process ${this.id} is not running (status: ${this.liveStatus})${why}`
  }
}

const Registered = Schema.Struct({ pid: Schema.Finite, startedAt: Schema.String })

/**
 * The id stands for another process than the one that somebody looked at.
 * Nothing was signalled.
 *
 * @category errors
 * @since 0.1.0
 */
export class ProcessChanged extends Schema.TaggedError<ProcessChanged>()("ProcessChanged", {
  id: Schema.String,
  /** What was looked at. */
  before: Registered,
  /** What the id stands for now. */
  now: Registered
}) {
  override get message(): string {
    const { before, id, now } = this
    const what = before.pid === now.pid
      ? `it was registered again, at ${now.startedAt}`
      : `its pid was ${before.pid}, and is ${now.pid} now`
    return `Process ${id} is not the one that was looked at: ${what}. Nothing was signalled. ` +
      "Look at it again before you end it."
  }
}

/**
 * The signal would, or could, reach the wrong process. Nothing was signalled.
 *
 * @category errors
 * @since 0.1.0
 */
export class SignalRefused extends Schema.TaggedError<SignalRefused>()("SignalRefused", {
  id: Schema.String,
  pid: Schema.Finite,
  why: Schema.String
}) {
  override get message(): string {
    return `Refused to signal process ${this.id} (pid ${this.pid}): ${this.why}`
  }
}

/**
 * The operating system did not let the signal through. The process lives on.
 *
 * @category errors
 * @since 0.1.0
 */
export class SignalNotPermitted extends Schema.TaggedError<SignalNotPermitted>()("SignalNotPermitted", {
  id: Schema.String,
  pid: Schema.Finite
}) {
  override get message(): string {
    return `Failed to signal process ${this.id}: pid ${this.pid} belongs to another user ` +
      "(EPERM: operation not permitted). Ask that user, or run this as root."
  }
}

/**
 * The process, or others of its tree, survived every signal. Its entry was not
 * changed.
 *
 * @category errors
 * @since 0.1.0
 */
export class StillAlive extends Schema.TaggedError<StillAlive>()("StillAlive", {
  id: Schema.String,
  pid: Schema.Finite,
  /** By which they were asked to end, before SIGKILL. */
  signal: EndingSignal,
  /** All that are still there; `why` says what kept a signal from them. */
  survivors: Schema.Array(Schema.Struct({
    pid: Schema.Finite,
    command: Schema.String,
    why: Schema.optionalKey(Schema.String)
  }))
}) {
  override get message(): string {
    const named = this.survivors.map(({ command, pid, why }) => {
      const name = command === "" ? `pid ${pid}` : `pid ${pid} (${command})`
      return why === undefined ? name : `${name}, which ${why}`
    })
    const signals = this.signal === "SIGKILL" ? "SIGKILL" : `${this.signal} and SIGKILL`
    const what = this.survivors.some(({ pid }) => pid === this.pid)
      ? "is still alive"
      : "is gone, but not all that it started is"
    const next = this.survivors.some(({ why }) => why?.includes("another user"))
      ? "Ask that user, or run this as root."
      : this.survivors.some(({ why }) => why === undefined)
      ? "What survives SIGKILL may be waiting for a device; try again later."
      : "Try again."
    return `Process ${this.id} (pid ${this.pid}) ${what} after ${signals}. ` +
      `Still there: ${named.join("; ")}. ${next} Its entry is left as it is.`
  }
}

/**
 * The process was killed, but its entry could not be updated.
 *
 * @category errors
 * @since 0.1.0
 */
export class EndNotRecorded extends Schema.TaggedError<EndNotRecorded>()("EndNotRecorded", {
  id: Schema.String,
  pid: Schema.Finite,
  problem: Schema.String
}) {
  override get message(): string {
    return `Process ${this.id} (pid ${this.pid}) was killed, but that could not be recorded: ${this.problem}`
  }
}

/**
 * A result is not what the session was launched to end with, or there is none
 * and one is due. Nothing was recorded, and nothing signalled.
 *
 * @category errors
 * @since 0.1.0
 */
export class ResultRejected extends Schema.TaggedError<ResultRejected>()("ResultRejected", {
  id: Schema.String,
  /** Each thing that is wrong. */
  violations: Schema.Array(Schema.String),
  /** All of it in the words of `zag`. */
  problem: Schema.String
}) {
  override get message(): string {
    return this.problem
  }
}

/**
 * Nobody knows to which session a result belongs. Nothing was recorded, and
 * nothing signalled.
 *
 * @category errors
 * @since 0.1.0
 */
export class SessionNotFound extends Schema.TaggedError<SessionNotFound>()("SessionNotFound", {
  id: Schema.String,
  why: Schema.String
}) {
  override get message(): string {
    return `The result of process ${this.id} cannot be recorded: ${this.why}. The process was not signalled. ` +
      "Keep the result elsewhere, and end it without one, or discard the result (--discard-result)."
  }
}

/**
 * The session of a result is known, but the result could not be written to its
 * log. Nothing was signalled.
 *
 * @category errors
 * @since 0.1.0
 */
export class ResultNotRecorded extends Schema.TaggedError<ResultNotRecorded>()("ResultNotRecorded", {
  id: Schema.String,
  why: Schema.String
}) {
  override get message(): string {
    return `Failed to record session result: ${this.why}. ` +
      "Kill aborted — the process is still running. Retry once the underlying I/O error is resolved."
  }
}

/**
 * The session wants a result that matches a JSON schema, and there is nothing
 * to check that by. Nothing was recorded, and nothing signalled.
 *
 * @category errors
 * @since 0.1.0
 */
export class ResultNotChecked extends Schema.TaggedError<ResultNotChecked>()("ResultNotChecked", {
  id: Schema.String,
  problem: Schema.String
}) {
  override get message(): string {
    return `The result of process ${this.id} has to match a JSON schema. ${this.problem}. The process was not signalled.`
  }
}

/**
 * Labels were asked for, and cannot be known.
 *
 * @category errors
 * @since 0.1.0
 */
export class LabelsUnreadable extends Schema.TaggedError<LabelsUnreadable>()("LabelsUnreadable", {
  problem: Schema.String
}) {
  override get message(): string {
    return `The labels of processes cannot be read: ${this.problem}`
  }
}

/**
 * The error of the operations of `ProcessControl`; `reason` says which it was.
 *
 * @category errors
 * @since 0.1.0
 */
export class ProcessControlError extends Schema.TaggedError<ProcessControlError>()("ProcessControlError", {
  reason: Schema.Union([
    ProcessNotFound,
    AmbiguousHandle,
    NotInSession,
    NotRunning,
    ProcessChanged,
    SignalRefused,
    SignalNotPermitted,
    StillAlive,
    EndNotRecorded,
    ResultRejected,
    SessionNotFound,
    ResultNotRecorded,
    ResultNotChecked,
    InvalidLabel,
    LabelsUnreadable
  ]),
  /** The log that has the result all the same: trying again does not record it twice. */
  resultRecorded: Schema.optionalKey(Schema.String)
}) {
  override get message(): string {
    return this.resultRecorded === undefined
      ? this.reason.message
      : `${this.reason.message.replace(/\.?$/, ".")} Its result is recorded in ${this.resultRecorded}`
  }
}
