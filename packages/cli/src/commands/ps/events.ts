import { ProcessEntryJson } from "@zag/core/ProcessEntry"
import { ProcessStore } from "@zag/core/ProcessStore"
import * as Timestamp from "@zag/core/Timestamp"
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as EventText from "../../EventText.ts"
import { answer } from "../../Json.ts"

const encode = Schema.encodeSync(ProcessEntryJson)

export const commandEvents = Command.make(
  "events",
  {},
  Effect.fn("zag ps events")(function*() {
    const { changes } = yield* ProcessStore
    yield* Stream.runForEach(
      changes,
      Effect.fnUntraced(function*({ _tag: event, entry }) {
        const time = yield* Timestamp.now
        yield* answer({ event, time, process: encode(entry) }, () => EventText.line(event, entry, time))
      })
    )
  })
).pipe(
  Command.withDescription(
    "Print a line for each change of the registry from now on, whoever makes it, until Ctrl-C; with --json an object a " +
      "line. Events: registered, updated, finished, and removed, which is also said of what moves to the archive."
  ),
  Command.withShortDescription("Print what changes in the registry, as it happens"),
  Command.withExamples([
    {
      command: "zag ps events --json | jq --unbuffered 'select(.event == \"finished\")'",
      description: "Each agent that has ended"
    }
  ])
)
