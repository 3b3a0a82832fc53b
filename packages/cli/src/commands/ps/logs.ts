import { ProcessControl } from "@zag/core/ProcessControl"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Stdio from "effect/Stdio"
import * as Stream from "effect/Stream"
import * as ProcessLog from "../../ProcessLog.ts"
import { given } from "./given.ts"
import { handle } from "./handle.ts"

const flags = {
  id: handle,
  follow: given("follow", "Go on with what it says, until it has ended").pipe(Flag.withAlias("f"))
} as const

export const commandLogs = Command.make(
  "logs",
  flags,
  Effect.fn("zag ps logs")(
    function*({ follow, id: handle }) {
      const control = yield* ProcessControl
      const stdio = yield* Stdio.Stdio
      const { id } = yield* control.resolve(handle)
      const end = follow ? yield* Effect.forkScoped(control.wait([id])) : undefined
      const hasEnded = Effect.suspend(() => {
        if (end === undefined) return Effect.succeed(true)
        const exit = end.pollUnsafe()
        return exit === undefined ? Effect.succeed(false) : Effect.as(exit, true)
      })
      yield* Stream.run(ProcessLog.read(id, hasEnded), stdio.stdout())
    },
    Effect.scoped
  )
).pipe(
  Command.withDescription(
    "Print what a process has said that was started by zag ps run --detach: its standard output and error, byte for " +
      "byte, also with --json. Others have no log."
  ),
  Command.withShortDescription("Print what a process in the background has said"),
  Command.withExamples([
    { command: "zag ps logs -f c945", description: "See what it says until it has ended" }
  ])
)
