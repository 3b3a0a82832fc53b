/**
 * The registry of agent processes, shared with `zag`.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import * as Stream from "effect/Stream"
import * as FileWatch from "./internal/fileWatch.ts"
import * as MemoryFile from "./internal/memoryFile.ts"
import * as Orphans from "./internal/orphans.ts"
import * as Pruning from "./internal/pruning.ts"
import * as Registry from "./internal/registry.ts"
import * as Retention from "./internal/retention.ts"
import * as Changes from "./internal/storeChanges.ts"
import * as Content from "./internal/storeContent.ts"
import * as Document from "./internal/storeDocument.ts"
import * as StoreFile from "./internal/storeFile.ts"
import { OsProcess } from "./OsProcess.ts"
import { type FinalStatus, ProcessEntry } from "./ProcessEntry.ts"
import type { InvalidRetention, ProcessStoreError } from "./ProcessStoreError.ts"
import { Sidecar } from "./Sidecar.ts"
import * as Timestamp from "./Timestamp.ts"
import { ZagHome } from "./ZagHome.ts"

/**
 * An entry of the file, or of the archive, that is no process entry. It hides
 * no other one and stays there as it is.
 *
 * @category models
 * @since 0.1.0
 */
export interface UnreadableEntry {
  /** Its place there, counted from 0; in the archive the oldest comes first. */
  readonly index: number
  readonly problem: string
  /** It is in the archive. */
  readonly archived?: boolean
}

/**
 * What the store holds at one moment, in the order of the file.
 *
 * @category models
 * @since 0.1.0
 */
export interface StoreContent {
  readonly entries: ReadonlyArray<ProcessEntry>
  readonly unreadable: ReadonlyArray<UnreadableEntry>
}

/**
 * Something that happened in the registry. `entry` is how it stands now, or
 * stood last. An entry that moves to the archive is `removed`.
 *
 * @category models
 * @since 0.1.0
 */
export interface ProcessChange {
  readonly _tag: "registered" | "updated" | "finished" | "removed"
  readonly entry: ProcessEntry
}

/**
 * Which finished entries leave the registry. Those that meet every condition
 * that is given; none when there is no condition.
 *
 * @category models
 * @since 0.1.0
 */
export interface PruneOptions {
  /**
   * Only those that ended longer ago; that began longer ago, where the time of
   * the end is not known. None for what is negative, or no number.
   */
  readonly olderThan?: Duration.Input | undefined
  /** Only those that are not among so many newest of all finished ones. None for what is negative, or no number. */
  readonly keep?: number | undefined
  readonly status?: FinalStatus | undefined
  /** Only those whose root directory does not exist any more. */
  readonly rootGone?: boolean | undefined
  /** Changes nothing, and answers what would leave. */
  readonly dryRun?: boolean | undefined
}

/**
 * The result of {@link ProcessStore} `repair`.
 *
 * @category models
 * @since 0.1.0
 */
export interface Repair {
  /** How many entries could still be read. */
  readonly kept: number
  /** Where the damaged file is now. */
  readonly aside: string
}

/**
 * The registry of agent processes.
 *
 * **Details**
 *
 * A missing file is an empty registry. A file that cannot be read, or is no
 * registry, is an error. As long as somebody has modified it within the last
 * 200 ms, it is looked at again first: an editor empties a file before it writes
 * into it. A change beside a file that is no registry keeps that file as
 * `processes.json.corrupt-<time>`, and begins a new one with every entry that
 * can still be read. Entries and keys that this package does not understand
 * survive every change. A change that leaves the content as it is writes
 * nothing.
 *
 * Changes are made one at a time, by one program at a time, and are on disk
 * when they are acknowledged. `zag` itself takes no lock: what it overwrites
 * soon after is written again. The scope of the layer stays open for 30 ms
 * after the last change because of that, for 300 ms where somebody else was
 * seen to write, and for a second after something had to be written again.
 *
 * Of the finished entries the newest 1,000 stay (`ZAG_PS_RETENTION`, a number
 * or `off`); the others move to the archive.
 *
 * **Example** (What runs right now)
 *
 * ```ts
 * const program = Effect.gen(function*() {
 *   const store = yield* ProcessStore
 *   const { entries } = yield* store.load
 *   return entries.filter((entry) => entry.status === "running")
 * })
 * ```
 *
 * @category services
 * @since 0.1.0
 */
export class ProcessStore extends Context.Service<ProcessStore, {
  /** Everything in the registry, in the order of the file. */
  readonly load: Effect.Effect<StoreContent, ProcessStoreError>
  /** Everything in the registry, newest first as `zag ps list` orders it. */
  readonly list: Effect.Effect<StoreContent, ProcessStoreError>
  /** What was moved out of the registry, newest first. */
  readonly archived: Effect.Effect<StoreContent, ProcessStoreError>
  /** The first entry with exactly this id; also one that was moved to the archive. */
  find(id: string): Effect.Effect<Option.Option<ProcessEntry>, ProcessStoreError>
  /** Puts an entry at the end, in place of all that have its id. */
  add(entry: ProcessEntry): Effect.Effect<void, ProcessStoreError>
  /** Points the entry at another process; answers the entry, or none for an unknown id. */
  updatePid(id: string, pid: number): Effect.Effect<Option.Option<ProcessEntry>, ProcessStoreError>
  /**
   * Records that the process has ended; answers the entry, or none for an
   * unknown id.
   *
   * `killed` stays `killed`, a known exit code is not replaced by null, and the
   * time of the first end stays: whoever records the same end second adds to it.
   */
  updateStatus(
    id: string,
    status: FinalStatus,
    exitCode: number | null
  ): Effect.Effect<Option.Option<ProcessEntry>, ProcessStoreError>
  /**
   * Records that these processes are gone and nobody can tell how they ended:
   * `exited` without an exit code. Leaves alone what is not `running` with the
   * same pid any more; answers the entries that were changed.
   */
  reconcile(dead: ReadonlyArray<ProcessEntry>): Effect.Effect<ReadonlyArray<ProcessEntry>, ProcessStoreError>
  /**
   * Moves finished entries to the archive, in one write; answers them, newest
   * first. `dead` is reconciled before, in the same write: what is known to be
   * gone has finished as well.
   *
   * An entry that runs never leaves, nor one whose id is there twice.
   */
  prune(
    options: PruneOptions,
    dead?: ReadonlyArray<ProcessEntry>
  ): Effect.Effect<ReadonlyArray<ProcessEntry>, ProcessStoreError>
  /** Takes out all entries with this id; answers whether there was one. */
  remove(id: string): Effect.Effect<boolean, ProcessStoreError>
  /**
   * What happens from now on, by whichever program. Nothing is missed: what
   * happened between two looks at the file is told at the second one.
   */
  readonly changes: Stream.Stream<ProcessChange, ProcessStoreError>
  /** The same, from the moment at which this succeeds: whoever loads the registry after that misses nothing. */
  readonly subscribe: Effect.Effect<Stream.Stream<ProcessChange, ProcessStoreError>, ProcessStoreError>
  /** Replaces a file that is no registry by what can still be read of it; none when there is nothing to repair. */
  readonly repair: Effect.Effect<Option.Option<Repair>, ProcessStoreError>
}>()("@zag/core/ProcessStore") {
  /**
   * The registry in `processes.json` of the {@link ZagHome}.
   */
  static readonly layer: Layer.Layer<
    ProcessStore,
    InvalidRetention,
    FileSystem.FileSystem | Path.Path | OsProcess | Sidecar | ZagHome
  > = Layer.effect(
    ProcessStore,
    Effect.gen(function*() {
      const { processesFile } = yield* ZagHome
      const os = yield* OsProcess
      const file = yield* StoreFile.make(processesFile, {
        pid: os.pid,
        orphans: yield* Orphans.make
      })
      return yield* make(file, yield* FileWatch.make(processesFile), yield* Retention.limit, yield* directoryIsGone)
    })
  )

  /**
   * A registry that lives as long as the layer, empty at first. No root of an
   * entry is gone for it.
   */
  static readonly layerMemory: Layer.Layer<ProcessStore> = Layer.effect(
    ProcessStore,
    Effect.suspend(() => {
      const { file, touched } = MemoryFile.make()
      return make(file, touched, Retention.defaultLimit, () => Effect.succeed(false))
    })
  ).pipe(Layer.provide(Sidecar.layerMemory))
}

/** A relative root is one of some other program: nobody knows where it was. */
const directoryIsGone = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  return (directory: string) =>
    path.isAbsolute(directory)
      // What cannot be looked at may be there.
      ? Effect.orElseSucceed(Effect.map(fs.exists(directory), (exists) => !exists), () => false)
      : Effect.succeed(false)
})

const make = Effect.fnUntraced(function*(
  file: StoreFile.StoreFile,
  touched: Stream.Stream<void>,
  retention: number,
  isGone: Pruning.IsGone
) {
  const registry = yield* Registry.make(file, yield* Sidecar, retention)
  const { modify, read } = registry

  const update = (id: string, change: (entry: ProcessEntry) => ProcessEntry) =>
    modify((before) => {
      const { document, entry } = Document.update(before, id, change)
      return [entry, document]
    })

  // One look after another, and what happened in between.
  const subscribe = Effect.map(read, (first) =>
    touched.pipe(
      Stream.mapEffect(() => read),
      Stream.mapAccum(() => first, (before, after) => [after, Changes.between(before, after)])
    ))

  return ProcessStore.of({
    load: Effect.map(read, Content.inFileOrder),
    list: Effect.map(read, Content.newest),
    archived: Effect.map(registry.archived, Content.newestArchived),
    find: Effect.fn("ProcessStore.find")(function*(id) {
      const found = Document.find(yield* read, id)
      return Option.isSome(found) ? found : Document.find(yield* registry.archived, id)
    }),
    add: Effect.fn("ProcessStore.add")(function*(entry) {
      // Before anybody waits for the lock.
      const raw = Document.encodeEntry(entry)
      yield* modify((document) => [undefined, Document.append(document, entry, raw)])
    }),
    updatePid: Effect.fn("ProcessStore.updatePid")((id, pid) =>
      update(id, (entry) => entry.pid === pid ? entry : new ProcessEntry({ ...entry, pid }))
    ),
    updateStatus: Effect.fn("ProcessStore.updateStatus")(function*(id, status, exitCode) {
      const now = yield* Timestamp.now
      return yield* update(id, (entry) => ended(entry, status, exitCode, now))
    }),
    reconcile: Effect.fn("ProcessStore.reconcile")(function*(dead) {
      if (dead.length === 0) return []
      const now = yield* Timestamp.now
      return yield* modify((before) => reconciled(before, dead, now))
    }),
    prune: Effect.fn("ProcessStore.prune")(function*(options, dead = []) {
      const now = yield* Timestamp.now
      const first = yield* read
      const choice = yield* Pruning.choice(Content.inFileOrder(first).entries, options, isGone)
      const pruned = (document: Document.StoreDocument) => Pruning.prune(reconciled(document, dead, now)[1], choice)
      return options.dryRun === true ? pruned(first)[0] : yield* modify(pruned)
    }),
    remove: Effect.fn("ProcessStore.remove")((id) =>
      modify((before) => {
        const document = Document.withoutId(before, id)
        return [document !== before, document]
      })
    ),
    changes: Stream.unwrap(subscribe),
    subscribe,
    repair: registry.repair
  })
})

const reconciled = (
  before: Document.StoreDocument,
  dead: ReadonlyArray<ProcessEntry>,
  now: string
): readonly [changed: ReadonlyArray<ProcessEntry>, document: Document.StoreDocument] => {
  let document = before
  const changed = dead.flatMap(({ id, pid }) => {
    const updated = Document.update(
      document,
      id,
      (entry) => entry.status === "running" && entry.pid === pid ? ended(entry, "exited", null, now) : entry
    )
    if (updated.document === document) return []
    document = updated.document
    return Option.toArray(updated.entry)
  })
  return [changed, document]
}

const ended = (entry: ProcessEntry, status: FinalStatus, exitCode: number | null, now: string): ProcessEntry => {
  const next = {
    status: entry.status === "killed" ? "killed" : status,
    exitCode: exitCode ?? entry.exitCode,
    exitedAt: entry.status === "running" ? now : entry.exitedAt ?? now
  }
  return next.status === entry.status && next.exitCode === entry.exitCode && next.exitedAt === entry.exitedAt
    ? entry
    : new ProcessEntry({ ...entry, ...next })
}
