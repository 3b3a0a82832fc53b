/**
 * Lists in another order than newest first, and the place of a process in them.
 */
import type { ListPosition } from "../ListPosition.ts"
import type { ProcessUsage } from "../OsProcess.ts"
import { newestFirst, type ProcessEntry } from "../ProcessEntry.ts"
import { LiveStatus, type ProcessInfo } from "../ProcessInfo.ts"
import { isDescending, type OrderField, type ProcessOrder } from "../ProcessOrder.ts"
import * as Timestamp from "../Timestamp.ts"

/** Whether the order is known only after a look at every process. */
export const needsLook = (order: ProcessOrder | undefined): boolean => order?.field === "status" || needsUsage(order)

/** Whether the order is known only once it is known what every process uses. */
export const needsUsage = (order: ProcessOrder | undefined): boolean => order?.field === "cpu" || order?.field === "mem"

type Key = ListPosition["key"]

// Text by code unit, which needs no tables of any language and is the same everywhere.
const compare = (self: NonNullable<Key>, that: NonNullable<Key>): number => {
  if (typeof self === "object" && typeof that === "object") return Timestamp.InstantOrder(self, that)
  return self === that ? 0 : self < that ? -1 : 1
}

/** What is not known comes last in both directions. */
const compareKeys = (order: ProcessOrder) => {
  const sign = isDescending(order) ? -1 : 1
  return (self: Key, that: Key): number =>
    self === undefined || that === undefined
      ? Number(self === undefined) - Number(that === undefined)
      : sign * compare(self, that)
}

/** What an entry says of itself. */
const entryKey = (entry: ProcessEntry, field: OrderField | undefined): Key => {
  switch (field) {
    case "started":
      return Timestamp.parse(entry.startedAt)
    case "exited":
      return Timestamp.parse(entry.exitedAt ?? "")
    case "pid":
      return entry.pid
    case "provider":
    case "model":
    case "command":
      return entry[field] || undefined
    default:
      return undefined
  }
}

/** What a process is ordered by. */
export const keyOf = (info: ProcessInfo, field: OrderField | undefined, usage: ProcessUsage | undefined): Key => {
  switch (field) {
    case "status":
      return LiveStatus.literals.indexOf(info.liveStatus)
    case "cpu":
      return usage?.cpuPercent
    case "mem":
      return usage?.residentBytes
    default:
      return entryKey(info, field)
  }
}

/** Newest first goes in; keys are made once, as reading a time costs more than comparing two. */
const arrange = <A extends ProcessEntry>(
  items: ReadonlyArray<A>,
  order: ProcessOrder | undefined,
  after: ListPosition | undefined,
  key: (item: A) => Key
): ReadonlyArray<A> => {
  if (order === undefined) return after === undefined ? items : items.filter((item) => newestFirst(item, after) > 0)
  const compared = compareKeys(order)
  const keyed = items.map((item) => ({ item, key: key(item) }))
  const left = after === undefined
    ? keyed
    : keyed.filter(({ item, key }) => (compared(key, after.key) || newestFirst(item, after)) > 0)
  // The input decides between equal ones.
  return left.toSorted((self, that) => compared(self.key, that.key)).map(({ item }) => item)
}

/** What comes after a place, by what an entry says of itself; as it is when that is not what is asked for. */
export const entries = (
  items: ReadonlyArray<ProcessEntry>,
  order: ProcessOrder | undefined,
  after?: ListPosition
): ReadonlyArray<ProcessEntry> =>
  needsLook(order) ? items : arrange(items, order, after, (entry) => entryKey(entry, order?.field))

/** What comes after a place, by what a look at the processes has shown; as it is when that is not what is asked for. */
export const infos = (
  items: ReadonlyArray<ProcessInfo>,
  order: ProcessOrder | undefined,
  usage: ReadonlyMap<ProcessInfo, ProcessUsage>,
  after?: ListPosition
): ReadonlyArray<ProcessInfo> =>
  needsLook(order) ? arrange(items, order, after, (info) => keyOf(info, order?.field, usage.get(info))) : items
