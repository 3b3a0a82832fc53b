import { ProcessControl } from "@zag/core/ProcessControl"
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import { answer } from "../../Json.ts"
import { handle } from "./handle.ts"

export const commandKill = Command.make(
  "kill",
  { id: handle },
  Effect.fn("zag ps kill")(function*({ id }) {
    const control = yield* ProcessControl
    const outcome = yield* control.kill(id)
    const how = outcome.signal === "SIGKILL" ? ", by SIGKILL" : ""
    yield* answer(outcome, () => `Process killed: ${outcome.pid} (${outcome.id})${how}`)
  })
).pipe(
  Command.withDescription(
    "End a process: send SIGTERM, then SIGKILL if it is still there after 5 seconds. " +
      "It is recorded as killed once it is seen to be gone."
  ),
  Command.withShortDescription("End a process (SIGTERM, then SIGKILL)")
)
