/**
 * Looking at sessions, and cancelling them.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import * as Schema from "effect/Schema"
import * as Environment from "./Environment.ts"
import { ProcessControl } from "./ProcessControl.ts"
import type { ProcessControlError } from "./ProcessControlError.ts"
import { newestFirst, type ProcessEntry } from "./ProcessEntry.ts"
import type { LiveStatus } from "./ProcessInfo.ts"
import { ProcessStore } from "./ProcessStore.ts"
import type { ProcessStoreError } from "./ProcessStoreError.ts"
import { activityOf } from "./SessionActivity.ts"
import { SessionEvents, type SessionEventsError, type SessionSummary } from "./SessionEvents.ts"
import { type FoundSession, SessionStore } from "./SessionStore.ts"
import type { SessionStoreError } from "./SessionStoreError.ts"

/**
 * - `running`: its process runs, and its last event is less than 30 seconds ago
 *   or there is no log that tells.
 * - `idle`: its process runs, and its last event is longer ago.
 * - `completed`, `failed`: it has ended, and says so.
 * - `dead`: its process has ended, and the log has no end.
 * - `unknown`: nothing tells, or its process is elsewhere.
 *
 * @category schemas
 * @since 0.1.0
 */
export const SessionStatus = Schema.Literals(["running", "idle", "completed", "failed", "dead", "unknown"])

/**
 * @category models
 * @since 0.1.0
 */
export type SessionStatus = typeof SessionStatus.Type

/**
 * How a session stands; what is not known is not there.
 *
 * @category models
 * @since 0.1.0
 */
export class SessionState extends Schema.Class<SessionState>("SessionState")({
  sessionId: Schema.String,
  status: SessionStatus,
  provider: Schema.String,
  model: Schema.String,
  name: Schema.optionalKey(Schema.String),
  pid: Schema.optionalKey(Schema.Finite),
  error: Schema.optionalKey(Schema.String),
  /** The last heartbeat; of a session that runs and has none, the last event. */
  lastHeartbeatAt: Schema.optionalKey(Schema.String)
}) {}

/**
 * Maps a {@link SessionState} to the object that `zag status --json` prints.
 *
 * @category schemas
 * @since 0.1.0
 */
export const SessionStateJson = SessionState.pipe(
  Schema.encodeKeys({ sessionId: "session_id", lastHeartbeatAt: "last_heartbeat_at" })
)

/**
 * Neither a registered process nor a file of `zag` has the session.
 *
 * @category errors
 * @since 0.1.0
 */
export class SessionUnknown extends Schema.TaggedError<SessionUnknown>()("SessionUnknown", {
  sessionId: Schema.String
}) {
  override get message(): string {
    return `Session not found: ${this.sessionId}. zag ps list --json shows the session_id of each process.`
  }
}

/**
 * There is no session to choose.
 *
 * @category errors
 * @since 0.1.0
 */
export class NoSessions extends Schema.TaggedError<NoSessions>()("NoSessions", {
  directory: Schema.NullOr(Schema.String)
}) {
  override get message(): string {
    return `No sessions found ${this.directory === null ? "outside a repository" : `of ${this.directory}`}. ` +
      "Give the id of a session."
  }
}

/**
 * Nothing runs that could be cancelled, and there is no log to say so in.
 *
 * @category errors
 * @since 0.1.0
 */
export class NothingToCancel extends Schema.TaggedError<NothingToCancel>()("NothingToCancel", {
  sessionId: Schema.String
}) {
  override get message(): string {
    return `No session log found for '${this.sessionId}', nor a process that runs`
  }
}

/**
 * What can go wrong with a session.
 *
 * @category errors
 * @since 0.1.0
 */
export type SessionControlError =
  | SessionUnknown
  | NoSessions
  | NothingToCancel
  | SessionEventsError
  | SessionStoreError
  | ProcessControlError
  | ProcessStoreError

/**
 * Looking at sessions, and cancelling them, as `zag status`, `zag cancel` and
 * `zag env` do. A session is named by its whole id, or by the one that the agent
 * gave it.
 *
 * @category services
 * @since 0.1.0
 */
export class SessionControl extends Context.Service<SessionControl, {
  /** How a session stands, by its log and the newest of its processes. */
  status(sessionId: string): Effect.Effect<SessionState, SessionControlError>
  /**
   * Asks the newest process of a session to end, as `ProcessControl.stop` does,
   * and writes to its log that it was cancelled, unless it has ended there.
   * Nothing is written when the process runs and must not, or cannot, be
   * signalled: then the session goes on.
   */
  cancel(sessionId: string, reason?: string): Effect.Effect<void, SessionControlError>
  /**
   * The variables by which an agent of a session knows itself, in the order of
   * `zag`. Without an id it is the session of `ZAG_SESSION_ID`, or else the one
   * that was created last in the repository around the working directory.
   */
  environment(sessionId?: string): Effect.Effect<Readonly<Record<string, string>>, SessionControlError>
}>()("@zag/core/SessionControl") {
  static readonly layer: Layer.Layer<
    SessionControl,
    never,
    ProcessControl | ProcessStore | SessionStore | SessionEvents | FileSystem.FileSystem | Path.Path
  > = Layer.effect(
    SessionControl,
    Effect.gen(function*() {
      return make({
        control: yield* ProcessControl,
        store: yield* ProcessStore,
        sessions: yield* SessionStore,
        events: yield* SessionEvents,
        repository: yield* makeRepository
      })
    })
  )
}

/** The repository around the working directory, as `git` would name it; null outside of any. */
const makeRepository = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  return Effect.gen(function*() {
    const start = yield* Effect.orElseSucceed(fs.realPath("."), () => path.resolve())
    for (let at = start;; at = path.dirname(at)) {
      if (yield* Effect.orElseSucceed(fs.exists(path.join(at, ".git")), () => false)) return at
      if (at === path.dirname(at)) return null
    }
  })
})

interface Services {
  readonly control: ProcessControl["Service"]
  readonly store: ProcessStore["Service"]
  readonly sessions: SessionStore["Service"]
  readonly events: SessionEvents["Service"]
  readonly repository: Effect.Effect<string | null>
}

/** What is known of a session, by one of its ids. */
interface Known {
  readonly sessionId: string
  readonly entry: ProcessEntry | undefined
  readonly session: FoundSession["entry"] | undefined
  readonly root: string | null
}

type Standing = Pick<SessionState, "status"> & { readonly error?: string; readonly lastHeartbeatAt?: string }

const make = ({ control, events, repository, sessions, store }: Services): SessionControl["Service"] => {
  const newestOf = Effect.fnUntraced(function*(sessionId: string) {
    const ofSession = (entry: ProcessEntry) => entry.sessionId === sessionId
    const current = (yield* store.load).entries.filter(ofSession)
    const entries = current.length > 0 ? current : (yield* store.archived).entries.filter(ofSession)
    return entries.toSorted(newestFirst)[0]
  })

  const look = Effect.fnUntraced(function*(id: string) {
    const first = yield* newestOf(id)
    const session = yield* sessions.find({ sessionId: id, root: first?.root ?? null }).pipe(
      Effect.map(({ entry }) => entry),
      Effect.catch((error) => {
        const { _tag } = error.reason
        // A file that cannot be read hides no session of which a process is registered.
        return _tag === "SessionMissing" || (_tag === "SessionUnreadable" && first !== undefined)
          ? Effect.undefined
          : Effect.fail(error)
      })
    )
    const sessionId = session?.sessionId ?? id
    const entry = first ?? (sessionId === id ? undefined : yield* newestOf(sessionId))
    return { sessionId, entry, session, root: entry?.root ?? null } satisfies Known
  })

  const standingOf = Effect.fnUntraced(function*(
    summary: SessionSummary | undefined,
    entry: ProcessEntry | undefined,
    liveStatus: LiveStatus | undefined
  ) {
    if (summary?.end !== undefined) return { ...ended(summary.end.success, summary.end.error), ...heartbeat(summary) }
    if (entry === undefined || liveStatus === undefined || liveStatus === "unknown") return standing("unknown")
    if (liveStatus !== "running") {
      return summary === undefined
        ? withoutLog(liveStatus, entry)
        : { ...standing("dead", "process died without clean exit"), ...heartbeat(summary) }
    }
    if (summary?.lastEventAt === undefined) return standing("running")
    const { activity } = activityOf(summary.lastEventAt, yield* Clock.currentTimeMillis)
    return {
      ...standing(activity === "idle" ? "idle" : "running"),
      lastHeartbeatAt: summary.lastHeartbeatAt ?? summary.lastEventAt
    }
  })

  return SessionControl.of({
    status: Effect.fn("SessionControl.status")(function*(id) {
      const known = yield* look(id)
      const { entry, session, sessionId } = known
      const summary = yield* events.summary(known)
      if (entry === undefined && session === undefined && Option.isNone(summary)) {
        return yield* new SessionUnknown({ sessionId: id })
      }
      const liveStatus = entry === undefined ? undefined : (yield* control.show(entry.id)).liveStatus
      return new SessionState({
        sessionId,
        ...(yield* standingOf(Option.getOrUndefined(summary), entry, liveStatus)),
        provider: session?.provider ?? entry?.provider ?? "",
        model: session?.model || entry?.model || "",
        ...(typeof session?.name === "string" ? { name: session.name } : {}),
        ...(entry === undefined ? {} : { pid: entry.pid })
      })
    }),
    cancel: Effect.fn("SessionControl.cancel")(function*(id, reason = "cancelled by user") {
      const known = yield* look(id)
      const { entry, session } = known
      const signalled = entry !== undefined && (yield* control.stop(entry).pipe(
        Effect.as(true),
        Effect.catchReason("ProcessControlError", "NotRunning", () => Effect.succeed(false))
      ))
      const recorded = yield* events.recordEnd({
        session: known,
        provider: session?.provider ?? entry?.provider ?? "unknown",
        success: false,
        error: `cancelled: ${reason.toWellFormed()}`
      })
      if (!signalled && !recorded) return yield* new NothingToCancel({ sessionId: id })
    }),
    environment: Effect.fn("SessionControl.environment")(function*(given) {
      const id = given ?? Option.getOrUndefined(yield* Environment.sessionId)
      if (id !== undefined) return yield* variablesOf(yield* look(id), id)
      const directory = yield* repository
      const latest = Option.getOrUndefined(yield* sessions.latest(directory))
      if (latest === undefined) return yield* new NoSessions({ directory })
      const { entry: session } = latest
      return yield* variablesOf(
        { sessionId: session.sessionId, session, entry: yield* newestOf(session.sessionId), root: null },
        session.sessionId
      )
    })
  })
}

const standing = (status: SessionStatus, error?: string): Standing =>
  error === undefined ? { status } : { status, error }

const ended = (success: boolean, error: string | null): Standing =>
  standing(success ? "completed" : "failed", error ?? undefined)

const heartbeat = ({ lastHeartbeatAt }: SessionSummary) => lastHeartbeatAt === undefined ? {} : { lastHeartbeatAt }

const withoutLog = (liveStatus: LiveStatus, { exitCode }: ProcessEntry): Standing =>
  liveStatus === "dead" ? standing("dead") : ended(liveStatus === "exited" && exitCode === 0, null)

const variablesOf = ({ entry, session, sessionId }: Known, id: string) => {
  if (entry === undefined && session === undefined) return Effect.fail(new SessionUnknown({ sessionId: id }))
  const variables: ReadonlyArray<readonly [name: string, value: string | null | undefined]> = [
    ["ZAG_SESSION_ID", sessionId],
    ["ZAG_SESSION_NAME", session?.name],
    ["ZAG_PROCESS_ID", entry?.id],
    ["ZAG_PROVIDER", session?.provider ?? entry?.provider],
    ["ZAG_MODEL", session?.model || entry?.model],
    ["ZAG_ROOT", session?.worktreePath || entry?.root]
  ]
  return Effect.succeed(Object.fromEntries(variables.flatMap(([name, value]) =>
    // As for `zag`, a name that is empty is one.
    typeof value === "string" && (value !== "" || name === "ZAG_SESSION_NAME") ? [[name, value] as const] : []
  )))
}
