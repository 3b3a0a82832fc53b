/**
 * Registered processes with their live status, filtered and in order.
 */
import * as Effect from "effect/Effect"
import type { OsProcess, ProcessUsage } from "../OsProcess.ts"
import type { ListFilter, ProcessList } from "../ProcessControl.ts"
import type { ProcessControlError } from "../ProcessControlError.ts"
import { newestFirst, type ProcessEntry } from "../ProcessEntry.ts"
import { ProcessInfo } from "../ProcessInfo.ts"
import type { ProcessStore } from "../ProcessStore.ts"
import * as Filtering from "./filtering.ts"
import type { Observation, Observer } from "./observation.ts"
import * as Ordering from "./ordering.ts"

interface Needs {
  readonly store: ProcessStore["Service"]
  readonly os: OsProcess["Service"]
  readonly observe: (entries: ReadonlyArray<ProcessEntry>) => Effect.Effect<Observer>
  readonly ownId: Effect.Effect<string, ProcessControlError>
}

export const infoOf = ({ entry, liveness: { status, verified } }: Observation): ProcessInfo =>
  // An entry has been checked already.
  new ProcessInfo({ ...entry, liveStatus: status, verified }, { disableChecks: true })

// While an entry is being moved it is in both places; the registry counts.
export const withArchived = (current: ReadonlyArray<ProcessEntry>, archived: ReadonlyArray<ProcessEntry>) => {
  const ids = new Set(current.map(({ id }) => id))
  return [...current, ...archived.filter(({ id }) => !ids.has(id))].toSorted(newestFirst)
}

export const make = ({ observe, os, ownId, store }: Needs) => {
  /** Looks at these processes in turn, until `count` of them have matched. */
  const look = Effect.fnUntraced(function*(
    entries: ReadonlyArray<ProcessEntry>,
    matches: Filtering.Filtering["matchesStatus"],
    count: number
  ) {
    const observer = yield* observe(entries)
    const found: Array<ProcessInfo> = []
    for (const entry of entries) {
      if (found.length >= count) break
      const info = infoOf(yield* observer.look(entry))
      if (matches === undefined || matches(info.liveStatus)) found.push(info)
    }
    yield* observer.remember
    return found
  })

  /** What they use; only of a running one is its pid its own. */
  const usageOf = Effect.fnUntraced(function*(infos: ReadonlyArray<ProcessInfo>) {
    const running = infos.filter(({ liveStatus }) => liveStatus === "running")
    const usage = yield* os.usage(running.map(({ pid }) => pid))
    return new Map<ProcessInfo, ProcessUsage>(running.flatMap((info) => {
      const used = usage.get(info.pid)
      return used === undefined ? [] : [[info, used] as const]
    }))
  })

  return Effect.fn("ProcessControl.list")(function*(filter: ListFilter = {}) {
    const { entries: current, unreadable } = yield* store.list
    const all = filter.archived === true ? withArchived(current, (yield* store.archived).entries) : current
    const { matchesEntry, matchesStatus } = Filtering.make(
      filter,
      filter.children === "self" ? yield* ownId : filter.children
    )
    const matching = Ordering.entries(all.filter(matchesEntry), filter.sort)
    const limit = Math.max(0, filter.limit ?? Infinity)
    // A look at a process costs more than all else, so only those are looked at that can be shown.
    const needsAll = Ordering.needsLook(filter.sort)
    const candidates = needsAll || matchesStatus !== undefined ? matching : matching.slice(0, limit)
    const found = yield* look(candidates, matchesStatus, needsAll ? Infinity : limit)
    const usage = filter.usage === true || Ordering.needsUsage(filter.sort) ? yield* usageOf(found) : undefined
    const processes = Ordering.infos(found, filter.sort, usage ?? new Map()).slice(0, limit)
    return { processes, unreadable, ...(usage === undefined ? {} : { usage }) } satisfies ProcessList
  })
}
