/**
 * Looks again after a write. `zag` takes no lock: what it loaded before our
 * write and saves after it takes our change away.
 */
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import { jsonKeys } from "../ProcessEntry.ts"
import type { ProcessStoreError } from "../ProcessStoreError.ts"
import * as RealTime from "./realTime.ts"
import * as Document from "./storeDocument.ts"

/** What one write did to one id; undefined stands for no entry. */
export interface Edit {
  readonly id: string
  readonly before: unknown
  readonly after: unknown
}

/** An edit, when it was made, and when nobody can take it away any more. */
interface Done extends Edit {
  readonly at: number
  until: number
}

// How many states of an entry are known again, if it changes all the time.
const memory = 100

// Milliseconds from the last write to each look.
const looksAfter = [3, 10, 30, 100, 300, 1000] as const

// So many of them a program that ends waits for: a disk that is busy makes those slow who write beside it, and where
// something was taken away, somebody may have loaded the registry without it.
const looksToEnd = { alone: 3, inCompany: 5, afterLoss: looksAfter.length } as const

// Milliseconds for which a change can be taken away: a busy machine looks later than it should.
const horizon = 2 * looksAfter[looksAfter.length - 1]!

// Milliseconds for which it can if it is taken away again and again.
const longestHorizon = 5 * horizon

const idOf = (raw: unknown): string | undefined => {
  const id = Predicate.isObject(raw) ? (raw as { readonly [jsonKeys.id]?: unknown })[jsonKeys.id] : undefined
  return Predicate.isString(id) ? id : undefined
}

/** The first entry of each of these ids, where there is one. */
const entriesOf = (ids: ReadonlySet<string>, document: Document.StoreDocument): ReadonlyMap<string, unknown> => {
  const entries = new Map<string, unknown>()
  for (const raw of document.entries) {
    const id = idOf(raw)
    if (id !== undefined && ids.has(id) && !entries.has(id)) entries.set(id, raw)
  }
  return entries
}

/** The ids of all entries but those with which both begin, and those with which both end. */
const idsOfDifference = (self: ReadonlyArray<unknown>, that: ReadonlyArray<unknown>): ReadonlySet<string> => {
  const shorter = Math.min(self.length, that.length)
  let start = 0
  while (start < shorter && self[start] === that[start]) start++
  let end = 0
  while (end < shorter - start && self.at(-1 - end) === that.at(-1 - end)) end++
  const ids = [self, that].flatMap((entries) => entries.slice(start, entries.length - end)).map(idOf)
  return new Set(ids.filter(Predicate.isNotUndefined))
}

/** A write of this program. */
export interface Written {
  /** What was in the file. */
  readonly found: Document.StoreDocument
  /** What would have been in it without others who take no lock. */
  readonly before: Document.StoreDocument
  readonly after: Document.StoreDocument
  readonly edits: ReadonlyArray<Edit>
  /** By the clock that is never set, in milliseconds. */
  readonly at: number
}

/** What programs that take the lock tell each other of their changes: when they were made, by id. */
export interface Others {
  readonly tell: (changes: ReadonlyMap<string, number>) => Effect.Effect<void>
  readonly told: (ids: ReadonlyArray<string>) => Effect.Effect<ReadonlyMap<string, number>>
}

/** What a write did. Entries that it left alone are the same objects before and after. */
export const editsOf = (before: Document.StoreDocument, after: Document.StoreDocument): ReadonlyArray<Edit> => {
  const ids = idsOfDifference(before.entries, after.entries)
  const old = entriesOf(ids, before)
  const now = entriesOf(ids, after)
  return Array.from(ids, (id) => ({ id, before: old.get(id), after: now.get(id) }))
    .filter((edit) => edit.before !== edit.after)
}

// `zag` saves no key that it does not know, so those do not count.
const known = (raw: unknown): string => {
  const entry = Document.decodeEntry(raw)
  return JSON.stringify(Result.isSuccess(entry) ? entry.success : raw)
}

// Decoding costs most, and is needed only where something differs.
const isSame = (self: unknown, that: unknown): boolean =>
  self === that || JSON.stringify(self) === JSON.stringify(that) || known(self) === known(that)

/**
 * By id what was done to it, in order. The last edit says what it must show,
 * and each what it showed before: only that can have come back.
 */
type Edits = ReadonlyMap<string, ReadonlyArray<Edit>>

/** What each id must show that shows something older. */
const lost = (edits: Edits, document: Document.StoreDocument): Map<string, unknown> => {
  const now = entriesOf(new Set(edits.keys()), document)
  const again = new Map<string, unknown>()
  for (const [id, all] of edits) {
    const current = now.get(id)
    const wanted = all.at(-1)!.after
    if (!isSame(current, wanted) && all.some(({ before }) => isSame(current, before))) again.set(id, wanted)
  }
  return again
}

/** Makes edits again; entries that came or changed meanwhile stay as they are. */
const redo = (document: Document.StoreDocument, again: Map<string, unknown>): Document.StoreDocument => {
  const entries = document.entries.flatMap((raw) => {
    const id = idOf(raw)
    if (id === undefined || !again.has(id)) return [raw]
    const wanted = again.get(id)
    again.delete(id)
    return wanted === undefined ? [] : [wanted]
  })
  for (const wanted of again.values()) if (wanted !== undefined) entries.push(wanted)
  return { ...document, entries }
}

/**
 * Keeps an eye on what was written, beside whatever else goes on. The scope
 * closes only when the looks that come soon were taken.
 */
export const make = Effect.fnUntraced(function*(store: {
  readonly read: Effect.Effect<Document.StoreDocument, ProcessStoreError>
  /** A change that changes nothing but what `restored` does. */
  readonly restore: Effect.Effect<void, ProcessStoreError>
  /** Whether a change waits, or is being made: that one looks by itself before it is written. */
  readonly isChanging: () => boolean
}) {
  // What this program did, until nobody can take it away any more.
  const done = new Map<string, Array<Done>>()
  // As long as that somebody else must be expected to write, and to take something away.
  let companyUntil = 0
  let lossUntil = 0
  // A document in which nothing was found missing.
  let whole: Document.StoreDocument | undefined

  const remember = (edit: Edit, at: number) => {
    const edits = done.get(edit.id) ?? []
    if (edits.push({ ...edit, at, until: at + horizon }) > memory) edits.shift()
    done.set(edit.id, edits)
  }

  const lastOf = (id: string): Done => done.get(id)!.at(-1)!

  /** Whoever has loaded the registry without it takes it away once more. */
  const prolong = (id: string, now: number) => {
    const last = lastOf(id)
    last.until = Math.min(now + horizon, last.at + longestHorizon)
  }

  /** By id what was done to it, in order. As long as the last edit can be taken away, any state before it can come back. */
  const recent = (): Edits => {
    const now = RealTime.now()
    for (const [id, edits] of done) if (edits.at(-1)!.until < now) done.delete(id)
    return done
  }

  const notice = () => {
    companyUntil = RealTime.now() + horizon
  }

  const look = Effect.gen(function*() {
    if (store.isChanging()) {
      isLookMissing = true
      return
    }
    const document = yield* store.read
    if (document === whole) return
    notice()
    if (lost(recent(), document).size > 0) return yield* store.restore
    whole = document
  })

  let written = 0
  // How often was looked since then, to the end.
  let looks: number = looksAfter.length
  let looking = false
  // Whether one of these looks was left out.
  let isLookMissing = false
  let closing = false
  let watcher: Fiber.Fiber<void> | undefined

  const lookAnew = () => {
    written = RealTime.now()
    looks = 0
    isLookMissing = false
  }

  const looksNow = (): number => {
    const now = RealTime.now()
    if (!closing || now < lossUntil) return looksAfter.length
    return now < companyUntil ? looksToEnd.inCompany : looksToEnd.alone
  }

  // One for all writes: each begins the looks anew.
  const watchAll = Effect.gen(function*() {
    while (looks < looksNow()) {
      const left = written + looksAfter[looks]! - RealTime.now()
      if (left > 0) {
        yield* RealTime.pause(left)
        // There may have been a write meanwhile.
        continue
      }
      const since = written
      looking = true
      // The write itself was acknowledged; whoever reads the registry next is told what is wrong with it now.
      yield* Effect.catch(look, () => Effect.sync(() => recent().size > 0 ? lookAnew() : undefined))
      looking = false
      if (written === since) looks++
    }
  }).pipe(Effect.ensuring(Effect.sync(() => watcher = undefined)))

  const beginAnew = Effect.suspend(() => {
    // A change may come even later than the end of the scope: nobody waits then to look again.
    if (closing && watcher === undefined) return Effect.void
    lookAnew()
    if (watcher !== undefined) return Effect.void
    return Effect.map(Effect.forkDetach(watchAll), (fiber) => {
      watcher = fiber
    })
  })

  yield* Effect.addFinalizer(() => {
    closing = true
    if (watcher === undefined) return Effect.void
    return looking || looks < looksNow() ? Fiber.await(watcher) : Fiber.interrupt(watcher)
  })

  return {
    /** To be called after each write that was made, at that time, from what `restored` had answered. */
    watch: ({ after, at, before, edits, found }: Written): Effect.Effect<void> =>
      Effect.suspend(() => {
        // Our own change takes nothing away that was there.
        if (recent().size === 0 || before === whole) whole = after
        if (edits.length === 0 && found === before) return Effect.void
        for (const edit of edits) remember(edit, at)
        return beginAnew
      }),
    /** To be called when the change is over, however long the disk has taken: what was not looked at meanwhile is then. */
    over: Effect.suspend(() => isLookMissing ? beginAnew : Effect.void),
    /**
     * What a document was before somebody took our changes away. To be called
     * before each change: one to an entry that is missing only for the moment
     * would find nothing to change.
     */
    restored: Effect.fnUntraced(
      function*(document: Document.StoreDocument, { tell, told }: Others) {
        if (document === whole) return document
        if (whole !== undefined) notice()
        const again = lost(recent(), document)
        if (again.size === 0) return document
        // What others of ours have done since then they have done on purpose, even if it looks like an older state.
        for (const [id, changedAt] of yield* told(Array.from(again.keys()))) {
          if (lastOf(id).at < changedAt && done.delete(id)) again.delete(id)
        }
        if (again.size === 0) return document
        // If this undoes what one of them has done, they tell of that in turn.
        yield* tell(new Map(Array.from(again.keys(), (id) => [id, lastOf(id).at])))
        const now = RealTime.now()
        lossUntil = now + horizon
        for (const id of again.keys()) prolong(id, now)
        return redo(document, again)
      }
    )
  }
})
