/**
 * Registered processes with their live status, filtered and in order.
 */
import * as Effect from "effect/Effect"
import type { OsProcess, ProcessUsage } from "../OsProcess.ts"
import { LabelsUnreadable, ProcessControlError } from "../ProcessControlError.ts"
import { newestFirst, type ProcessEntry } from "../ProcessEntry.ts"
import type { ProcessInfo } from "../ProcessInfo.ts"
import * as Labels from "../ProcessLabels.ts"
import type { ListFilter, ProcessList } from "../ProcessList.ts"
import type { ProcessStore } from "../ProcessStore.ts"
import type { Sidecar } from "../Sidecar.ts"
import type { Activities } from "./activities.ts"
import * as Filtering from "./filtering.ts"
import type { Observation, Observer } from "./observation.ts"
import * as Ordering from "./ordering.ts"
import * as PlainInfo from "./plainInfo.ts"

interface Needs {
  readonly store: ProcessStore["Service"]
  readonly os: OsProcess["Service"]
  readonly sidecar: Sidecar["Service"]
  readonly observe: (entries: ReadonlyArray<ProcessEntry>) => Effect.Effect<Observer>
  readonly ownId: Effect.Effect<string, ProcessControlError>
  readonly activities: Activities
}

/** Labels by the ids of their entries. */
type LabelsById = ReadonlyMap<string, Labels.ProcessLabels>

export const infoOf = ({ entry, liveness }: Observation, labels: LabelsById): ProcessInfo =>
  PlainInfo.make(entry, liveness, labels.get(entry.id) ?? Labels.none)

// While an entry is being moved it is in both places; the registry counts.
export const withArchived = (current: ReadonlyArray<ProcessEntry>, archived: ReadonlyArray<ProcessEntry>) => {
  const ids = new Set(current.map(({ id }) => id))
  return [...current, ...archived.filter(({ id }) => !ids.has(id))].toSorted(newestFirst)
}

/** What is no number limits nothing: an empty list would say that nothing is there. */
const limitOf = ({ limit = Infinity }: ListFilter): number =>
  Number.isNaN(limit) ? Infinity : Math.max(0, Math.floor(limit))

const controlError = (reason: ProcessControlError["reason"]) => new ProcessControlError({ reason })

export const make = ({ activities, observe, os, ownId, sidecar, store }: Needs) => {
  const readLabels = (entries: ReadonlyArray<ProcessEntry>) =>
    entries.length === 0
      ? Effect.succeed<LabelsById>(new Map())
      : sidecar.labels(entries.map(({ id }) => id))

  /** For whoever shows them: without the database everything works, and nothing has labels. */
  const labelsOf = (entries: ReadonlyArray<ProcessEntry>) =>
    Effect.orElseSucceed(readLabels(entries), (): LabelsById => new Map())

  /** For whoever chooses by them: "none" must mean none. */
  const knownLabelsOf = (entries: ReadonlyArray<ProcessEntry>) =>
    Effect.mapError(readLabels(entries), ({ message }) => controlError(new LabelsUnreadable({ problem: message })))

  /** Looks at these processes in turn, and at their logs where that is asked for, until `count` of them have matched. */
  const look = Effect.fnUntraced(function*(
    entries: ReadonlyArray<ProcessEntry>,
    labels: LabelsById,
    matches: Filtering.Filtering["matchesStatus"],
    count: number,
    idle: ListFilter["idle"]
  ) {
    const isIdle = idle === undefined ? undefined : yield* activities.isIdleFor(idle)
    const observer = yield* observe(entries)
    const found: Array<ProcessInfo> = []
    for (let at = 0; at < entries.length && found.length < count;) {
      // It takes a look at so many in any case.
      const next = entries.slice(at, at + count - found.length)
      at += next.length
      for (const observation of yield* observer.lookAll(next)) {
        const info = infoOf(observation, labels)
        if (matches !== undefined && !matches(info.liveStatus)) continue
        if (isIdle === undefined || (yield* isIdle(info))) found.push(info)
      }
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

  const list = Effect.fn("ProcessControl.list")(function*(filter: ListFilter = {}) {
    const matchesLabels = yield* Effect.mapError(Effect.fromResult(Filtering.matchesLabels(filter)), controlError)
    const { entries: current, unreadable } = yield* store.list
    const archive = filter.archived === true ? yield* store.archived : undefined
    const all = archive === undefined ? current : withArchived(current, archive.entries)
    const { matchesEntry, matchesStatus } = Filtering.make(
      filter,
      filter.children === "self" ? yield* ownId : filter.children
    )
    const possible = matchesEntry === undefined ? all : all.filter(matchesEntry)
    const known = matchesLabels === undefined ? undefined : yield* knownLabelsOf(possible)
    const chosen = matchesLabels === undefined
      ? possible
      : possible.filter(({ id }) => matchesLabels(known?.get(id) ?? Labels.none))
    const matching = Ordering.entries(chosen, filter.sort, filter.after)
    const limit = limitOf(filter)
    // A look at a process costs more than all else, so only those are looked at that can be shown.
    const needsAll = Ordering.needsLook(filter.sort)
    const candidates = needsAll || matchesStatus !== undefined ? matching : matching.slice(0, limit)
    const labels = known ?? (yield* labelsOf(candidates))
    const found = yield* look(candidates, labels, matchesStatus, needsAll ? Infinity : limit, filter.idle)
    const usage = filter.usage === true || Ordering.needsUsage(filter.sort) ? yield* usageOf(found) : undefined
    const processes = Ordering.infos(found, filter.sort, usage ?? new Map(), filter.after).slice(0, limit)
    return {
      processes,
      unreadable: archive === undefined ? unreadable : [...unreadable, ...archive.unreadable],
      ...(usage === undefined ? {} : { usage })
    } satisfies ProcessList
  })

  return { list, labelsOf, usageOf }
}
