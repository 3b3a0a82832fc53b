/**
 * What the tools show of a process.
 */
import type { ProcessUsage } from "@zag/core/OsProcess"
import { infoJsonKeys, ProcessInfo } from "@zag/core/ProcessInfo"
import type { UnreadableEntry } from "@zag/core/ProcessStore"
import { Activity, type SessionActivity } from "@zag/core/SessionActivity"
import * as Timestamp from "@zag/core/Timestamp"
import * as Schema from "effect/Schema"

const NumberOrNull = Schema.NullOr(Schema.Finite)

/** A process; what it uses is in it only when that was asked for, and its activity only when it is shown alone and runs. */
export const Shown = Schema.Struct({
  ...ProcessInfo.fields,
  ageSeconds: NumberOrNull,
  cpuPercent: Schema.optionalKey(NumberOrNull),
  residentBytes: Schema.optionalKey(NumberOrNull),
  activity: Schema.optionalKey(Activity),
  lastActivityAt: Schema.optionalKey(Schema.NullOr(Schema.String))
}).pipe(
  Schema.encodeKeys({
    ...infoJsonKeys,
    ageSeconds: "age_seconds",
    cpuPercent: "cpu_percent",
    residentBytes: "resident_bytes",
    lastActivityAt: "last_activity_at"
  })
)

/** How long ago it was registered; null where the registry does not tell. A clock that was set back makes nothing negative. */
export const ageSeconds = ({ startedAt }: ProcessInfo, now: number): number | null => {
  const instant = Timestamp.parse(startedAt)
  return instant === undefined ? null : Math.max(0, Math.floor((now - Timestamp.toEpochMillis(instant)) / 1000))
}

/** A process as it is shown at a time of day, with what it uses where a map of that is given, and its activity likewise. */
export const shown = (
  now: number,
  usage?: ReadonlyMap<ProcessInfo, ProcessUsage>,
  activity?: SessionActivity
) =>
(info: ProcessInfo) => {
  const used = usage?.get(info)
  return {
    ...info,
    ageSeconds: ageSeconds(info, now),
    ...(usage === undefined
      ? {}
      : { cpuPercent: used?.cpuPercent ?? null, residentBytes: used?.residentBytes ?? null }),
    ...(activity === undefined
      ? {}
      : { activity: activity.activity, lastActivityAt: activity.lastActivityAt })
  }
}

/** An entry that cannot be read. */
export const Unreadable = Schema.Struct({
  index: Schema.Finite,
  problem: Schema.String,
  archived: Schema.optionalKey(Schema.Boolean)
})

/** The first of them are enough to see what is wrong. */
export const unreadableEntries = (entries: ReadonlyArray<UnreadableEntry>): ReadonlyArray<UnreadableEntry> =>
  entries.slice(0, 20)
