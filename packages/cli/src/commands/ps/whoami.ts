import * as Environment from "@zag/core/Environment"
import { ProcessControl } from "@zag/core/ProcessControl"
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import { answer, processJson } from "../../Json.ts"
import * as WhoamiText from "../../WhoamiText.ts"

export const commandWhoami = Command.make(
  "whoami",
  {},
  Effect.fn("zag ps whoami")(function*() {
    const control = yield* ProcessControl
    const info = yield* control.show("self")
    const parents = (yield* control.ancestors("self")).map(({ id, provider }) => ({ id, provider }))
    const environment = yield* Environment.variables
    yield* answer(
      { ...processJson(info), parents, environment },
      () => WhoamiText.answer(info, parents, environment)
    )
  })
).pipe(
  Command.withDescription(
    "Show the session that this runs in: its entry, as zag ps show self does, by whom it was started, and the ZAG_* " +
      "variables by which it knows itself. Outside a session there is nobody to show, and the exit code is 1."
  ),
  Command.withShortDescription("Show the session that this runs in"),
  Command.withExamples([
    { command: "zag ps whoami --json | jq -r .parents[0].id", description: "Who started me?" }
  ])
)
