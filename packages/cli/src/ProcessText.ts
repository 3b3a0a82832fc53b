/**
 * Processes as people read them: a table, and the lines of one.
 */
import type { ProcessInfo } from "@zag/core/ProcessInfo"
import * as Timestamp from "@zag/core/Timestamp"
import * as Text from "./Text.ts"

/** The largest whole unit, as `kubectl` prints ages: `8s`, `5m`, `3h`, `12d`. */
export const age = (startedAt: string, now: number): string => {
  const instant = Timestamp.parse(startedAt)
  if (instant === undefined) return "?"
  const seconds = Math.max(0, Math.floor((now - Timestamp.toEpochMillis(instant)) / 1000))
  if (seconds < 60) return `${seconds}s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)}h`
  return `${Math.floor(seconds / 86_400)}d`
}

const status = (info: ProcessInfo): string =>
  info.exitCode === null ? info.liveStatus : `${info.liveStatus} (${info.exitCode})`

/** How many characters of each id tell it from all others; at least 8. */
export const uniqueLength = (ids: ReadonlyArray<string>): number => {
  const sorted = ids.toSorted()
  let longest = 8
  for (let i = 1; i < sorted.length; i++) {
    let shared = 0
    while (shared < sorted[i]!.length && sorted[i]![shared] === sorted[i - 1]![shared]) shared++
    longest = Math.max(longest, shared + 1)
  }
  return longest
}

const header = ["ID", "PID", "STATUS", "PROVIDER", "MODEL", "COMMAND", "AGE", "PROMPT"] as const

// No single value may push the prompt off the screen.
const widest = 20

/**
 * A table, newest first. With `columns` it fits a terminal of that width: ids
 * are shortened to what tells them apart, and the prompt gets what is left.
 * Without, every value is whole.
 */
export const table = (
  processes: ReadonlyArray<ProcessInfo>,
  options: { readonly now: number; readonly columns: number | undefined }
): string => {
  const { columns, now } = options
  const idLength = columns === undefined ? Infinity : uniqueLength(processes.map(({ id }) => id))
  const rows = processes.map((info) =>
    [
      info.id.slice(0, idLength),
      String(info.pid),
      status(info),
      info.provider,
      info.model || "-",
      info.command,
      age(info.startedAt, now),
      info.prompt ?? ""
    ].map((cell) => Text.singleLine(cell))
  )
  const cells = [Array.from(header), ...rows].map((row) =>
    row.map((cell, column) =>
      columns !== undefined && column > 0 && column < row.length - 1 ? Text.cut(cell, widest) : cell
    )
  )
  return Text.aligned(cells).map((line) => columns === undefined ? line : Text.cut(line, columns)).join("\n")
}

/** What is known of one process, a line each; what is not known has no line. */
export const details = (info: ProcessInfo): string => {
  const lines: ReadonlyArray<readonly [label: string, value: string | number | null]> = [
    ["Process ID", info.id],
    ["PID", info.pid],
    ["Status", info.liveStatus],
    ["Provider", info.provider],
    ["Model", info.model],
    ["Command", info.command],
    ["Started", info.startedAt],
    ["Exited", info.exitedAt],
    ["Exit code", info.exitCode],
    ["Session ID", info.sessionId],
    ["Root", info.root],
    ["Parent process ID", info.parentProcessId],
    ["Parent session ID", info.parentSessionId],
    ["Prompt", info.prompt]
  ]
  const shown = lines.filter(([, value]) => value !== null)
  // The width of zag's own labels, unless a longer one is among them.
  const width = Math.max(13, ...shown.map(([label]) => label.length + 2))
  return shown.map(([label, value]) => Text.pad(`${label}:`, width) + Text.multiLine(String(value), width).trimEnd())
    .map((line) => line.trimEnd()).join("\n")
}
