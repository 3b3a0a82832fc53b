/**
 * Why a signal was not sent to a process of the operating system.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * The pid must never be signalled: it stands for several processes, for the
 * system itself, or for the program that asks.
 *
 * @category errors
 * @since 0.1.0
 */
export class PidRefused extends Schema.TaggedError<PidRefused>()("PidRefused", {
  // @effect-diagnostics-next-line schemaNumber:off -- the refusal of NaN must not itself fail
  pid: Schema.Number,
  why: Schema.String
}) {
  override get message(): string {
    return `pid ${this.pid} is never signalled: ${this.why}`
  }
}

/**
 * There is no such process (any more).
 *
 * @category errors
 * @since 0.1.0
 */
export class NoSuchProcess extends Schema.TaggedError<NoSuchProcess>()("NoSuchProcess", { pid: Schema.Finite }) {
  override get message(): string {
    return `there is no process with pid ${this.pid}`
  }
}

/**
 * The process belongs to another user.
 *
 * @category errors
 * @since 0.1.0
 */
export class NotPermitted extends Schema.TaggedError<NotPermitted>()("NotPermitted", { pid: Schema.Finite }) {
  override get message(): string {
    return `pid ${this.pid} belongs to another user (EPERM: operation not permitted); ask that user, or run this as root`
  }
}

/**
 * The system has no such signal, or cannot show at the moment that the pid is
 * still the process that is meant.
 *
 * @category errors
 * @since 0.1.0
 */
export class SignalImpossible extends Schema.TaggedError<SignalImpossible>()("SignalImpossible", {
  pid: Schema.Finite,
  signal: Schema.String,
  why: Schema.String
}) {
  override get message(): string {
    return `${this.signal} cannot be sent to pid ${this.pid}: ${this.why}`
  }
}

/**
 * The error of a signal that was not sent; `reason` says why.
 *
 * @category errors
 * @since 0.1.0
 */
export class OsProcessError extends Schema.TaggedError<OsProcessError>()("OsProcessError", {
  reason: Schema.Union([PidRefused, NoSuchProcess, NotPermitted, SignalImpossible])
}) {
  override get message(): string {
    return this.reason.message
  }
}
