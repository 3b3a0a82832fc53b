/**
 * What the logs of sessions tell of how they stand, and the end of a session
 * that somebody else brings about.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import * as Schema from "effect/Schema"
import * as Environment from "./Environment.ts"
import * as LogFile from "./internal/logFile.ts"
import { LogSummaryScan, readOn } from "./internal/logSummary.ts"
import { lastEventAt } from "./internal/logTail.ts"
import type { FileProblem } from "./internal/regularFile.ts"
import * as SessionFiles from "./internal/sessionFiles.ts"
import { SessionLog } from "./SessionLog.ts"
import { type SessionHandle, SessionStore } from "./SessionStore.ts"
import { Sidecar } from "./Sidecar.ts"
import * as Timestamp from "./Timestamp.ts"
import { ZagHome } from "./ZagHome.ts"

/**
 * A log could not be found, read or written.
 *
 * @category errors
 * @since 0.1.0
 */
export class SessionEventsError extends Schema.TaggedError<SessionEventsError>()("SessionEventsError", {
  sessionId: Schema.String,
  problem: Schema.String
}) {
  override get message(): string {
    return `The log of the session ${this.sessionId} cannot be used: ${this.problem}`
  }
}

/**
 * How a session has ended, as its log says.
 *
 * @category models
 * @since 0.1.0
 */
export interface SessionEnd {
  readonly success: boolean
  readonly error: string | null
}

/**
 * What a log tells of its session.
 *
 * @category models
 * @since 0.1.0
 */
export interface SessionSummary {
  /** The provider that its events name. */
  readonly provider: string | undefined
  /** The time of the last event, heartbeats included. */
  readonly lastEventAt: string | undefined
  readonly lastHeartbeatAt: string | undefined
  /** The last end, unless the session was taken up again after it. */
  readonly end: SessionEnd | undefined
}

/**
 * An end to be written to the log of a session.
 *
 * @category models
 * @since 0.1.0
 */
export interface EndToRecord extends SessionEnd {
  readonly session: SessionHandle
  /** Who wrote the other events, where no event tells. */
  readonly provider: string
}

/**
 * The events in the logs of sessions.
 *
 * **Details**
 *
 * The log of a session is the file of its id among the logs of its project, or
 * else the one that its entry in `sessions.json` says, or the file of its id in
 * any project. What stands in a log may be anything, and so may the file be: it
 * is never waited for, and never in memory as a whole.
 *
 * @category services
 * @since 0.1.0
 */
export class SessionEvents extends Context.Service<SessionEvents, {
  /** The time of the last event, heartbeats included, found at the end of the log; none where there is no log. */
  lastEventAt(session: SessionHandle): Effect.Effect<Option.Option<string>, SessionEventsError>
  /** What the log tells, by all of it; none where there is no log. */
  summary(session: SessionHandle): Effect.Effect<Option.Option<SessionSummary>, SessionEventsError>
  /** Adds the end of a session to its log, unless it has ended; answers false where there is no log to add it to. */
  recordEnd(end: EndToRecord): Effect.Effect<boolean, SessionEventsError>
}>()("@zag/core/SessionEvents") {
  /**
   * The real files, and the lock of the {@link Sidecar} for those who write.
   */
  static readonly layer: Layer.Layer<
    SessionEvents,
    never,
    FileSystem.FileSystem | Path.Path | ZagHome | SessionStore | SessionLog | Sidecar
  > = Layer.effect(
    SessionEvents,
    Effect.gen(function*() {
      return make(yield* makeLocate, yield* LogFile.make, yield* Sidecar)
    })
  )

  /**
   * These sessions by their ids, without any files.
   */
  static readonly layerMemory = (
    sessions: Readonly<Record<string, Partial<SessionSummary>>> = {}
  ): Layer.Layer<SessionEvents> =>
    Layer.sync(SessionEvents, () => {
      const summaries = new Map(
        Object.entries(sessions).map(([id, summary]) => [id, { ...unknown, ...summary }] as const)
      )
      const summaryOf = ({ sessionId }: SessionHandle) => Option.fromUndefinedOr(summaries.get(sessionId))
      return SessionEvents.of({
        lastEventAt: (session) =>
          Effect.sync(() => Option.flatMapNullishOr(summaryOf(session), ({ lastEventAt }) => lastEventAt)),
        summary: (session) => Effect.sync(() => summaryOf(session)),
        recordEnd: ({ error, session, success }) =>
          Effect.map(Timestamp.now, (now) => {
            const summary = Option.getOrUndefined(summaryOf(session))
            if (summary === undefined) return false
            if (summary.end === undefined) {
              summaries.set(session.sessionId, { ...summary, lastEventAt: now, end: { success, error } })
            }
            return true
          })
      })
    })
}

const unknown: SessionSummary = {
  provider: undefined,
  lastEventAt: undefined,
  lastHeartbeatAt: undefined,
  end: undefined
}

const failed = ({ sessionId }: SessionHandle) => ({ message }: { readonly message: string }) =>
  new SessionEventsError({ sessionId, problem: message })

/** Where the log of a session is, or would be; undefined when nobody knows. */
type Locate = (session: SessionHandle) => Effect.Effect<string | undefined, SessionEventsError>

const makeLocate = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const sessions = yield* SessionStore
  const log = yield* SessionLog
  const files = yield* SessionFiles.make((yield* ZagHome).directory)

  /** A file that cannot be looked at is there: whoever opens it is told why. */
  const isThere = (file: string) =>
    Effect.matchEager(fs.stat(file), {
      onSuccess: () => true,
      onFailure: ({ reason }) => reason._tag !== "NotFound"
    })

  const inProject = Effect.fnUntraced(function*(sessionId: string, projectDirectory: string) {
    // An id is a name, and never the way to another directory.
    if (path.basename(sessionId) !== sessionId) return undefined
    const logs = Option.getOrElse(yield* Environment.userLogDirectory, () => path.join(projectDirectory, "logs"))
    const file = path.join(logs, "sessions", `${sessionId}.jsonl`)
    return (yield* isThere(file)) ? file : undefined
  })

  const inAny = Effect.fnUntraced(function*(sessionId: string) {
    for (const projectDirectory of yield* files.search(sessionId).everywhere) {
      const file = yield* inProject(sessionId, projectDirectory)
      if (file !== undefined) return file
    }
    return undefined
  })

  return Effect.fnUntraced(function*(session) {
    const { root, sessionId } = session
    const own = root === null ? undefined : yield* inProject(sessionId, files.projectOf(root))
    if (own !== undefined) return own
    return yield* sessions.find(session).pipe(
      Effect.flatMap((found) => log.pathOf(found)),
      Effect.catch((error) =>
        error.reason._tag === "SessionMissing" ? inAny(sessionId) : Effect.fail(failed(session)(error))
      )
    )
  }) satisfies Locate
})

const eventOf = ({ error, session, success }: EndToRecord, provider: string, seq: number, ts: string): object => ({
  seq,
  ts,
  provider,
  wrapper_session_id: session.sessionId,
  provider_session_id: null,
  source_kind: "wrapper",
  completeness: "full",
  type: "session_ended",
  success,
  error
})

const make = (locate: Locate, files: LogFile.LogFiles, sidecar: Sidecar["Service"]): SessionEvents["Service"] => {
  /** None where the file is missing. */
  const ifThere = <A>(session: SessionHandle, read: (path: string) => Effect.Effect<A, FileProblem>) =>
    Effect.flatMap(locate(session), (path) =>
      path === undefined ? Effect.succeedNone : Effect.matchEffect(read(path), {
        onSuccess: (value) => Effect.succeedSome(value),
        onFailure: (problem) =>
          problem.isMissing
            ? Effect.succeedNone
            : Effect.fail(failed(session)(problem))
      }))

  const summarise = Effect.fnUntraced(function*(path: string) {
    const scan = new LogSummaryScan()
    yield* readOn(path, scan)
    const { end, lastHeartbeatAt, provider } = scan
    return {
      end,
      lastHeartbeatAt,
      provider,
      lastEventAt: yield* Effect.orElseSucceed(lastEventAt(path), () => undefined)
    } satisfies SessionSummary
  })

  return SessionEvents.of({
    lastEventAt: Effect.fn("SessionEvents.lastEventAt")((session) => ifThere(session, lastEventAt)),
    summary: Effect.fn("SessionEvents.summary")((session) => ifThere(session, summarise)),
    recordEnd: Effect.fn("SessionEvents.recordEnd")(function*(given) {
      const { session } = given
      const path = yield* locate(session)
      if (path === undefined) return false
      const scan = new LogSummaryScan()
      const look = Effect.catchIf(readOn(path, scan), ({ isMissing }) => isMissing, () => Effect.void)
      yield* look.pipe(
        Effect.andThen(files.open(path)),
        // All that is there already is read before anybody has to wait.
        Effect.tap(({ readOn }) => readOn),
        Effect.flatMap((log) =>
          sidecar.withLock(() =>
            Effect.gen(function*() {
              yield* look
              const ts = yield* Timestamp.now
              yield* log.append((_, seq) =>
                scan.end === undefined
                  ? JSON.stringify(eventOf(given, scan.provider ?? given.provider, seq, ts))
                  : undefined
              )
            })
          )
        ),
        Effect.scoped,
        Effect.mapError(failed(session))
      )
      return true
    })
  })
}
