import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import { session } from "./session.ts"

export const commandStatus = Command.make(
  "status",
  { session },
  Effect.fn("zag ps status")(function*({ session }) {
    const { run } = yield* Effect.promise(() => import("../../session/status.ts"))
    yield* run(session)
  })
).pipe(
  Command.withDescription(
    "Show how a session stands, by its log and the newest of its processes: running; idle, when nothing was written to " +
      "the log for 30 seconds; completed or failed, as the log says; dead, when its process is gone and the log has no " +
      "end; unknown. The exit code is 0 for each of them."
  ),
  Command.withShortDescription("Show how a session stands"),
  Command.withExamples([
    {
      command: "zag ps status --json 8f0e4c1a-5d1b-4f6e-9a55-0c2f3b7f7d10 | jq -r .status",
      description: "For a script"
    }
  ])
)
