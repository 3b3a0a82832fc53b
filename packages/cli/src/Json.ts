/**
 * `--json`: one JSON value as the answer, for scripts.
 */
import type { ProcessUsage } from "@zag/core/OsProcess"
import { infoJsonKeys, type ProcessInfo } from "@zag/core/ProcessInfo"
import type { SessionActivity } from "@zag/core/SessionActivity"
import * as Flag from "effect/cli/Flag"
import * as GlobalFlag from "effect/cli/GlobalFlag"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"

/** Accepted before and after every subcommand. */
export const Json = GlobalFlag.Setting("json")({
  flag: Flag.Boolean("json").pipe(
    Flag.withDescription("Print one JSON value instead of text; errors too, on stderr"),
    Flag.withDefault(false)
  )
})

const byKey = ([self]: readonly [string, unknown], [that]: readonly [string, unknown]): number => self < that ? -1 : 1

const alphabetical = (Object.entries(infoJsonKeys) as ReadonlyArray<readonly [keyof typeof infoJsonKeys, string]>)
  .map(([field, key]) => [key, field] as const).toSorted(byKey)

/** The object that scripts get for a process: keys in alphabetical order, as `zag` prints them. */
export const processJson = (info: ProcessInfo): object => {
  const object: Record<string, unknown> = {}
  for (const [key, field] of alphabetical) object[key] = info[field]
  return object
}

const withMore = (info: ProcessInfo, more: Readonly<Record<string, unknown>>): object =>
  Object.fromEntries([...Object.entries(processJson(info)), ...Object.entries(more)].toSorted(byKey))

/** The same with what the process uses, where that is known. */
export const usageJson = (info: ProcessInfo, usage: ProcessUsage | undefined): object =>
  withMore(info, { cpu_percent: usage?.cpuPercent ?? null, resident_bytes: usage?.residentBytes ?? null })

/** The same with its activity, when it runs. */
export const activityJson = (info: ProcessInfo, activity: SessionActivity | undefined): object =>
  activity === undefined
    ? processJson(info)
    : withMore(info, { activity: activity.activity, last_activity_at: activity.lastActivityAt })

/** Prints the answer of a command, in the form that was asked for. */
export const answer = (json: object, text: () => string) =>
  Effect.flatMap(Json, (asJson) => Console.log(asJson ? JSON.stringify(json) : text()))
