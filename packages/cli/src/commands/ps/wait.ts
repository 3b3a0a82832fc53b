import { ProcessControl } from "@zag/core/ProcessControl"
import { type WaitOutcome, WaitOutcomeJson } from "@zag/core/WaitOutcome"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { ExitWith, timeIsUp } from "../../ExitWith.ts"
import { answer } from "../../Json.ts"
import * as WaitText from "../../WaitText.ts"
import { duration } from "./duration.ts"
import { handle } from "./handle.ts"

const flags = {
  ids: handle.pipe(Argument.variadic({ min: 1 })),
  any: Flag.Boolean("any").pipe(
    Flag.withDescription("End as soon as one of them has ended"),
    Flag.withDefault(false)
  ),
  timeout: duration("timeout", "How long to wait at most; without it, as long as it takes").pipe(Flag.optional)
} as const

const encode = Schema.encodeSync(Schema.Array(WaitOutcomeJson))

/** Of one process that did not succeed: its own code, where that is one that a program can end with. */
const codeOf = ({ exitCode }: WaitOutcome): number => exitCode !== null && exitCode > 0 && exitCode < 256 ? exitCode : 1

/** As `timeout` ends: 124 when the time was up, otherwise as the process did. Of several it is 1 when one did not succeed. */
const exitCodeOf = (outcomes: ReadonlyArray<WaitOutcome>, any: boolean): number => {
  const ended = outcomes.filter((outcome) => outcome.hasEnded)
  if (ended.length < (any ? 1 : outcomes.length)) return timeIsUp
  if (ended.every(({ succeeded }) => succeeded)) return 0
  return outcomes.length === 1 ? codeOf(outcomes[0]!) : 1
}

export const commandWait = Command.make(
  "wait",
  flags,
  Effect.fn("zag ps wait")(function*({ any, ids, timeout }) {
    const control = yield* ProcessControl
    const outcomes = yield* control.wait(ids, {
      until: any ? "any" : "all",
      timeout: Option.getOrUndefined(timeout)
    })
    yield* answer(encode(outcomes), () => outcomes.map(WaitText.line).join("\n"))
    const code = exitCodeOf(outcomes, any)
    if (code !== 0) return yield* new ExitWith({ code })
  })
).pipe(
  Command.withDescription(
    "Wait until processes have ended, and say how each did. Ends with the exit code of the process when it is one; with " +
      "0 when several have all exited with 0, otherwise with 1; with 124 when the time was up. The exit code of a " +
      "process is unknown when nobody recorded it."
  ),
  Command.withShortDescription("Wait until processes have ended"),
  Command.withExamples([
    { command: "zag ps wait c945 a22f", description: "Wait for both" },
    {
      command: "zag ps wait --any --timeout 10m c945 a22f",
      description: "Wait for the first of them, ten minutes at most"
    }
  ])
)
