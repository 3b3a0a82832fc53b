/**
 * The sidecar on SQLite.
 *
 * The lock is a write transaction: the one lock in Node's standard library that
 * the kernel owns, and takes back from a holder that dies.
 */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import type { PlatformError } from "effect/PlatformError"
import * as Random from "effect/Random"
import * as Semaphore from "effect/Semaphore"
import type { AuditRecord } from "../AuditRecord.ts"
import type { IdentifiedEntry, ProcessIdentity } from "../ProcessIdentity.ts"
import type { ProcessLabels } from "../ProcessLabels.ts"
import type { LabelledEntry, Lock } from "../Sidecar.ts"
import { LockTimeout, SidecarError, SidecarUnusable } from "../SidecarError.ts"
import * as Timestamp from "../Timestamp.ts"
import { describe } from "./disk.ts"
import * as FileStamp from "./fileStamp.ts"
import { lockHolder } from "./lockHolder.ts"
import * as LockTurn from "./lockTurn.ts"
import { temporaryName } from "./orphans.ts"
import * as RealTime from "./realTime.ts"
import { migrate } from "./sidecarSchema.ts"
import * as Tables from "./sidecarTables.ts"
import * as Sqlite from "./sqlite.ts"

/** How the names of the files end that SQLite keeps beside a database. */
export const companions = ["-journal", "-wal", "-shm"]

interface Connection {
  readonly database: Sqlite.Database
  /** The file it was opened on: another one may have taken its place since. */
  readonly file: string | undefined
  /** Whether its tables were seen to be ours. */
  ready: boolean
}

export const make = Effect.fnUntraced(function*(directory: string, lockSeconds = 10) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const file = path.join(directory, "processes.db")
  let connection: Connection | undefined

  const unusableBecause = (problem: string, cause: unknown) =>
    new SidecarError({ reason: new SidecarUnusable({ path: file, problem, cause }) })

  const unusable = (cause: unknown) => unusableBecause((cause as Error).message, cause)

  const unreachable = (error: PlatformError) => unusableBecause(describe(error), error)

  const close = Effect.sync(() => {
    connection?.database.close()
    connection = undefined
  })

  yield* Effect.addFinalizer(() => close)

  const createEmpty = (file: string) => fs.writeFile(file, new Uint8Array(), { flag: "wx", mode: 0o600 })

  /**
   * What is archived are prompts: only their owner may read them, which is the
   * owner of the directory. The file is made under another name and then given
   * its own: once it has that, nobody but SQLite may open and close it in this
   * program, because closing it gives up every lock that the program has on it.
   */
  const create = Effect.gen(function*() {
    yield* fs.makeDirectory(directory, { recursive: true, mode: 0o700 })
    const temporary = path.join(directory, temporaryName(process.pid, yield* Random.nextIntBetween(0, 2 ** 32)))
    yield* createEmpty(temporary)
    const { gid, uid } = yield* fs.stat(directory)
    const owner = Option.all({ gid, uid })
    if (Option.isSome(owner)) yield* Effect.ignore(fs.chown(temporary, owner.value.uid, owner.value.gid))
    yield* fs.link(temporary, file).pipe(
      // Not every file system has links.
      Effect.catch((error) => error.reason._tag === "AlreadyExists" ? Effect.fail(error) : createEmpty(file)),
      Effect.ensuring(Effect.ignore(fs.remove(temporary)))
    )
  }).pipe(
    Effect.catchIf((error: PlatformError) => error.reason._tag === "AlreadyExists", () => Effect.void),
    Effect.mapError(unreachable)
  )

  const setAside = Effect.gen(function*() {
    const opened = connection?.file
    yield* close
    // Another program may have been faster; what it made is sound.
    if (opened !== FileStamp.identity(file)) return
    const aside = `${file}.corrupt-${(yield* Timestamp.now).replaceAll(":", "-")}`
    yield* fs.rename(file, aside).pipe(
      // What another program has not moved into its database yet stands beside it, and the next one would delete it.
      Effect.andThen(
        Effect.forEach(companions, (end) => Effect.ignore(fs.rename(`${file}${end}`, `${aside}${end}`)))
      ),
      Effect.andThen(
        Effect.logWarning(`${file} is damaged or not ours; it is kept as ${aside}, and a new one takes its place`)
      ),
      Effect.catchIf((error) => error.reason._tag === "NotFound", () => Effect.void),
      Effect.mapError(unreachable)
    )
  })

  const open = Effect.gen(function*() {
    const { DatabaseSync } = Sqlite.load()
    if (FileStamp.identity(file) === undefined) yield* create
    const stamp = FileStamp.identity(file)
    const database = yield* Effect.try({ try: () => new DatabaseSync(file, { timeout: 0 }), catch: unusable })
    return connection = { database, file: stamp, ready: false }
  })

  const current = Effect.suspend(() => {
    if (connection !== undefined && connection.file === FileStamp.identity(file)) return Effect.succeed(connection)
    return Effect.andThen(close, open)
  })

  const timedOut = Effect.suspend(() => {
    const holder = lockHolder(file)
    return Effect.fail(
      new SidecarError({
        reason: new LockTimeout({ path: file, seconds: lockSeconds, ...(holder === undefined ? {} : { holder }) })
      })
    )
  })

  const random = yield* Random.Random

  /** As long as anybody should have to wait, by the clock that is never set. */
  const deadline = (): number => RealTime.now() + lockSeconds * 1000

  /**
   * Asks again and again as long as somebody else is at it, until the time is up.
   * SQLite's own waiting would block the event loop, and starves some of those who
   * wait.
   */
  const whileBusy = <A>(
    ask: () => A | "Busy",
    until = deadline()
  ): Effect.Effect<Exclude<A, "Busy">, SidecarError> =>
    Effect.callback((resume) => {
      const began = RealTime.now()
      let timer: ReturnType<typeof setTimeout> | undefined
      const askNow = (): void => {
        const answer = ask()
        if (answer !== "Busy") return resume(Effect.succeed(answer as Exclude<A, "Busy">))
        const now = RealTime.now()
        if (now >= until) return resume(timedOut)
        const pause = 1 + random.nextDoubleUnsafe() * (LockTurn.longestPause(now - began) - 1)
        // @effect-diagnostics-next-line globalTimers:off -- others do not wait for the `Clock`
        timer = setTimeout(askNow, pause)
      }
      askNow()
      return Effect.sync(() => clearTimeout(timer))
    })

  const turns = LockTurn.make()

  const begin = (until: number): Effect.Effect<void, SidecarError> =>
    Effect.flatMap(current, (connection) =>
      Effect.flatMap(
        whileBusy(() => {
          const outcome = tryBegin(connection.database, connection.ready)
          if (outcome === "Busy") turns.contended()
          // A lock on a file that has lost its name keeps nobody out.
          const isReplaced = outcome === "Ready" && connection.file !== FileStamp.identity(file)
          if (outcome !== "Ready" || isReplaced) rollback(connection.database)
          return isReplaced ? "Replaced" : outcome
        }, until),
        (outcome) => {
          if (typeof outcome === "object") return Effect.fail(unusable(outcome.failure))
          connection.ready = outcome === "Ready"
          if (outcome === "Ready") return Effect.void
          return outcome === "Foreign" ? Effect.andThen(setAside, begin(until)) : begin(until)
        }
      ))

  const acquire = (until: number) =>
    Effect.suspend(() => {
      const courtesy = turns.courtesy()
      return Effect.andThen(courtesy > 0 ? RealTime.pause(courtesy) : Effect.void, begin(until))
    }).pipe(Effect.map(() => turns.acquired()))

  /** Readers and writers keep each other out for moments. */
  const whenFree = <A>(run: (database: Sqlite.Database) => A): Effect.Effect<A, SidecarError> =>
    Effect.flatMap(current, ({ database }) => whileBusy(() => attempt(() => run(database)))).pipe(
      Effect.flatMap((outcome) =>
        "failure" in outcome ? Effect.fail(unusable(outcome.failure)) : Effect.succeed(outcome.value)
      )
    )

  const commit = whenFree((database) => database.exec("COMMIT"))

  // Whether the transaction that is the lock has written something.
  let isWritten = false

  // What is lost with a failure here, others take for lost entries at the worst.
  const release = Effect.suspend(() => isWritten ? Effect.ignore(commit) : Effect.void).pipe(
    Effect.andThen(Effect.sync(() => {
      isWritten = false
      if (connection !== undefined) rollback(connection.database)
      turns.released()
    }))
  )

  const lock: Lock = {
    archive: (entries) =>
      whenFree((database) => Tables.insertArchived(database, entries)).pipe(
        Effect.andThen(commit),
        Effect.andThen(Effect.suspend(() => acquire(deadline())))
      ),
    forget: (ids) =>
      whenFree((database) => {
        isWritten = true
        Tables.forget(database, ids)
      }),
    tell: (changes) =>
      whenFree((database) => {
        isWritten = true
        Tables.insertChanges(database, changes)
      }),
    told: (ids) => whenFree((database) => Tables.selectChanges(database, ids))
  }

  // A connection has one transaction at a time.
  const turn = Semaphore.makeUnsafe(1)

  const locked =
    (acquire: Effect.Effect<void, SidecarError>) =>
    <A, E, R>(use: (lock: Lock) => Effect.Effect<A, E, R>): Effect.Effect<A, E | SidecarError, R> =>
      turn.withPermits(1)(Effect.uninterruptibleMask((restore) =>
        // Waiting may be interrupted; what is done with the lock decides for itself.
        restore(acquire).pipe(
          Effect.andThen(restore(Effect.suspend(() => use(lock)))),
          Effect.ensuring(release)
        )
      ))

  // Of those that wait in this program each has its own time, not the one after the other.
  const withLock = <A, E, R>(use: (lock: Lock) => Effect.Effect<A, E, R>) =>
    Effect.suspend(() => locked(acquire(deadline()))(use))

  /** Writes for good, and is done only then; the lock ends with it. */
  const forGood = (run: (database: Sqlite.Database) => void) => () => Effect.andThen(whenFree(run), commit)

  const identify = (entries: ReadonlyArray<IdentifiedEntry>) =>
    forGood((database) => Tables.insertIdentities(database, entries))

  /** What reading answers where there is a database. */
  const ifThere = <A>(none: A, read: Effect.Effect<A, SidecarError>) =>
    Effect.suspend(() => FileStamp.identity(file) === undefined ? Effect.succeed(none) : read)

  return {
    withLock,
    archived: ifThere([], turn.withPermits(1)(whenFree(Tables.selectArchived))),
    identify: (entries: ReadonlyArray<IdentifiedEntry>) => withLock(identify(entries)),
    identifyIfFree: (entries: ReadonlyArray<IdentifiedEntry>) =>
      ifThere(undefined, locked(begin(0))(identify(entries))),
    label: ({ id, identity, labels }: LabelledEntry) =>
      withLock(forGood((database) => {
        if (identity !== undefined) Tables.insertIdentities(database, [{ id, identity }])
        Tables.replaceLabels(database, id, labels)
      })),
    audit: (records: ReadonlyArray<AuditRecord>) =>
      withLock(forGood((database) => Tables.insertAudit(database, records))),
    audited: (limit: number) =>
      ifThere([], turn.withPermits(1)(whenFree((database) => Tables.selectAudit(database, limit)))),
    identities: (ids: ReadonlyArray<string>) =>
      ifThere<ReadonlyMap<string, ProcessIdentity>>(
        new Map(),
        turn.withPermits(1)(whenFree((database) => Tables.selectIdentities(database, ids)))
      ),
    labels: (ids: ReadonlyArray<string>) =>
      ifThere<ReadonlyMap<string, ProcessLabels>>(
        new Map(),
        turn.withPermits(1)(whenFree((database) => Tables.selectLabels(database, ids)))
      )
  }
})

type Attempt<A> = { readonly value: A } | { readonly failure: unknown }

const attempt = <A>(run: () => A): Attempt<A> | "Busy" => {
  try {
    return { value: run() }
  } catch (failure) {
    return Sqlite.isBusy(failure) ? "Busy" : { failure }
  }
}

/** Begins the transaction that is the lock. The tables are looked at unless they are known to be ours. */
const tryBegin = (database: Sqlite.Database, ready: boolean) => {
  const outcome = attempt(() => {
    database.exec("BEGIN IMMEDIATE")
    return ready ? "Ready" : migrate(database)
  })
  if (outcome === "Busy") return outcome
  if ("value" in outcome) return outcome.value
  // A damaged one is not ours any more, whoever made it.
  return Sqlite.isDamaged(outcome.failure) ? "Foreign" : outcome
}

const rollback = (database: Sqlite.Database): void => {
  if (database.isTransaction) database.exec("ROLLBACK")
}
