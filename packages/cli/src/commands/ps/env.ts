import * as Argument from "effect/cli/Argument"
import { ValidationError } from "effect/cli/CliError"
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { given } from "./given.ts"
import { notTogether } from "./notTogether.ts"
import { session } from "./session.ts"

const flags = {
  session: Argument.optional(session),
  shell: given("shell", "As commands for sh, bash and zsh, with every value quoted"),
  fish: given("fish", "As commands for fish, with every value quoted")
} as const

export const commandEnv = Command.make(
  "env",
  flags,
  Effect.fn("zag ps env")(function*({ fish, session, shell }) {
    const { run } = yield* Effect.promise(() => import("../../session/env.ts"))
    yield* run(Option.getOrUndefined(session), shell ? "posix" : fish ? "fish" : "plain")
  })
).pipe(
  Command.validate(({ fish, shell }) => {
    const message = notTogether({ "--shell": shell, "--fish": fish })
    return message === undefined ? Effect.void : Effect.fail(new ValidationError({ message }))
  }),
  Command.withDescription(
    "Show the ZAG_* variables of a session, by which a command knows that it belongs to it. Without SESSION it is the " +
      "session that this runs in, or else the one that was created last in this repository."
  ),
  Command.withShortDescription("Show the variables of a session"),
  Command.withExamples([
    { command: "eval \"$(zag ps env --shell)\"", description: "Be part of the session, in sh, bash or zsh" },
    { command: "zag ps env --fish | source", description: "The same in fish" }
  ])
)
