/**
 * The activity of processes, by the logs of their sessions.
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { ProcessInfo } from "../ProcessInfo.ts"
import { activityOf, ageOf, type SessionActivity, unknown } from "../SessionActivity.ts"
import type { SessionEvents } from "../SessionEvents.ts"

export interface Activities {
  /** None of a process that does not run. */
  readonly ofProcess: (info: ProcessInfo) => Effect.Effect<Option.Option<SessionActivity>>
  /** Whether a process is known to have done nothing for so long by now. */
  readonly isIdleFor: (length: Duration.Input) => Effect.Effect<(info: ProcessInfo) => Effect.Effect<boolean>>
}

export const make = (events: SessionEvents["Service"]): Activities => {
  const lastEventAt = ({ root, sessionId }: ProcessInfo) =>
    sessionId === null
      ? Effect.succeed(unknown())
      : Effect.matchEager(events.lastEventAt({ sessionId, root }), {
        onSuccess: Option.getOrElse(() => unknown()),
        onFailure: ({ problem }) => unknown(problem)
      })

  const ofRunning = Effect.fnUntraced(function*(info: ProcessInfo) {
    const last = yield* lastEventAt(info)
    return typeof last === "string" ? activityOf(last, yield* Clock.currentTimeMillis) : last
  })

  return {
    ofProcess: (info) => info.liveStatus === "running" ? Effect.asSome(ofRunning(info)) : Effect.succeedNone,
    isIdleFor: (length) =>
      Effect.map(Clock.currentTimeMillis, (now) => {
        const millis = Duration.toMillis(Duration.fromInputUnsafe(length))
        return (info) =>
          Effect.map(lastEventAt(info), (last) => {
            const age = typeof last === "string" ? ageOf(last, now) : undefined
            return age !== undefined && age >= millis
          })
      })
  }
}
