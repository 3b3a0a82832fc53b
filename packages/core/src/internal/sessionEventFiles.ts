/**
 * The logs of sessions on disk. Nothing imports this but when one is looked at.
 */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import { SessionEvents, SessionEventsError, type SessionSummary } from "../SessionEvents.ts"
import { SessionLog } from "../SessionLog.ts"
import { type SessionHandle, SessionStore } from "../SessionStore.ts"
import { Sidecar } from "../Sidecar.ts"
import * as Timestamp from "../Timestamp.ts"
import { ZagHome } from "../ZagHome.ts"
import { wrapperLine } from "./logEvent.ts"
import * as LogFile from "./logFile.ts"
import { logPath } from "./logPath.ts"
import { LogSummaryScan, readOn } from "./logSummary.ts"
import { lastEventAt } from "./logTail.ts"
import type { FileProblem } from "./regularFile.ts"
import * as SessionFiles from "./sessionFiles.ts"

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
    const file = yield* logPath(path.join, projectDirectory, sessionId)
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

/** What is known by the files. */
export const make = Effect.gen(function*() {
  const locate = yield* makeLocate
  const files = yield* LogFile.make
  const sidecar = yield* Sidecar

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
      const { error, session, success } = given
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
              const provider = scan.provider ?? given.provider
              const about = {
                ts,
                provider,
                sessionId: session.sessionId,
                providerSessionId: null,
                type: "session_ended"
              }
              yield* log.append((_, seq) =>
                scan.end === undefined ? wrapperLine({ seq, ...about }, { success, error }) : undefined
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
})
