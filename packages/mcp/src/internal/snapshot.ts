/**
 * What the resources have in them at one moment, and what has changed between
 * two of them.
 */
import type { AuditRecord } from "@zag/core/AuditRecord"
import { ProcessControl } from "@zag/core/ProcessControl"
import type { ProcessEntry } from "@zag/core/ProcessEntry"
import { ProcessStore, type UnreadableEntry } from "@zag/core/ProcessStore"
import { Sidecar } from "@zag/core/Sidecar"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Iterable from "effect/Iterable"
import * as Resources from "../Resources.ts"
import type { Update } from "../Updates.ts"

interface Seen {
  readonly entry: ProcessEntry
  /** As it is stored; `gone` when that is running, and it is not. */
  readonly status: string
  /** Since when it is not there, as long as somebody may be about to record how it ended. */
  readonly missedSince?: number
}

export interface Snapshot {
  /** By id, newest first. */
  readonly processes: ReadonlyMap<string, Seen>
  readonly unreadable: ReadonlyArray<UnreadableEntry>
  readonly audit: ReadonlyArray<AuditRecord>
}

const nothing: Snapshot = { processes: new Map(), unreadable: [], audit: [] }

// Whoever launched a process records its end a moment after that, and then it is one change.
const recording = 900

const seen = (entry: ProcessEntry, isAlive: boolean, before: Seen | undefined, now: number): Seen => {
  if (entry.status !== "running" || isAlive) return { entry, status: entry.status }
  if (before?.status !== "running") return { entry, status: "gone" }
  const missedSince = before.missedSince ?? now
  return now - missedSince < recording ? { entry, status: "running", missedSince } : { entry, status: "gone" }
}

/** Looks at everything; `before` is the look before this one. */
export const take = Effect.fnUntraced(function*(before: Snapshot | undefined) {
  const control = yield* ProcessControl
  const store = yield* ProcessStore
  const sidecar = yield* Sidecar
  const { entries, unreadable } = yield* store.list
  const running = new Set((yield* control.list({ running: true })).processes.map(({ id }) => id))
  const now = yield* Clock.currentTimeMillis
  const processes = new Map<string, Seen>()
  for (const entry of entries) {
    if (processes.has(entry.id)) continue
    processes.set(entry.id, seen(entry, running.has(entry.id), before?.processes.get(entry.id), now))
  }
  // What cannot be read now has not changed.
  const audit = yield* Effect.orElseSucceed(sidecar.audited(Resources.bound), () => before?.audit ?? [])
  return { processes, unreadable, audit } satisfies Snapshot
})

// Entries and records are plain data; what has not been written since is mostly the same object.
const isSame = (self: unknown, that: unknown): boolean => self === that || JSON.stringify(self) === JSON.stringify(that)

const isSameSeen = (self: Seen | undefined, that: Seen): boolean =>
  self !== undefined && self.status === that.status && isSame(self.entry, that.entry)

const newest = ({ processes }: Snapshot): ReadonlyArray<Seen> =>
  Array.from(Iterable.take(processes.values(), Resources.bound))

const isSameBy = <A>(isSame: (self: A, that: A) => boolean) => (self: ReadonlyArray<A>, that: ReadonlyArray<A>) =>
  self.length === that.length && self.every((value, index) => isSame(value, that[index]!))

const isSamePage = isSameBy(isSameSeen)

const isSameList = isSameBy<Seen>((self, that) => self.entry.id === that.entry.id && self.status === that.status)

/** What has changed since, each change once. Where nothing could be read before, all that there is has come. */
export const between = (before: Snapshot | undefined, after: Snapshot): ReadonlyArray<Update> => {
  const { audit, processes, unreadable } = before ?? nothing
  const updates: Array<Update> = []
  const updated = (uri: string) => updates.push({ _tag: "Updated", uri })
  for (const [id, seen] of after.processes) if (!isSameSeen(processes.get(id), seen)) updated(Resources.uriOf(id))
  for (const id of processes.keys()) if (!after.processes.has(id)) updated(Resources.uriOf(id))
  const [page, next] = [newest(before ?? nothing), newest(after)]
  if (!isSamePage(page, next) || !isSame(unreadable, after.unreadable)) updated(Resources.processes.uri)
  if (!isSameList(page, next)) updates.push({ _tag: "ListChanged" })
  if (!isSame(audit, after.audit)) updated(Resources.audit.uri)
  return updates
}
