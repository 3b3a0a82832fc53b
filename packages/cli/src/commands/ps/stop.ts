import { ProcessControl } from "@zag/core/ProcessControl"
import type { ProcessInfo } from "@zag/core/ProcessInfo"
import { WaitOutcomeJson } from "@zag/core/WaitOutcome"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { ExitWith, timeIsUp } from "../../ExitWith.ts"
import { answer, Json } from "../../Json.ts"
import * as SignalText from "../../SignalText.ts"
import * as WaitText from "../../WaitText.ts"
import * as Bulk from "./bulk.ts"
import { duration } from "./duration.ts"
import { given } from "./given.ts"
import { handle } from "./handle.ts"
import * as Outcomes from "./outcomes.ts"

const flags = {
  ids: handle.pipe(Argument.variadic()),
  wait: given("wait", "Wait until it has ended, and say how it did").pipe(Flag.withAlias("w")),
  timeout: duration("timeout", "Wait so long at most; 124 is the exit code when it runs still").pipe(Flag.optional),
  ...Bulk.bulkFlags
} as const

type Input = Command.Command.Config.Infer<typeof flags>

const encode = Schema.encodeSync(WaitOutcomeJson)

const wantsWait = ({ timeout, wait }: Input): boolean => wait || Option.isSome(timeout)

const stopOne = Effect.fnUntraced(function*(id: string, input: Input) {
  const control = yield* ProcessControl
  const outcome = yield* control.stop(id)
  const sent = SignalText.stopped(outcome)
  if (!wantsWait(input)) return yield* answer(outcome, () => sent)
  const [end] = yield* control.wait([outcome.id], { timeout: Option.getOrUndefined(input.timeout) })
  yield* answer({ ...outcome, ...encode(end!) }, () => `${sent}\n${WaitText.line(end!)}`)
  if (!end!.hasEnded) return yield* new ExitWith({ code: timeIsUp })
})

const stopEach = Effect.fnUntraced(function*(processes: ReadonlyArray<string | ProcessInfo>, input: Input) {
  const control = yield* ProcessControl
  const outcomes = yield* Outcomes.ofEach(processes, {
    act: control.stop,
    text: SignalText.stopped,
    endedIsFine: input.all
  })
  const stopped = outcomes.filter(({ failed }) => !failed)
  const ends = wantsWait(input)
    ? yield* control.wait(stopped.map(({ id }) => id), { timeout: Option.getOrUndefined(input.timeout) })
    : []
  const endOf = new Map(stopped.map(({ id }, i) => [id, ends[i]] as const))
  if (ends.length > 0 && !(yield* Json)) yield* Console.log(ends.map(WaitText.line).join("\n"))
  yield* Outcomes.answerJson(outcomes.map(({ id, json }) => {
    const end = endOf.get(id)
    return end === undefined ? json : { ...json, ...encode(end) }
  }))
  if (ends.some(({ hasEnded }) => !hasEnded)) return yield* new ExitWith({ code: timeIsUp })
  yield* Outcomes.exit(outcomes)
})

export const commandStop = Command.make(
  "stop",
  flags,
  Effect.fn("zag ps stop")(function*(input) {
    if (!input.all && input.ids.length === 1) return yield* stopOne(input.ids[0]!, input)
    const processes = input.all ? yield* Bulk.choose(input, { ask: "Stop", done: "asked to end" }) : input.ids
    if (processes.length > 0) yield* stopEach(processes, input)
  })
).pipe(
  Command.validate((input) => Bulk.wantTargets(input, input.ids.length)),
  Command.withDescription(
    "Ask processes to end: send SIGHUP to each of them alone. With --wait or --timeout wait until they have ended; " +
      "without, their end is not waited for. With --all those that the filters of zag ps list match, once they were " +
      "shown and you have agreed. Of several the exit code is 1 when one could not be signalled."
  ),
  Command.withShortDescription("Ask processes to end (SIGHUP)"),
  Command.withExamples([
    { command: "zag ps stop c945 --timeout 30s", description: "See for half a minute whether it does" },
    { command: "zag ps stop --all -p codex --here", description: "What Codex runs in this directory, after a question" }
  ])
)
