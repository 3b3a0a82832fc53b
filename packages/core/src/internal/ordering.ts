/**
 * Lists in another order than newest first.
 */
import type { ProcessUsage } from "../OsProcess.ts"
import type { ProcessEntry } from "../ProcessEntry.ts"
import { LiveStatus, type ProcessInfo } from "../ProcessInfo.ts"
import { isDescending, type ProcessOrder } from "../ProcessOrder.ts"
import * as Timestamp from "../Timestamp.ts"

type Compare<K> = (self: K, that: K) => number

/** Whether the order is known only after a look at every process. */
export const needsLook = (order: ProcessOrder | undefined): boolean => order?.field === "status" || needsUsage(order)

/** Whether the order is known only once it is known what every process uses. */
export const needsUsage = (order: ProcessOrder | undefined): boolean => order?.field === "cpu" || order?.field === "mem"

const byNumber: Compare<number> = (self, that) => self - that

// By code unit, which needs no tables of any language and is the same everywhere.
const byText: Compare<string> = (self, that) => self === that ? 0 : self < that ? -1 : 1

/** Keys are made once, as reading a time costs more than comparing two. The input decides between equal ones. */
const sorted =
  <A>(items: ReadonlyArray<A>, order: ProcessOrder) =>
  <K>(keyOf: (item: A) => K | undefined, compare: Compare<K>): ReadonlyArray<A> => {
    const sign = isDescending(order) ? -1 : 1
    return items.map((item) => ({ item, key: keyOf(item) })).toSorted((self, that) => {
      if (self.key === undefined || that.key === undefined) {
        return Number(self.key === undefined) - Number(that.key === undefined)
      }
      return sign * compare(self.key, that.key)
    }).map(({ item }) => item)
  }

/** By what an entry says of itself; as it is when that is not what is asked for. */
export const entries = (
  items: ReadonlyArray<ProcessEntry>,
  order: ProcessOrder | undefined
): ReadonlyArray<ProcessEntry> => {
  if (order === undefined) return items
  const by = sorted(items, order)
  switch (order.field) {
    case "started":
      return by((entry) => Timestamp.parse(entry.startedAt), Timestamp.InstantOrder)
    case "exited":
      return by((entry) => Timestamp.parse(entry.exitedAt ?? ""), Timestamp.InstantOrder)
    case "pid":
      return by((entry) => entry.pid, byNumber)
    case "provider":
    case "model":
    case "command": {
      const { field } = order
      return by((entry) => entry[field] || undefined, byText)
    }
    default:
      return items
  }
}

/** By what a look at the processes has shown; as it is when that is not what is asked for. */
export const infos = (
  items: ReadonlyArray<ProcessInfo>,
  order: ProcessOrder | undefined,
  usage: ReadonlyMap<ProcessInfo, ProcessUsage>
): ReadonlyArray<ProcessInfo> => {
  if (order === undefined) return items
  const by = sorted(items, order)
  switch (order.field) {
    case "status":
      return by((info) => LiveStatus.literals.indexOf(info.liveStatus), byNumber)
    case "cpu":
      return by((info) => usage.get(info)?.cpuPercent, byNumber)
    case "mem":
      return by((info) => usage.get(info)?.residentBytes, byNumber)
    default:
      return items
  }
}
