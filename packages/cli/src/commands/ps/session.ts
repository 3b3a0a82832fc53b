import * as Argument from "effect/cli/Argument"

/** The argument by which a command is told which session. */
export const session = Argument.String("session").pipe(
  Argument.withMetavar("SESSION"),
  Argument.withDescription("The whole id of a session: the one of zag, or the one that the agent gave it")
)
