/**
 * What the logs of sessions tell of how they stand, and the end of a session
 * that somebody else brings about.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Path from "effect/Path"
import * as Schema from "effect/Schema"
import { onDemand } from "./internal/onDemand.ts"
import type { SessionLog } from "./SessionLog.ts"
import type { SessionHandle, SessionStore } from "./SessionStore.ts"
import type { Sidecar } from "./Sidecar.ts"
import * as Timestamp from "./Timestamp.ts"
import type { ZagHome } from "./ZagHome.ts"

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
      // Most programs never read a log, and start faster without this.
      const files = yield* onDemand(() => import("./internal/sessionEventFiles.ts"))
      return SessionEvents.of({
        lastEventAt: (session) => Effect.flatMap(files, ({ lastEventAt }) => lastEventAt(session)),
        summary: (session) => Effect.flatMap(files, ({ summary }) => summary(session)),
        recordEnd: (end) => Effect.flatMap(files, ({ recordEnd }) => recordEnd(end))
      })
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
