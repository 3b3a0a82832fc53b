import { ProcessControl } from "@zag/core/ProcessControl"
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import { answer } from "../../Json.ts"
import { handle } from "./handle.ts"

export const commandStop = Command.make(
  "stop",
  { id: handle },
  Effect.fn("zag ps stop")(function*({ id }) {
    const control = yield* ProcessControl
    const outcome = yield* control.stop(id)
    yield* answer(outcome, () => `Stop signal sent to process ${outcome.pid} (${outcome.id})`)
  })
).pipe(
  Command.withDescription("Ask a process to end: send SIGHUP to it, without waiting"),
  Command.withShortDescription("Ask a process to end (SIGHUP)")
)
