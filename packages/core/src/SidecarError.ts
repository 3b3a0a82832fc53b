/**
 * What can go wrong with the database beside the registry.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * Another program holds the lock for longer than anybody should.
 *
 * @category errors
 * @since 0.1.0
 */
export class LockTimeout extends Schema.TaggedError<LockTimeout>()("LockTimeout", {
  path: Schema.String,
  seconds: Schema.Finite,
  /** The pid and command of the holder, where the system tells. */
  holder: Schema.optionalKey(Schema.String)
}) {
  override get message(): string {
    const who = this.holder === undefined ? "another program" : this.holder
    return `the registry is locked by ${who} (${this.path}) since more than ${this.seconds} s. ` +
      "Try again, or end that program if it hangs"
  }
}

/**
 * The database could not be opened or used: a permission, a full disk, a
 * directory in its place.
 *
 * @category errors
 * @since 0.1.0
 */
export class SidecarUnusable extends Schema.TaggedError<SidecarUnusable>()("SidecarUnusable", {
  path: Schema.String,
  problem: Schema.String,
  cause: Schema.optionalKey(Schema.Defect())
}) {
  override get message(): string {
    return `${this.path} cannot be used: ${this.problem}`
  }
}

/**
 * The error of every `Sidecar` operation; `reason` says which of them it was.
 *
 * @category errors
 * @since 0.1.0
 */
export class SidecarError extends Schema.TaggedError<SidecarError>()("SidecarError", {
  reason: Schema.Union([LockTimeout, SidecarUnusable])
}) {
  override get message(): string {
    return this.reason.message
  }
}
