/**
 * Looking for a session in the files of `zag`. Nothing imports this but when
 * one is looked for.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { SessionEntryJson } from "../SessionEntry.ts"
import type { FoundSession, SessionHandle } from "../SessionStore.ts"
import { SessionAmbiguous, SessionMissing, SessionStoreError, SessionUnreadable } from "../SessionStoreError.ts"
import { newestOf } from "./newestSession.ts"
import * as SessionFiles from "./sessionFiles.ts"

const fail = (reason: SessionStoreError["reason"]) => Effect.fail(new SessionStoreError({ reason }))

const decodeEntry = Schema.decodeUnknownEffect(SessionEntryJson)

interface Found extends FoundSession {
  readonly file: string
}

const decode = Effect.fnUntraced(function*(sessionId: string, { file, projectDirectory, raw }: SessionFiles.Match) {
  const entry = yield* Effect.catch(
    decodeEntry(raw),
    ({ message }) => fail(new SessionUnreadable({ sessionId, problems: [`${file}: ${message}`] }))
  )
  return { entry, file, projectDirectory } satisfies Found
})

/** The session among those that match; they are one when they write the same log. */
const only = Effect.fnUntraced(function*(sessionId: string, matches: ReadonlyArray<SessionFiles.Match>) {
  const found = yield* Effect.forEach(matches, (match) => decode(sessionId, match))
  const [first] = found
  const isFirst = ({ entry }: Found) =>
    entry.logPath !== null && entry.logPath === first?.entry.logPath && entry.sessionId === first.entry.sessionId
  return first === undefined || found.slice(1).every(isFirst)
    ? first
    : yield* fail(new SessionAmbiguous({ sessionId, files: Array.from(new Set(found.map(({ file }) => file))) }))
})

/** The one session that is meant, in the files below this directory. */
export const find = Effect.fnUntraced(function*(directory: string, { root, sessionId }: SessionHandle) {
  const files = yield* SessionFiles.make(directory)
  const search = files.search(sessionId)
  const places = [
    ...(root === null ? [] : [Effect.succeed([files.projectOf(root)])]),
    search.everywhere
  ]
  for (const key of ["session_id", "provider_session_id"] as const) {
    for (const place of places) {
      const found = yield* only(sessionId, yield* search.matches(yield* place, key))
      if (found !== undefined) return { entry: found.entry, projectDirectory: found.projectDirectory }
    }
  }
  const problems = search.problems()
  return yield* fail(
    problems.length === 0
      ? new SessionMissing({ sessionId, directory })
      : new SessionUnreadable({ sessionId, problems })
  )
})

/** The session of a project, or of none, that was created last. */
export const latest = Effect.fnUntraced(function*(directory: string, root: string | null) {
  const files = yield* SessionFiles.make(directory)
  const projectDirectory = root === null ? directory : files.projectOf(root)
  const sessions = yield* files.sessionsOf(projectDirectory).pipe(
    Effect.catch((problem) =>
      problem.isMissing
        ? Effect.succeed([])
        : fail(new SessionUnreadable({ sessionId: "latest", problems: [problem.message] }))
    )
  )
  // One that cannot be read hides no other.
  const readable = yield* Effect.forEach(sessions, (raw) => Effect.option(decodeEntry(raw)))
  return newestOf(readable.flatMap(Option.toArray).map((entry) => ({ entry, projectDirectory })))
})
