/**
 * The files of `zag` that have sessions: `sessions.json` of each project, the
 * one of those that belong to none, and the index of all of them.
 */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import * as Predicate from "effect/Predicate"
import { describe } from "./disk.ts"
import { FileProblem, problemWith, readText } from "./regularFile.ts"

/** A session as it stands in a file. */
export interface Match {
  readonly file: string
  readonly projectDirectory: string
  readonly raw: object
}

export interface Search {
  /** The project directories that there are, by their names and by the index. */
  readonly everywhere: Effect.Effect<ReadonlyArray<string>>
  /** The sessions in these project directories that have the id under that key: of each file the first, as for `zag`. */
  readonly matches: (
    directories: ReadonlyArray<string>,
    key: "session_id" | "provider_session_id"
  ) => Effect.Effect<ReadonlyArray<Match>>
  /** What could not be read so far. */
  readonly problems: () => ReadonlyArray<string>
}

export interface SessionFiles {
  /** Where `zag` keeps the sessions of a project. */
  readonly projectOf: (root: string) => string
  /** A search for one session, which reads each file once. */
  readonly search: (sessionId: string) => Search
  /** All sessions of a project. */
  readonly sessionsOf: (projectDirectory: string) => Effect.Effect<ReadonlyArray<object>, FileProblem>
}

// Some ten thousand sessions take ten megabytes.
const maxBytes = 128 * 1024 * 1024

const fileName = "sessions.json"

/** The objects of the array under `sessions`. */
const sessionsOf = (path: string, text: string) => {
  const document: unknown = JSON.parse(text)
  if (!Predicate.hasProperty(document, "sessions") || !Array.isArray(document.sessions)) {
    throw new FileProblem({ path, problem: "it has no array under the key sessions", isMissing: false })
  }
  return document.sessions.filter(Predicate.isObject)
}

const parse = (path: string) => (text: string) =>
  Effect.try({ try: () => sessionsOf(path, text), catch: problemWith(path) })

export const make = Effect.fnUntraced(function*(directory: string) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const projects = path.join(directory, "projects")

  const search = (sessionId: string): Search => {
    const problems: Array<string> = []
    const read = new Map<string, ReadonlyArray<Record<PropertyKey, unknown>>>()

    /** None of a file that is missing or cannot be read; the latter is told at the end, unless the session is elsewhere. */
    const sessionsIn = Effect.fnUntraced(function*(file: string) {
      const known = read.get(file)
      if (known !== undefined) return known
      const sessions = yield* Effect.flatMap(readText(file, maxBytes), parse(file)).pipe(
        Effect.catch((problem) => {
          if (!problem.isMissing) problems.push(problem.message)
          return Effect.succeed([])
        })
      )
      read.set(file, sessions)
      return sessions
    })

    const named = fs.readDirectory(projects).pipe(
      Effect.catch((error) => {
        if (error.reason._tag !== "NotFound") problems.push(`${projects}: ${describe(error)}`)
        return Effect.succeed([])
      }),
      Effect.map((names) => names.map((name) => path.join(projects, name)))
    )

    /** A log is in `logs/sessions` of its project. */
    const indexed = Effect.map(
      sessionsIn(path.join(directory, "sessions_index.json")),
      (entries) =>
        entries.flatMap(({ log_path, session_id }) =>
          session_id === sessionId && typeof log_path === "string" ? [path.join(log_path, "..", "..", "..")] : []
        )
    )

    /** What is under two names counts once. */
    const identified = (projectDirectory: string) =>
      Effect.map(
        Effect.orElseSucceed(fs.realPath(path.join(projectDirectory, fileName)), () => undefined),
        (identity) => ({ identity, projectDirectory })
      )

    return {
      problems: () => problems,
      everywhere: Effect.gen(function*() {
        // That of the root directory has no name.
        const directories = [directory, projects, ...yield* named, ...yield* indexed]
        const seen = new Set<string>()
        return (yield* Effect.forEach(directories, identified)).flatMap(({ identity, projectDirectory }) => {
          if (identity !== undefined && seen.has(identity)) return []
          if (identity !== undefined) seen.add(identity)
          return [projectDirectory]
        })
      }),
      matches: Effect.fnUntraced(function*(directories, key) {
        const matches = yield* Effect.forEach(directories, (projectDirectory) => {
          const file = path.join(projectDirectory, fileName)
          return Effect.map(sessionsIn(file), (sessions) => {
            const having = sessions.filter((session) => session[key] === sessionId)
            // An agent has one id for all that was done in it by several sessions.
            return (key === "session_id" ? having.slice(0, 1) : having).map((raw) => ({ file, projectDirectory, raw }))
          })
        })
        return matches.flat()
      })
    }
  }

  return {
    projectOf: (root) => path.join(projects, root.replace(/^\/+/, "").replaceAll("/", "-")),
    search,
    sessionsOf: (projectDirectory) => {
      const file = path.join(projectDirectory, fileName)
      return Effect.flatMap(readText(file, maxBytes), parse(file))
    }
  } satisfies SessionFiles
})
