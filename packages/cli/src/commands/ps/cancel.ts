import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { session } from "./session.ts"
import { text } from "./text.ts"

const flags = {
  sessions: session.pipe(Argument.variadic({ min: 1 })),
  reason: text("reason", "TEXT", "What the log says why; cancelled by user by default").pipe(Flag.optional)
} as const

export const commandCancel = Command.make(
  "cancel",
  flags,
  Effect.fn("zag ps cancel")(function*({ reason, sessions }) {
    const { run } = yield* Effect.promise(() => import("../../session/cancel.ts"))
    yield* run(sessions, Option.getOrUndefined(reason))
  })
).pipe(
  Command.withDescription(
    "Cancel sessions: ask the newest process of each to end, as zag ps stop does, and write to its log that it was " +
      "cancelled, unless it has ended there. One whose process runs and must not be signalled goes on, and nothing is " +
      "written. The exit code is 1 when one of them could not be cancelled."
  ),
  Command.withShortDescription("Cancel sessions (SIGHUP, and an end in their logs)")
)
