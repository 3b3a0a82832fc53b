/**
 * The database beside the registry: the lock between programs, and what the
 * registry has no place for.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import type * as Path from "effect/Path"
import * as Semaphore from "effect/Semaphore"
import type { AuditRecord } from "./AuditRecord.ts"
import * as Sqlite from "./internal/sidecarSqlite.ts"
import type { IdentifiedEntry, ProcessIdentity } from "./ProcessIdentity.ts"
import { fromLabels, type ProcessLabels } from "./ProcessLabels.ts"
import type { SidecarError } from "./SidecarError.ts"
import { ZagHome } from "./ZagHome.ts"

/**
 * An entry that was moved out of the registry.
 *
 * @category models
 * @since 0.1.0
 */
export interface ArchivedEntry {
  readonly id: string
  /** RFC 3339. */
  readonly archivedAt: string
  /** The entry as it stood in the registry, as JSON text. */
  readonly json: string
}

/**
 * An entry with labels, and who its process is where that is known.
 *
 * @category models
 * @since 0.1.0
 */
export interface LabelledEntry {
  readonly id: string
  readonly identity: ProcessIdentity | undefined
  readonly labels: ProcessLabels
}

/**
 * What can be done only by the holder of the lock.
 *
 * @category models
 * @since 0.1.0
 */
export interface Lock {
  /**
   * Keeps entries for good before they are taken out of the registry. The lock
   * is given up for a moment meanwhile: read again what was read before.
   */
  readonly archive: (entries: ReadonlyArray<ArchivedEntry>) => Effect.Effect<void, SidecarError>
  /** Takes out what is known of entries that leave the registry: who they are, and the labels of what is not archived. */
  readonly forget: (ids: ReadonlyArray<string>) => Effect.Effect<void, SidecarError>
  /**
   * Tells other programs when these entries were changed on purpose, by id, in
   * milliseconds by the clock of the machine that is never set: who has changed
   * one before must not take their own change for lost. They know as soon as the
   * lock is given back.
   */
  readonly tell: (changes: ReadonlyMap<string, number>) => Effect.Effect<void, SidecarError>
  /** The last change of each of these entries that was told within the last minute. */
  readonly told: (ids: ReadonlyArray<string>) => Effect.Effect<ReadonlyMap<string, number>, SidecarError>
}

/**
 * The database `processes.db` beside the registry.
 *
 * **Details**
 *
 * The first write makes it; a look at processes opens it if it is there. Losing
 * it loses labels, but no entry of the registry: a damaged one, or one of
 * another program, is set aside with a warning, and a new one takes its place.
 *
 * @category services
 * @since 0.1.0
 */
export class Sidecar extends Context.Service<Sidecar, {
  /**
   * Runs an effect while nobody else holds the lock, in this program or another
   * one. The system gives the lock back when its holder dies. Fails with
   * `LockTimeout` after ten seconds, however many wait for it.
   */
  withLock<A, E, R>(use: (lock: Lock) => Effect.Effect<A, E, R>): Effect.Effect<A, E | SidecarError, R>
  /** The archived entries, oldest first. None when there is no database. */
  readonly archived: Effect.Effect<ReadonlyArray<ArchivedEntry>, SidecarError>
  /**
   * Records who the processes of entries are, until the entries leave the
   * registry. Takes the lock for that.
   */
  identify(entries: ReadonlyArray<IdentifiedEntry>): Effect.Effect<void, SidecarError>
  /** The same, unless somebody has the lock, or there is no database yet: to be done when it costs nobody anything. */
  identifyIfFree(entries: ReadonlyArray<IdentifiedEntry>): Effect.Effect<void, SidecarError>
  /**
   * Records the labels of an entry, in place of those it had, and its identity
   * with them. Takes the lock for that. They stay until the entry is removed;
   * those of one in the archive stay with it.
   */
  label(entry: LabelledEntry): Effect.Effect<void, SidecarError>
  /** Keeps what signals were sent, the newest 10,000 of them. Takes the lock for that. */
  audit(records: ReadonlyArray<AuditRecord>): Effect.Effect<void, SidecarError>
  /** The last signals that were sent, newest first. */
  audited(limit: number): Effect.Effect<ReadonlyArray<AuditRecord>, SidecarError>
  /** Who the processes of these entries are, as far as it was recorded. */
  identities(ids: ReadonlyArray<string>): Effect.Effect<ReadonlyMap<string, ProcessIdentity>, SidecarError>
  /** The labels of those of these entries that have any. */
  labels(ids: ReadonlyArray<string>): Effect.Effect<ReadonlyMap<string, ProcessLabels>, SidecarError>
}>()("@zag/core/Sidecar") {
  /**
   * The database in the directory of the {@link ZagHome}, by the SQLite of Node.
   */
  static readonly layerSqlite: Layer.Layer<Sidecar, never, FileSystem.FileSystem | Path.Path | ZagHome> = Layer.effect(
    Sidecar,
    Effect.gen(function*() {
      const { directory } = yield* ZagHome
      return Sidecar.of(yield* Sqlite.make(directory))
    })
  )

  /**
   * A lock within this program, and an archive that lives as long as the layer.
   */
  static readonly layerMemory: Layer.Layer<Sidecar> = Layer.sync(Sidecar, () => {
    const archive = new Map<string, ArchivedEntry>()
    const changes = new Map<string, number>()
    const identities = new Map<string, ProcessIdentity>()
    const labels = new Map<string, ProcessLabels>()
    const audit: Array<AuditRecord> = []
    const identify = (entries: ReadonlyArray<IdentifiedEntry>) =>
      Effect.sync(() => {
        for (const { id, identity } of entries) identities.set(id, identity)
      })
    const one = Semaphore.makeUnsafe(1)
    const lock: Lock = {
      archive: (entries) =>
        Effect.sync(() => {
          for (const entry of entries) {
            // Goes to the end.
            archive.delete(entry.id)
            archive.set(entry.id, entry)
          }
        }),
      forget: (ids) =>
        Effect.sync(() => {
          for (const id of ids) identities.delete(id)
          for (const id of ids) if (!archive.has(id)) labels.delete(id)
        }),
      tell: (told) =>
        Effect.sync(() => {
          for (const [id, at] of told) changes.set(id, Math.max(at, changes.get(id) ?? at))
        }),
      told: (ids) => Effect.sync(() => new Map(Array.from(changes).filter(([id]) => ids.includes(id))))
    }
    return Sidecar.of({
      withLock: (use) => one.withPermits(1)(Effect.suspend(() => use(lock))),
      archived: Effect.sync(() => Array.from(archive.values())),
      audit: (records) => Effect.sync(() => void audit.push(...records)),
      audited: (limit) => Effect.sync(() => audit.toReversed().slice(0, limit)),
      identify,
      identifyIfFree: identify,
      identities: (ids) => Effect.sync(() => new Map(Array.from(identities).filter(([id]) => ids.includes(id)))),
      label: ({ id, identity, labels: given }) =>
        Effect.sync(() => {
          if (identity !== undefined) identities.set(id, identity)
          labels.set(id, fromLabels(Object.entries(given)))
        }),
      labels: (ids) => Effect.sync(() => new Map(Array.from(labels).filter(([id]) => ids.includes(id))))
    })
  })
}
