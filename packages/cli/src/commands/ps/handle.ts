import * as Argument from "effect/cli/Argument"

/** The argument by which a command is told which process. */
export const handle = Argument.String("id").pipe(
  Argument.withMetavar("ID"),
  Argument.withDescription(
    "An id, the beginning of one that no other shares, pid:4242 for what runs with that pid, or self for your own session"
  )
)
