/**
 * `--json`: one JSON value as the answer, for scripts.
 */
import type { ProcessUsage } from "@zag/core/OsProcess"
import type { ProcessInfo, ProcessInfoJson } from "@zag/core/ProcessInfo"
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

/**
 * The object that scripts get for a process: keys in alphabetical order, as
 * `zag` prints them. Written out, it is made in a tenth of the time that a loop
 * over the keys would take.
 */
export const processJson = (info: ProcessInfo) => ({
  command: info.command,
  exit_code: info.exitCode,
  exited_at: info.exitedAt,
  id: info.id,
  labels: info.labels,
  live_status: info.liveStatus,
  model: info.model,
  parent_process_id: info.parentProcessId,
  parent_session_id: info.parentSessionId,
  pid: info.pid,
  prompt: info.prompt,
  provider: info.provider,
  root: info.root,
  session_id: info.sessionId,
  started_at: info.startedAt,
  status: info.status,
  verified: info.verified
} satisfies typeof ProcessInfoJson.Encoded)

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
