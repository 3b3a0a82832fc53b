import { ProcessControl } from "@zag/core/ProcessControl"
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import { answer, processJson } from "../../Json.ts"
import * as ProcessText from "../../ProcessText.ts"
import { handle } from "./handle.ts"

export const commandShow = Command.make(
  "show",
  { id: handle },
  Effect.fn("zag ps show")(function*({ id }) {
    const control = yield* ProcessControl
    const info = yield* control.show(id)
    yield* answer(processJson(info), () => ProcessText.details(info))
  })
).pipe(Command.withDescription("Show all that is known of one process"))
