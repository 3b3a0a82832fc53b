/**
 * Why a session cannot be known.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * No file has the session.
 *
 * @category errors
 * @since 0.1.0
 */
export class SessionMissing extends Schema.TaggedError<SessionMissing>()("SessionMissing", {
  sessionId: Schema.String,
  directory: Schema.String
}) {
  override get message(): string {
    return `no sessions.json below ${this.directory} has the session ${this.sessionId}`
  }
}

/**
 * Several sessions have that id, and nothing says which of them is meant.
 *
 * @category errors
 * @since 0.1.0
 */
export class SessionAmbiguous extends Schema.TaggedError<SessionAmbiguous>()("SessionAmbiguous", {
  sessionId: Schema.String,
  /** The files that have it. */
  files: Schema.Array(Schema.String)
}) {
  override get message(): string {
    return `several sessions have the id ${this.sessionId}, in ${this.files.join(" and ")}`
  }
}

/**
 * The session may be in a file that cannot be read, or is there and not as it
 * should be.
 *
 * @category errors
 * @since 0.1.0
 */
export class SessionUnreadable extends Schema.TaggedError<SessionUnreadable>()("SessionUnreadable", {
  sessionId: Schema.String,
  /** What is wrong, with the path of the file. */
  problems: Schema.Array(Schema.String)
}) {
  override get message(): string {
    return `the session ${this.sessionId} cannot be read: ${this.problems.join("; ")}`
  }
}

/**
 * The error of `SessionStore`; `reason` says which of them it was.
 *
 * @category errors
 * @since 0.1.0
 */
export class SessionStoreError extends Schema.TaggedError<SessionStoreError>()("SessionStoreError", {
  reason: Schema.Union([SessionMissing, SessionAmbiguous, SessionUnreadable])
}) {
  override get message(): string {
    return this.reason.message
  }
}
