import { ProcessControl } from "@zag/core/ProcessControl"
import { WaitOutcomeJson } from "@zag/core/WaitOutcome"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { ExitWith, timeIsUp } from "../../ExitWith.ts"
import { answer } from "../../Json.ts"
import * as WaitText from "../../WaitText.ts"
import { duration } from "./duration.ts"
import { given } from "./given.ts"
import { handle } from "./handle.ts"

const flags = {
  id: handle,
  wait: given("wait", "Wait until it has ended, and say how it did").pipe(Flag.withAlias("w")),
  timeout: duration("timeout", "Wait so long at most; 124 is the exit code when it runs still").pipe(Flag.optional)
} as const

const encode = Schema.encodeSync(WaitOutcomeJson)

export const commandStop = Command.make(
  "stop",
  flags,
  Effect.fn("zag ps stop")(function*({ id, timeout, wait }) {
    const control = yield* ProcessControl
    const outcome = yield* control.stop(id)
    const sent = `Stop signal sent to process ${outcome.pid} (${outcome.id})`
    if (!wait && Option.isNone(timeout)) return yield* answer(outcome, () => sent)
    const [end] = yield* control.wait([outcome.id], { timeout: Option.getOrUndefined(timeout) })
    yield* answer({ ...outcome, ...encode(end!) }, () => `${sent}\n${WaitText.line(end!)}`)
    if (!end!.hasEnded) return yield* new ExitWith({ code: timeIsUp })
  })
).pipe(
  Command.withDescription(
    "Ask a process to end: send SIGHUP to it. With --wait or --timeout wait until it has ended; without, its end is " +
      "not waited for."
  ),
  Command.withShortDescription("Ask a process to end (SIGHUP)"),
  Command.withExamples([
    { command: "zag ps stop c945 --timeout 30s", description: "See for half a minute whether it does" }
  ])
)
