/**
 * The registry file under its lock: read from a cache, changed in batches.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Semaphore from "effect/Semaphore"
import type { Repair } from "../ProcessStore.ts"
import { ProcessStoreError, StoreCorrupt, StoreUnreadable, StoreUnwritable } from "../ProcessStoreError.ts"
import type { Lock, Sidecar } from "../Sidecar.ts"
import type { SidecarError } from "../SidecarError.ts"
import * as Timestamp from "../Timestamp.ts"
import * as Archive from "./archive.ts"
import * as GroupCommit from "./groupCommit.ts"
import * as NeighbourGuard from "./neighbourGuard.ts"
import * as RealTime from "./realTime.ts"
import * as Retention from "./retention.ts"
import { salvage } from "./salvage.ts"
import * as Document from "./storeDocument.ts"
import type { StoreFile } from "./storeFile.ts"

// Milliseconds. Writers without a lock leave pauses, but a busy disk may take longer than they are, again and again.
// Others of ours wait meanwhile, and give up after ten seconds.
const patience = 5000

// Milliseconds. An editor, or a script, empties the file before it writes into it.
const leftAlone = 200
const untilNextLook = 10

/** Where nothing can be told, or is known, a change that is missing counts as lost. */
const othersBy = (lock: Lock): NeighbourGuard.Others => ({
  tell: (changes) => Effect.ignore(lock.tell(changes)),
  told: (ids) => Effect.orElseSucceed(lock.told(ids), () => new Map<string, number>())
})

export const make = Effect.fnUntraced(function*(file: StoreFile, sidecar: Sidecar["Service"], limit: number) {
  // What was read or written last, and the version of the file where that is known.
  let last: { readonly version: string | undefined; readonly document: Document.StoreDocument } | undefined

  const remember = (version: string | undefined, document: Document.StoreDocument) => {
    last = { version, document }
  }

  const corrupt = (problem: string) => new ProcessStoreError({ reason: new StoreCorrupt({ path: file.path, problem }) })

  const unwritten = (problem: string) =>
    new ProcessStoreError({
      reason: new StoreUnwritable({ path: file.path, problem: `${problem}. Nothing was changed.` })
    })

  const locked = ({ message }: SidecarError) => unwritten(message)

  const wasJustModified = () => {
    const modifiedAt = file.modifiedAt()
    return modifiedAt !== undefined && Math.abs(RealTime.timeOfDay() - modifiedAt) < leftAlone
  }

  const readAnew = Effect.fnUntraced(function*(forWrite: boolean) {
    const began = RealTime.now()
    while (true) {
      const version = file.version()
      const bytes = yield* file.read
      if (Option.isNone(bytes)) return Document.empty
      const document = Document.decodeBytes(bytes.value, { last: last?.document, forWrite })
      const isSame = version === file.version()
      if (Result.isSuccess(document)) {
        // Replaced while it was read: nobody knows which of the two this is.
        remember(isSame ? version : undefined, document.success)
        return document.success
      }
      // It is damaged once nobody is in the middle of writing it.
      if (isSame && !wasJustModified() || RealTime.now() - began > patience) {
        return yield* corrupt(document.failure)
      }
      yield* RealTime.pause(untilNextLook)
    }
  })

  const readFor = (forWrite: boolean) =>
    Effect.suspend(() => {
      const version = file.version()
      return last !== undefined && version !== undefined && last.version === version
        ? Effect.succeed(last.document)
        : readAnew(forWrite)
    })

  const read = readFor(false)

  // Whoever looks at the file in the middle of a write of this program would read what it knows already.
  const betweenWrites = Semaphore.makeUnsafe(1).withPermits(1)

  /** Whether it was written: not if somebody without the lock has changed the file since it was read. */
  const write = Effect.fnUntraced(function*(
    basis: string | undefined,
    after: Document.StoreDocument
  ): Effect.fn.Return<boolean, ProcessStoreError> {
    const content = yield* Effect.try({
      try: () => Document.print(after),
      // What was read can be nested deeper than can be written.
      catch: (cause) => unwritten(`it cannot be printed (${(cause as Error).message})`)
    })
    // Whoever looks at the file from then on need not read it.
    return yield* betweenWrites(file.replace(content, basis, (version) => remember(version, after)))
  })

  const salvaged = Effect.map(file.read, (bytes) => {
    // What is not UTF-8 is replaced, and spoils only the entry that it is in.
    const entries = Option.isNone(bytes) ? [] : salvage(new TextDecoder().decode(bytes.value))
    return { ...Document.empty, entries }
  })

  /** The damaged file keeps its second name only if it is replaced. */
  const writeBeside = (aside: string | undefined, basis: string | undefined, after: Document.StoreDocument) =>
    Effect.tapError(write(basis, after), () => aside === undefined ? Effect.void : file.dropAside(aside))

  const damageOf = (damage: ProcessStoreError, kept: number, aside: string) =>
    `${file.path} was damaged: ${damage.reason.problem}. It is kept as ${aside}; ` +
    `the new one has what can still be read of it: ${kept} ${kept === 1 ? "entry" : "entries"}.`

  /** What a damaged file still holds, or what a sound one does. */
  const readWhatCanBeRead = Effect.gen(function*() {
    const sound = yield* Effect.result(readFor(true))
    if (Result.isSuccess(sound)) return { document: sound.success, damage: undefined }
    const damage = sound.failure
    return damage.reason._tag === "StoreCorrupt" ? { document: yield* salvaged, damage } : yield* damage
  })

  /** What was replaced, and by what; undefined when nothing was written. */
  const commit = Effect.fnUntraced(function*(
    lock: Lock,
    apply: (document: Document.StoreDocument) => Document.StoreDocument
  ): Effect.fn.Return<NeighbourGuard.Written | undefined, ProcessStoreError | SidecarError> {
    const archived = new Set<string>()
    let kept: { readonly aside: string; readonly version: string | undefined } | undefined
    const began = RealTime.now()
    while (RealTime.now() - began < patience) {
      const basis = file.version()
      const { damage, document: found } = yield* readWhatCanBeRead
      const before = yield* guard.restored(found, othersBy(lock))
      const after = apply(before)
      if (after === found) return damage === undefined ? undefined : yield* damage
      const leaving = Retention.leavingOf(after, limit)
      const unarchived = leaving.filter(({ json }) => !archived.has(json))
      if (unarchived.length > 0) {
        // The lock is given up for a moment: all is read and done anew.
        yield* archive(lock, unarchived)
        for (const { json } of unarchived) archived.add(json)
        continue
      }
      if (damage !== undefined && (basis === undefined || basis !== kept?.version)) {
        const aside = yield* file.keepAside
        // Its second name is a change as well.
        kept = { aside, version: file.version() }
        continue
      }
      const staying = Retention.without(after, leaving)
      if (yield* writeBeside(kept?.aside, basis, staying)) {
        if (damage !== undefined && kept !== undefined) {
          yield* Effect.logWarning(damageOf(damage, found.entries.length, kept.aside))
        }
        return yield* written(lock, found, before, staying)
      }
    }
    return yield* unwritten("somebody who takes no lock has changed it again and again for five seconds")
  })

  const archive = Effect.fnUntraced(function*(lock: Lock, leaving: ReadonlyArray<Retention.Leaving>) {
    const archivedAt = yield* Timestamp.now
    yield* lock.archive(leaving.map(({ entry: { id }, json }) => ({ id, archivedAt, json })))
  })

  const written = Effect.fnUntraced(
    function*(
      lock: Lock,
      found: Document.StoreDocument,
      before: Document.StoreDocument,
      after: Document.StoreDocument
    ): Effect.fn.Return<NeighbourGuard.Written> {
      const edits = NeighbourGuard.editsOf(before, after)
      const at = RealTime.now()
      const removed = edits.filter((edit) => edit.after === undefined).map(({ id }) => id)
      if (removed.length > 0) yield* Effect.ignore(lock.forget(removed))
      // It is done: who cannot tell the others must expect that one of them undoes it.
      const { tell, told } = othersBy(lock)
      const added = edits.filter((edit) => edit.before === undefined).map(({ id }) => id)
      const brought = added.length === 0 ? new Map() : yield* told(added)
      // What looks like an older state to somebody who has added or removed it just before.
      const news = edits.filter((edit) => edit.after === undefined || brought.has(edit.id))
      if (news.length > 0) yield* tell(new Map(news.map(({ id }) => [id, at])))
      return { found, before, after, edits, at }
    }
  )

  const withLock = <A>(use: (lock: Lock) => Effect.Effect<A, ProcessStoreError | SidecarError>) =>
    Effect.mapError(
      sidecar.withLock((lock) => Effect.uninterruptible(use(lock))),
      (error) => error._tag === "SidecarError" ? locked(error) : error
    )

  // None of it needs the lock: whoever replaces the file meanwhile makes both names last.
  const conclude = (written: NeighbourGuard.Written): Effect.Effect<void, ProcessStoreError> =>
    Effect.andThen(guard.watch(written), Effect.ensuring(file.settle, guard.over))

  const { change: modify, isBusy } = yield* GroupCommit.make<Document.StoreDocument, ProcessStoreError>((takeAll) =>
    Effect.flatMap(
      withLock((lock) => commit(lock, takeAll())),
      (written) => written === undefined ? Effect.void : conclude(written)
    )
  )

  const guard = yield* NeighbourGuard.make({
    read: betweenWrites(read),
    restore: modify((document) => [undefined, document]),
    isChanging: isBusy
  })

  const repair = withLock((lock) =>
    Effect.gen(function*() {
      if ((yield* readWhatCanBeRead).damage === undefined) return undefined
      const aside = yield* file.keepAside
      const basis = file.version()
      const { damage, document } = yield* readWhatCanBeRead
      // Somebody without the lock may have written it anew meanwhile, and so repaired it.
      if (damage === undefined || !(yield* writeBeside(aside, basis, document))) return undefined
      return { aside, written: yield* written(lock, Document.empty, Document.empty, document) }
    })
  ).pipe(
    Effect.tap((repaired) => repaired === undefined ? Effect.void : conclude(repaired.written)),
    Effect.map((repaired) =>
      repaired === undefined
        ? Option.none<Repair>()
        : Option.some({ kept: repaired.written.after.entries.length, aside: repaired.aside })
    )
  )

  const readArchived = Effect.mapBoth(sidecar.archived, {
    onFailure: (cause) =>
      new ProcessStoreError({
        reason: new StoreUnreadable({ path: file.path, problem: `its archive: ${cause.message}`, cause })
      }),
    onSuccess: Archive.documentOf
  })

  return { read, modify, archived: readArchived, repair }
})
