/**
 * The logs of the sessions of `zag`, to which the result of a session is added.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Path from "effect/Path"
import * as Schema from "effect/Schema"
import { wrapperLine } from "./internal/logEvent.ts"
import type * as LogFile from "./internal/logFile.ts"
import { logPath } from "./internal/logPath.ts"
import type { ResultEvent } from "./internal/logScan.ts"
import { onDemand } from "./internal/onDemand.ts"
import type { FoundSession } from "./SessionStore.ts"
import { Sidecar } from "./Sidecar.ts"
import * as Timestamp from "./Timestamp.ts"

/**
 * A log could not be read or written.
 *
 * @category errors
 * @since 0.1.0
 */
export class SessionLogError extends Schema.TaggedError<SessionLogError>()("SessionLogError", {
  path: Schema.String,
  problem: Schema.String
}) {
  override get message(): string {
    return `${this.path}: ${this.problem}`
  }
}

/**
 * The longest result, in bytes of UTF-8: one that can be read back from a log.
 *
 * @category models
 * @since 0.1.0
 */
export const maxResultBytes = 16 * 1024 * 1024

/**
 * A result to be recorded.
 *
 * @category models
 * @since 0.1.0
 */
export interface SessionResult {
  readonly session: FoundSession
  readonly result: string
  /**
   * When the process that hands it in has started. The same result counts as
   * recorded when it is the last one of the log, and not older than that.
   */
  readonly since: Timestamp.Instant | undefined
}

/**
 * The logs of sessions: a line of JSON for each event.
 *
 * **Details**
 *
 * The log is the file that the session names, or else that of its id in
 * `logs/sessions` of its project, or in `sessions` of `ZAG_USER_LOG_DIR`.
 *
 * An event is added with one write, on a line of its own whatever stands there,
 * numbered after the highest number, while others may add theirs. It has reached
 * the disk before it counts as recorded.
 *
 * @category services
 * @since 0.1.0
 */
export class SessionLog extends Context.Service<SessionLog, {
  /** Where the log of a session is. It need not exist. */
  pathOf(session: FoundSession): Effect.Effect<string>
  /** Adds a result, unless it is recorded already; answers the path of the log. */
  record(result: SessionResult): Effect.Effect<string, SessionLogError>
  /** Whether a result is recorded. */
  isRecorded(result: SessionResult): Effect.Effect<boolean, SessionLogError>
}>()("@zag/core/SessionLog") {
  /**
   * The real files. Those of this program, and of others by this package, take
   * turns by the lock of the {@link Sidecar}.
   */
  static readonly layer: Layer.Layer<SessionLog, never, FileSystem.FileSystem | Path.Path | Sidecar> = Layer.effect(
    SessionLog,
    Effect.gen(function*() {
      const pathOf = makePathOf((yield* Path.Path).join)
      // Most programs record no result, and start faster without this.
      const files = yield* onDemand(() => import("./internal/logFile.ts"))
      return make(pathOf, files, yield* Sidecar)
    })
  )

  /**
   * Logs that last as long as the layer.
   */
  static readonly layerMemory: Layer.Layer<SessionLog> = Layer.sync(SessionLog, () => {
    const pathOf = makePathOf((...names) => names.join("/"))
    const logs = new Map<string, ResultEvent>()
    const isRecorded = (result: SessionResult) =>
      Effect.map(pathOf(result.session), (path) => isSame(result, logs.get(path)))
    return SessionLog.of({
      pathOf,
      isRecorded,
      record: Effect.fn("SessionLog.record")(function*(given) {
        const path = yield* pathOf(given.session)
        if (!(yield* isRecorded(given))) logs.set(path, { result: given.result, ts: yield* Timestamp.now })
        return path
      })
    })
  })
}

const makePathOf = (join: Path.Path["join"]) => ({ entry, projectDirectory }: FoundSession) =>
  entry.logPath === null ? logPath(join, projectDirectory, entry.sessionId) : Effect.succeed(entry.logPath)

const isSame = ({ result, since }: SessionResult, last: ResultEvent | undefined): boolean => {
  const at = last?.result === result ? Timestamp.parse(last.ts) : undefined
  return at !== undefined && since !== undefined && Timestamp.InstantOrder(at, since) >= 0
}

const make = (
  pathOf: SessionLog["Service"]["pathOf"],
  files: Effect.Effect<LogFile.LogFiles>,
  sidecar: Sidecar["Service"]
): SessionLog["Service"] =>
  SessionLog.of({
    pathOf,
    record: Effect.fn("SessionLog.record")(function*(given) {
      const path = yield* pathOf(given.session)
      const failed = ({ problem }: { readonly problem: string }) => new SessionLogError({ path, problem })
      return yield* Effect.flatMap(files, ({ open }) => open(path)).pipe(
        // All that is there already is read before anybody has to wait.
        Effect.tap(({ readOn }) => readOn),
        Effect.mapError(failed),
        Effect.flatMap((log) =>
          Effect.mapError(
            sidecar.withLock(() =>
              Effect.gen(function*() {
                const ts = yield* Timestamp.now
                const { provider, providerSessionId, sessionId } = given.session.entry
                const type = "session_result"
                yield* log.append((last, seq) =>
                  isSame(given, last)
                    ? undefined
                    : wrapperLine({ seq, ts, provider, sessionId, providerSessionId, type }, { result: given.result })
                )
              })
            ),
            (error) => failed({ problem: error._tag === "SidecarError" ? error.message : error.problem })
          )
        ),
        Effect.as(path),
        Effect.scoped
      )
    }),
    isRecorded: Effect.fn("SessionLog.isRecorded")(function*(given) {
      const path = yield* pathOf(given.session)
      return yield* Effect.matchEffect(Effect.flatMap(files, ({ lastResult }) => lastResult(path)), {
        onSuccess: (last) => Effect.succeed(isSame(given, last)),
        onFailure: ({ isMissing, problem }) =>
          isMissing ? Effect.succeed(false) : Effect.fail(new SessionLogError({ path, problem }))
      })
    })
  })
