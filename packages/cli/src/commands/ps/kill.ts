import { ProcessControl } from "@zag/core/ProcessControl"
import type { ProcessInfo } from "@zag/core/ProcessInfo"
import { type KillOptions, SignalOutcomeJson } from "@zag/core/SignalOutcome"
import * as Argument from "effect/cli/Argument"
import { ValidationError } from "effect/cli/CliError"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { answer } from "../../Json.ts"
import * as SignalText from "../../SignalText.ts"
import * as Bulk from "./bulk.ts"
import { duration } from "./duration.ts"
import { handle } from "./handle.ts"
import * as Outcomes from "./outcomes.ts"
import { readResult, resultConflict, resultFlags } from "./result.ts"
import { signal } from "./signal.ts"

const flags = {
  id: Argument.optional(handle),
  ...resultFlags,
  signal: signal("What to ask with, TERM by default; KILL does not ask").pipe(Flag.optional),
  grace: duration("grace", "The time between that and SIGKILL, 5s by default").pipe(Flag.optional),
  tree: Flag.Boolean("tree").pipe(
    Flag.withDescription("Also all that the process started, as by default; --no-tree leaves them alone"),
    Flag.withDefault(true)
  ),
  ...Bulk.bulkFlags
} as const

type Input = Command.Command.Config.Infer<typeof flags>

const encode = Schema.encodeSync(SignalOutcomeJson)

const check = (input: Input) => {
  const conflict = resultConflict(input, input.all)
  return conflict === undefined
    ? Bulk.wantTargets(input, Option.isSome(input.id) ? 1 : 0)
    : Effect.fail(new ValidationError({ message: conflict }))
}

const killEach = Effect.fnUntraced(function*(chosen: ReadonlyArray<ProcessInfo>, options: KillOptions) {
  const control = yield* ProcessControl
  const outcomes = yield* Outcomes.ofEach(chosen, {
    act: (process) => control.kill(process, options),
    text: SignalText.killed,
    endedIsFine: true
  })
  yield* Outcomes.answerJson(outcomes.map(({ json }) => json))
  yield* Outcomes.exit(outcomes)
})

export const commandKill = Command.make(
  "kill",
  flags,
  Effect.fn("zag ps kill")(function*(input) {
    const { discardResult, grace, id, signal, tree } = input
    const options = { signal: Option.getOrUndefined(signal), grace: Option.getOrUndefined(grace), tree, discardResult }
    if (Option.isSome(id)) {
      const control = yield* ProcessControl
      const outcome = yield* control.kill(id.value, { ...options, result: yield* readResult(input) })
      return yield* answer(encode(outcome), () => SignalText.killed(outcome))
    }
    const chosen = yield* Bulk.choose(input, { ask: "Kill", done: "killed" })
    if (chosen.length > 0) yield* killEach(chosen, options)
  })
).pipe(
  Command.validate(check),
  Command.withDescription(
    "End a process and all that it started: send SIGTERM, or another signal, then SIGKILL to what is still there after the grace. " +
      "It is recorded as killed once all of it is seen to be gone; what survives is named. " +
      "What a process that is gone has left behind is ended as well. A RESULT is checked against what the session was " +
      "launched with (--exit), and recorded in its log, before any signal; one that will not do, or cannot be recorded, " +
      "is refused, and the process goes on. With --all those that the filters of zag ps list " +
      "match, once they were shown and you have agreed; the exit code is 1 when one of them survives."
  ),
  Command.withShortDescription("End a process and all that it started (SIGTERM, then SIGKILL)"),
  Command.withExamples([
    { command: "zag ps kill c945 --grace 30s", description: "Leave it half a minute to save its work" },
    { command: "zag ps kill self \"42\"", description: "Hand in the result of your own session, and end it" },
    { command: "zag ps kill c945 --no-tree", description: "End the one process, not what it started" },
    { command: "zag ps kill --all --until 6h --dry-run", description: "What has been running for more than six hours" }
  ])
)
