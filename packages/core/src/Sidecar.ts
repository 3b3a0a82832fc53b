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
import * as RealTime from "./internal/realTime.ts"
import * as Sqlite from "./internal/sidecarSqlite.ts"
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
  /**
   * Tells other programs that these entries are taken out of the registry on
   * purpose: who has just written one must not take it for lost. They know as
   * soon as the lock is given back.
   */
  readonly removed: (ids: ReadonlyArray<string>) => Effect.Effect<void, SidecarError>
  /**
   * When those of these entries that were taken out on purpose within the last
   * minute were, in milliseconds by the clock of the machine that is never set.
   */
  readonly removals: (ids: ReadonlyArray<string>) => Effect.Effect<ReadonlyMap<string, number>, SidecarError>
}

/**
 * The database `processes.db` beside the registry.
 *
 * **Details**
 *
 * It is opened when it is first needed, which is by the first write. Losing it
 * loses no entry of the registry: a damaged one, or one of another program, is
 * set aside with a warning, and a new one takes its place.
 *
 * @category services
 * @since 0.1.0
 */
export class Sidecar extends Context.Service<Sidecar, {
  /**
   * Runs an effect while nobody else holds the lock, in this program or another
   * one. The system gives the lock back when its holder dies. Fails with
   * `LockTimeout` after ten seconds.
   */
  withLock<A, E, R>(use: (lock: Lock) => Effect.Effect<A, E, R>): Effect.Effect<A, E | SidecarError, R>
  /** The archived entries, oldest first. None when there is no database. */
  readonly archived: Effect.Effect<ReadonlyArray<ArchivedEntry>, SidecarError>
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
    const removals = new Map<string, number>()
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
      removed: (ids) =>
        Effect.sync(() => {
          for (const id of ids) removals.set(id, RealTime.now())
        }),
      removals: (ids) => Effect.sync(() => new Map(Array.from(removals).filter(([id]) => ids.includes(id))))
    }
    return Sidecar.of({
      withLock: (use) => one.withPermits(1)(Effect.suspend(() => use(lock))),
      archived: Effect.sync(() => Array.from(archive.values()))
    })
  })
}
