/**
 * The registry of agent processes, shared with `zag`.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Path from "effect/Path"
import * as Ref from "effect/Ref"
import * as Result from "effect/Result"
import * as Semaphore from "effect/Semaphore"
import * as Document from "./internal/storeDocument.ts"
import * as StoreFile from "./internal/storeFile.ts"
import { OsProcess } from "./OsProcess.ts"
import { type FinalStatus, newestFirst, ProcessEntry } from "./ProcessEntry.ts"
import { ProcessStoreError, StoreCorrupt } from "./ProcessStoreError.ts"
import * as Timestamp from "./Timestamp.ts"
import { ZagHome } from "./ZagHome.ts"

/**
 * An entry of the file that is no process entry. It hides no other one and
 * stays in the file as it is.
 *
 * @category models
 * @since 0.1.0
 */
export interface UnreadableEntry {
  /** Its place in the file, counted from 0. */
  readonly index: number
  readonly problem: string
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
 * The registry of agent processes.
 *
 * **Details**
 *
 * A missing file is an empty registry. A file that cannot be read, or is no
 * registry, is an error and is never written over. Entries and keys that this
 * package does not understand survive every change. A change that leaves the
 * content as it is writes nothing.
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
  /** The first entry with exactly this id. */
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
  /** Takes out all entries with this id; answers whether there was one. */
  remove(id: string): Effect.Effect<boolean, ProcessStoreError>
}>()("@zag/core/ProcessStore") {
  /**
   * The registry in `processes.json` of the {@link ZagHome}.
   */
  static readonly layer: Layer.Layer<
    ProcessStore,
    never,
    FileSystem.FileSystem | Path.Path | OsProcess | ZagHome
  > = Layer.effect(
    ProcessStore,
    Effect.gen(function*() {
      const { processesFile } = yield* ZagHome
      const { pid } = yield* OsProcess
      return make(yield* StoreFile.make(processesFile, { pid }))
    })
  )

  /**
   * A registry that lives as long as the layer, empty at first.
   */
  static readonly layerMemory: Layer.Layer<ProcessStore> = Layer.effect(
    ProcessStore,
    Effect.map(Ref.make(Option.none<string>()), (text) =>
      make({
        path: "memory",
        read: Ref.get(text),
        replace: (next) => Ref.set(text, Option.some(next))
      }))
  )
}

const make = (file: StoreFile.StoreFile): ProcessStore["Service"] => {
  const parse = (text: string) =>
    Result.mapError(
      Document.parse(text),
      (problem) => new ProcessStoreError({ reason: new StoreCorrupt({ path: file.path, problem }) })
    )

  const read = Effect.flatMap(
    file.read,
    Option.match({
      onNone: () => Effect.succeed(Document.empty),
      onSome: (text) => Effect.fromResult(parse(text))
    })
  )

  const writing = Semaphore.makeUnsafe(1)

  /** The one place where the registry changes. A document returned as it was given is not written. */
  const modify = <A>(change: (document: Document.StoreDocument) => readonly [A, Document.StoreDocument]) =>
    read.pipe(
      Effect.flatMap((document) => {
        const [answer, next] = change(document)
        return next === document ? Effect.succeed(answer) : Effect.as(file.replace(Document.print(next)), answer)
      }),
      Effect.uninterruptible,
      writing.withPermits(1)
    )

  const update = (id: string, change: (entry: ProcessEntry) => ProcessEntry) =>
    modify((before) => {
      const { document, entry } = Document.update(before, id, change)
      return [entry, document]
    })

  const load = Effect.map(read, ({ entries }): StoreContent => {
    const [problems, readable] = partition(entries)
    return { entries: readable, unreadable: problems }
  })

  return ProcessStore.of({
    load,
    list: Effect.map(load, (content) => ({ ...content, entries: content.entries.toSorted(newestFirst) })),
    find: Effect.fn("ProcessStore.find")((id) => Effect.map(read, (document) => Document.find(document, id))),
    add: Effect.fn("ProcessStore.add")((entry) => modify((document) => [undefined, Document.append(document, entry)])),
    updatePid: Effect.fn("ProcessStore.updatePid")((id, pid) =>
      update(id, (entry) => entry.pid === pid ? entry : new ProcessEntry({ ...entry, pid }))
    ),
    updateStatus: Effect.fn("ProcessStore.updateStatus")(function*(id, status, exitCode) {
      const now = yield* Timestamp.now
      return yield* update(id, (entry) => ended(entry, status, exitCode, now))
    }),
    remove: Effect.fn("ProcessStore.remove")((id) =>
      modify((before) => {
        const document = Document.withoutId(before, id)
        return [document !== before, document]
      })
    )
  })
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

const partition = (raws: ReadonlyArray<unknown>): readonly [Array<UnreadableEntry>, Array<ProcessEntry>] => {
  const unreadable: Array<UnreadableEntry> = []
  const entries: Array<ProcessEntry> = []
  for (const [index, raw] of raws.entries()) {
    const entry = Document.decodeEntry(raw)
    if (Result.isSuccess(entry)) entries.push(entry.success)
    else unreadable.push({ index, problem: entry.failure })
  }
  return [unreadable, entries]
}
