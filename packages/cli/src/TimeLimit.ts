/**
 * `zag ps run --timeout`: an agent whose time is up is ended as by `zag ps kill`.
 */
import { ProcessControl } from "@zag/core/ProcessControl"
import * as Console from "effect/Console"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { ChildExit, Foreground } from "./ForegroundProcess.ts"

/** How long an agent may run, and what it is called when it has run too long. */
interface Limit {
  readonly limit: Option.Option<Duration.Duration>
  readonly name: string
}

interface Limited {
  readonly exit: ChildExit
  readonly timedOut: boolean
}

const grace = Duration.seconds(5)

/** For when the registry does not know it any more: the agent itself is known here. */
const endAlone = Effect.fnUntraced(function*(child: Foreground) {
  yield* child.signal("SIGTERM")
  if (Option.isNone(yield* Effect.timeoutOption(child.exit, grace))) yield* child.signal("SIGKILL")
})

/** Waits for the end of the agent with this id, and brings it about when the limit is reached. */
export const awaitExit = Effect.fn("TimeLimit.awaitExit")(function*(
  child: Foreground,
  id: string,
  { limit: given, name }: Limit
) {
  // As for `timeout`.
  const limit = Option.filter(given, (duration) => !Duration.isZero(duration))
  if (Option.isNone(limit)) return { exit: yield* child.exit, timedOut: false } satisfies Limited
  const inTime = yield* Effect.timeoutOption(child.exit, limit.value)
  if (Option.isSome(inTime)) return { exit: inTime.value, timedOut: false } satisfies Limited

  const control = yield* ProcessControl
  yield* child.stayAwake
  const timedOut = yield* control.kill(id, { grace, discardResult: true }).pipe(
    Effect.as(true),
    // It ended just now, by itself, and has left nothing.
    Effect.catchReason("ProcessControlError", "NotRunning", () => Effect.succeed(false)),
    Effect.catch((error) =>
      Console.error(`Warning: ${error.message}`).pipe(Effect.andThen(endAlone(child)), Effect.as(true))
    )
  )
  const exit = yield* child.exit
  if (timedOut) yield* Console.error(`zag: ${name} was ended after ${Duration.format(limit.value)} (--timeout)`)
  return { exit, timedOut } satisfies Limited
})
