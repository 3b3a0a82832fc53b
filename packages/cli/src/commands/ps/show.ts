import { ProcessControl } from "@zag/core/ProcessControl"
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { activityJson, answer } from "../../Json.ts"
import * as ProcessText from "../../ProcessText.ts"
import { handle } from "./handle.ts"

export const commandShow = Command.make(
  "show",
  { id: handle },
  Effect.fn("zag ps show")(function*({ id }) {
    const control = yield* ProcessControl
    const info = yield* control.show(id)
    const activity = Option.getOrUndefined(yield* control.activity(info))
    yield* answer(activityJson(info, activity), () => ProcessText.details(info, activity))
  })
).pipe(
  Command.withDescription(
    "Show all that is known of one process. The activity of one that runs is by the log of its session: idle when " +
      "nothing was written there for 30 seconds, heartbeats included, and unknown when there is no log."
  ),
  Command.withShortDescription("Show all that is known of one process")
)
