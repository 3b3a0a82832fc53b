import { SessionControl } from "@zag/core/SessionControl"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Outcomes from "../commands/ps/outcomes.ts"
import { ExitWith } from "../ExitWith.ts"
import { Json } from "../Json.ts"
import * as Output from "../Output.ts"
import * as Text from "../Text.ts"

/** Cancels each session, in turn, and says what came of it. */
export const run = Effect.fnUntraced(function*(sessions: ReadonlyArray<string>, reason: string | undefined) {
  const control = yield* SessionControl
  const json = yield* Json
  const say = (line: Effect.Effect<void>) => json ? Effect.void : line
  const outcomes = yield* Output.toTheEnd(
    Effect.forEach(new Set(sessions), (session) =>
      Effect.matchEffect(control.cancel(session, reason), {
        onSuccess: () =>
          Effect.as(say(Console.log(`Cancelled session ${Text.singleLine(session)}`)), {
            session_id: session,
            cancelled: true
          }),
        onFailure: ({ message }) =>
          Effect.as(
            say(Console.error(`Error: Failed to cancel session ${Text.singleLine(session)}: ${message}`)),
            { session_id: session, cancelled: false, error: message }
          )
      }))
  )
  yield* Outcomes.answerJson(outcomes)
  if (outcomes.some(({ cancelled }) => !cancelled)) return yield* new ExitWith({ code: 1 })
}, Effect.provide(SessionControl.layer))
