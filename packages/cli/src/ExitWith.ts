/**
 * Ends the program with an exit code of a command's own choosing, when there is
 * nothing (more) to say.
 */
import * as Data from "effect/Data"

export class ExitWith extends Data.TaggedError("ExitWith")<{ readonly code: number }> {}

/** The exit code when the time was up, as of `timeout`. */
export const timeIsUp = 124
