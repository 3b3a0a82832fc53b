/**
 * Handing in the result of an agent, before it is killed. Nothing imports this
 * but when there may be one.
 */
import * as Effect from "effect/Effect"
import { rejectionOf } from "../ExitConstraints.ts"
import { JsonSchemaValidator } from "../JsonSchemaValidator.ts"
import {
  ProcessControlError,
  ResultNotChecked,
  ResultNotRecorded,
  ResultRejected,
  SessionNotFound
} from "../ProcessControlError.ts"
import type { ProcessEntry } from "../ProcessEntry.ts"
import { maxResultBytes, type SessionLog, type SessionResult } from "../SessionLog.ts"
import type { FoundSession, SessionStore } from "../SessionStore.ts"
import type { KillOptions } from "../SignalOutcome.ts"
import * as Timestamp from "../Timestamp.ts"
import type { Observation } from "./observation.ts"
import type { Target } from "./signalling.ts"

export interface Services {
  readonly sessions: SessionStore["Service"]
  readonly log: SessionLog["Service"]
  readonly validator: JsonSchemaValidator["Service"]
}

const fail = (reason: ProcessControlError["reason"]) => Effect.fail(new ProcessControlError({ reason }))

const tooLong = (bytes: number) => {
  const problem =
    `the result has ${bytes} bytes, and at most ${maxResultBytes} can be recorded. Hand in where it is instead`
  return { message: `Result rejected: ${problem}.`, violations: [problem] }
}

/** What is wrong with a result, if anything is; without one it is the empty text that has to do. */
const rejectionFor = Effect.fnUntraced(function*({ entry }: FoundSession, result: string | undefined) {
  const bytes = result === undefined ? 0 : Buffer.byteLength(result)
  if (bytes > maxResultBytes) return tooLong(bytes)
  return entry.exit === null ? undefined : yield* rejectionOf(entry.exit, result ?? "")
})

const given = (entry: ProcessEntry, session: FoundSession, result: string): SessionResult => ({
  session,
  result,
  since: Timestamp.parse(entry.startedAt)
})

/** Answers where the result is recorded; undefined when none is. */
export type HandIn = (
  target: Target,
  options: KillOptions
) => Effect.Effect<string | undefined, ProcessControlError>

export const make = (
  { log, sessions, validator }: Services,
  check: (target: Target) => Effect.Effect<Observation, ProcessControlError>
): HandIn => {
  const accept = Effect.fnUntraced(function*(id: string, session: FoundSession, result: string | undefined) {
    const rejection = yield* rejectionFor(session, result).pipe(
      Effect.provideService(JsonSchemaValidator, validator),
      Effect.catch(({ message }) => fail(new ResultNotChecked({ id, problem: message })))
    )
    if (rejection === undefined) return
    return yield* fail(new ResultRejected({ id, problem: rejection.message, violations: rejection.violations }))
  })

  /** Without a result nothing is lost when the session is not known: then there is nobody who would wait for one. */
  const handInNothing = Effect.fnUntraced(function*(entry: ProcessEntry, sessionId: string) {
    const session = yield* sessions.find({ sessionId, root: entry.root }).pipe(
      Effect.catch(({ message, reason }) =>
        reason._tag === "SessionMissing"
          ? Effect.undefined
          : Effect.as(
            Effect.logWarning(`Nobody can say whether process ${entry.id} owes a result: ${message}`),
            undefined
          )
      )
    )
    if (session !== undefined) yield* accept(entry.id, session, undefined)
  })

  const sessionOf = ({ id, root, sessionId }: ProcessEntry) =>
    sessionId === null
      ? fail(new SessionNotFound({ id, why: "its entry in the registry names no session" }))
      : Effect.catch(
        sessions.find({ sessionId, root }),
        ({ message }) => fail(new SessionNotFound({ id, why: message }))
      )

  const record = Effect.fnUntraced(function*(entry: ProcessEntry, result: string) {
    const session = yield* sessionOf(entry)
    yield* accept(entry.id, session, result)
    return yield* Effect.catch(
      log.record(given(entry, session, result)),
      ({ message }) => fail(new ResultNotRecorded({ id: entry.id, why: message }))
    )
  })

  /** Where an earlier call has recorded it, which did not come to its end. */
  const recordedBefore = Effect.fnUntraced(function*(entry: ProcessEntry, result: string) {
    const session = yield* sessionOf(entry)
    return (yield* log.isRecorded(given(entry, session, result))) ? yield* log.pathOf(session) : undefined
  })

  return Effect.fnUntraced(function*(target, options) {
    const { entry } = target
    const { discardResult = false, result } = options
    const ended = yield* check(target).pipe(
      Effect.as(undefined),
      Effect.catchReason("ProcessControlError", "NotRunning", (reason) => Effect.succeed(reason))
    )
    if (result === undefined) {
      // What it has left behind owes nothing.
      if (ended === undefined && entry.sessionId !== null) yield* handInNothing(entry, entry.sessionId)
      return undefined
    }

    // A line with half of a surrogate pair could not be read by `zag`.
    const text = result.toWellFormed()
    if (ended !== undefined) {
      const path = yield* Effect.orElseSucceed(recordedBefore(entry, text), () => undefined)
      return path !== undefined || discardResult ? path : yield* fail(ended)
    }
    if (!discardResult) return yield* record(entry, text)
    return yield* Effect.catch(
      record(entry, text),
      (error) =>
        error.reason._tag === "SessionNotFound" || error.reason._tag === "ResultNotRecorded"
          ? Effect.as(
            Effect.logWarning(`The result of process ${entry.id} is discarded: ${error.reason.why}`),
            undefined
          )
          : Effect.fail(error)
    )
  })
}
