import { ProcessControl } from "@zag/core/ProcessControl"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { answer } from "../../Json.ts"
import { duration } from "./duration.ts"
import { handle } from "./handle.ts"
import { signal } from "./signal.ts"

const flags = {
  id: handle,
  signal: signal("What to ask with, TERM by default; KILL does not ask").pipe(Flag.optional),
  grace: duration("grace", "The time between that and SIGKILL, 5s by default").pipe(Flag.optional),
  tree: Flag.Boolean("tree").pipe(
    Flag.withDescription("Also all that the process started, as by default; --no-tree leaves them alone"),
    Flag.withDefault(true)
  )
} as const

export const commandKill = Command.make(
  "kill",
  flags,
  Effect.fn("zag ps kill")(function*({ grace, id, signal, tree }) {
    const control = yield* ProcessControl
    const outcome = yield* control.kill(id, {
      signal: Option.getOrUndefined(signal),
      grace: Option.getOrUndefined(grace),
      tree
    })
    yield* answer(outcome, () => {
      const others = outcome.ended.filter(({ pid }) => pid !== outcome.pid).length
      const more = others === 0 ? "" : ` and ${others} ${others === 1 ? "other" : "others"}`
      const how = outcome.signal === "SIGTERM" ? "" : `, by ${outcome.signal}`
      return `Process killed: ${outcome.pid} (${outcome.id})${more}${how}`
    })
  })
).pipe(
  Command.withDescription(
    "End a process and all that it started: send SIGTERM, or another signal, then SIGKILL to what is still there after the grace. " +
      "It is recorded as killed once all of it is seen to be gone; what survives is named. " +
      "What a process that is gone has left behind is ended as well."
  ),
  Command.withShortDescription("End a process and all that it started (SIGTERM, then SIGKILL)"),
  Command.withExamples([
    { command: "zag ps kill c945 --grace 30s", description: "Leave it half a minute to save its work" },
    { command: "zag ps kill c945 --no-tree", description: "End the one process, not what it started" }
  ])
)
