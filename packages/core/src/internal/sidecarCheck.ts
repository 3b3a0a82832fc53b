/**
 * What is wrong with the sidecar, found without changing it.
 *
 * The database is read through SQLite alone: a descriptor of the same file that
 * is closed by anything else would take the lock of this program with it.
 */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import * as Schedule from "effect/Schedule"
import * as Archive from "./archive.ts"
import { applicationId } from "./sidecarSchema.ts"
import * as Tables from "./sidecarTables.ts"
import * as Sqlite from "./sqlite.ts"
import * as Content from "./storeContent.ts"

/**
 * `unusable` is what neither a new database nor waiting would mend: a permission,
 * a directory in its place. `unreadable` is only what stands in its archive.
 */
export interface SidecarProblem {
  readonly kind: "damaged" | "foreign" | "unusable" | "unreadable"
  readonly problem: string
}

// https://sqlite.org/rescode.html: a writer died in the middle of a change, which the next writer takes back.
const SQLITE_READONLY_ROLLBACK = 776

const first = (database: Sqlite.Database, pragma: string): unknown =>
  Object.values(database.prepare(`PRAGMA ${pragma}`).get() ?? {})[0]

const inspect = (database: Sqlite.Database): SidecarProblem | undefined => {
  const problem = String(first(database, "quick_check(1)"))
  if (problem !== "ok") return { kind: "damaged", problem: problem.replaceAll("\n", " ") }
  // One without any table is ours, and about to be made.
  if (Number(first(database, "schema_version")) > 0 && first(database, "application_id") !== applicationId) {
    return { kind: "foreign", problem: "it is the database of another program" }
  }
  const [unreadable, ...more] = Content.inFileOrder(Archive.documentOf(Tables.selectArchived(database))).unreadable
  if (unreadable === undefined) return undefined
  const others = more.length === 0 ? "" : ` (and ${more.length} more)`
  return { kind: "unreadable", problem: `entry ${unreadable.index + 1}: ${unreadable.problem}${others}` }
}

const problemOf = (error: unknown): SidecarProblem | undefined => {
  if ((error as { readonly errcode?: unknown }).errcode === SQLITE_READONLY_ROLLBACK) return undefined
  return { kind: Sqlite.isDamaged(error) ? "damaged" : "unusable", problem: (error as Error).message }
}

const ask = (file: string): Effect.Effect<SidecarProblem | undefined> =>
  Effect.acquireUseRelease(
    Effect.try(() => new (Sqlite.load().DatabaseSync)(file, { readOnly: true, timeout: 0 })),
    (database) => Effect.try(() => inspect(database)),
    (database) => Effect.sync(() => database.close())
  ).pipe(
    // A writer keeps readers out for the moment in which it commits.
    Effect.retry({
      while: ({ cause }) => Sqlite.isBusy(cause),
      schedule: Schedule.spaced("10 millis"),
      times: 100
    }),
    Effect.catch(({ cause }) => Effect.succeed(problemOf(cause)))
  )

const unusable = (problem: string): SidecarProblem => ({ kind: "unusable", problem })

/** Answers what is wrong with the database in a file; undefined when nothing is, or it is still to be made. */
export const make = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path

  return Effect.fnUntraced(function*(file: string) {
    // Asking first what it is keeps a FIFO in its place from blocking SQLite for ever.
    const info = yield* Effect.option(fs.stat(file))
    if (Option.isSome(info)) {
      const { type } = info.value
      return type === "File" ? yield* ask(file) : unusable(`it is not a file but a ${type.toLowerCase()}`)
    }
    const link = yield* Effect.option(fs.readLink(file))
    if (Option.isNone(link)) return undefined
    // SQLite makes the file that a link leads to, but no directory.
    const place = path.dirname(path.resolve(path.dirname(file), link.value))
    return (yield* Effect.orElseSucceed(fs.exists(place), () => true))
      ? undefined
      : unusable(`it is a symbolic link to ${link.value}, whose directory does not exist`)
  })
})
