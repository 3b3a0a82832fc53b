/**
 * Why a process could not be registered as it was asked for.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { InvalidLabel } from "./ProcessLabels.ts"

/**
 * The labels of a process could not be recorded, so it was not registered.
 *
 * @category errors
 * @since 0.1.0
 */
export class LabelsNotRecorded extends Schema.TaggedError<LabelsNotRecorded>()("LabelsNotRecorded", {
  problem: Schema.String
}) {
  override get message(): string {
    return `The labels could not be recorded, so nothing was registered: ${this.problem}`
  }
}

/**
 * The error of `ProcessRegistration` itself; `reason` says which it was.
 *
 * @category errors
 * @since 0.1.0
 */
export class ProcessRegistrationError extends Schema.TaggedError<ProcessRegistrationError>()(
  "ProcessRegistrationError",
  { reason: Schema.Union([InvalidLabel, LabelsNotRecorded]) }
) {
  override get message(): string {
    return this.reason.message
  }
}
