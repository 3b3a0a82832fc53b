/**
 * Processes as people read them: a table, and the lines of one.
 */
import type { ProcessUsage } from "@zag/core/OsProcess"
import type { ProcessInfo } from "@zag/core/ProcessInfo"
import type { SessionActivity } from "@zag/core/SessionActivity"
import * as ProcessColumn from "./ProcessColumn.ts"
import * as Text from "./Text.ts"
import * as TimeText from "./TimeText.ts"

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

export interface TableOptions {
  /** Milliseconds since the Unix epoch. */
  readonly now: number
  /** The width of the terminal; undefined where every value is shown whole. */
  readonly columns: number | undefined
  readonly isTerminal?: boolean
  readonly colors?: boolean
  /** The columns of the table. */
  readonly shown?: ReadonlyArray<ProcessColumn.Name> | undefined
  readonly usage?: ReadonlyMap<ProcessInfo, ProcessUsage> | undefined
  /** Those that an id tells a process from, where they are more than the table shows. */
  readonly among?: ReadonlyArray<ProcessInfo> | undefined
}

// What is left of a value that is cut so that the last column has some room, and that room.
const narrowest = 8
const roomForLast = 16

/** Cuts the widest columns that may be cut, until the last one has some room or nothing is left to cut. */
const narrowed = (widths: ReadonlyArray<number>, whole: ReadonlyArray<boolean>, columns: number) => {
  const result = widths.slice()
  const last = result.length - 1
  const total = () => result.reduce((sum, width, i) => sum + (i === last ? Math.min(width, roomForLast) : width + 2), 0)
  const canShrink = (i: number) => i < last && !whole[i] && result[i]! > narrowest
  while (total() > columns) {
    const candidates = result.flatMap((_, i) => canShrink(i) ? [i] : [])
    if (candidates.length === 0) break
    result[candidates.reduce((a, b) => result[b]! > result[a]! ? b : a)]!--
  }
  return result
}

/**
 * A table in the given order. With `columns` it fits a terminal of that width:
 * ids are shortened to what tells them apart, no single value pushes the others
 * off the screen, and the last column gets what is left. Without, every value
 * is whole.
 */
export const table = (processes: ReadonlyArray<ProcessInfo>, options: TableOptions): string => {
  const { columns, usage } = options
  const colors = options.colors ?? false
  const page: ProcessColumn.Page = {
    now: options.now,
    idLength: columns === undefined ? Infinity : uniqueLength((options.among ?? processes).map(({ id }) => id)),
    isTerminal: options.isTerminal ?? columns !== undefined,
    usageOf: (info) => usage?.get(info)
  }
  const shown = (options.shown ?? ProcessColumn.usual(usage !== undefined)).map(ProcessColumn.byName)
  const rows = [
    shown.map(({ header }) => header),
    ...processes.map((info) => shown.map((column) => ProcessColumn.cell(column, info, page)))
  ]
  const painted = (cells: ReadonlyArray<ReadonlyArray<string>>) =>
    cells.map((row, y) =>
      row.map((cell, x) => {
        const color = colors && y > 0 ? shown[x]!.color?.(processes[y - 1]!) : undefined
        return color === undefined ? cell : Text.styled(cell, color)
      })
    )
  if (columns === undefined) return Text.aligned(painted(rows)).join("\n")
  const last = shown.length - 1
  const widths = narrowed(
    Text.widths(rows, columns).map((width, i) => i === last ? width : Math.min(width, shown[i]!.widest ?? 20)),
    shown.map(({ whole }) => whole === true),
    columns
  )
  const cells = rows.map((row) => row.map((cell, i) => i === last ? cell : Text.cut(cell, widths[i]!)))
  return Text.fitted(Text.aligned(painted(cells)), columns).join("\n")
}

const activityText = ({ activity, lastActivityAt, why }: SessionActivity): string | null => {
  if (lastActivityAt !== null) return `${activity}, last event at ${TimeText.toSecond(lastActivityAt)}`
  return why === undefined ? null : `${activity}: ${why}`
}

/** What is known of one process, a line each; what is not known has no line. */
export const details = (info: ProcessInfo, activity?: SessionActivity): string => {
  const lines: ReadonlyArray<readonly [label: string, value: string | number | null]> = [
    ["Process ID", info.id],
    ["PID", info.pid],
    ["Status", info.liveStatus],
    ["Activity", activity === undefined ? null : activityText(activity)],
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
    ["Labels", ProcessColumn.labelsText(info.labels) || null],
    ["Prompt", info.prompt]
  ]
  const shown = lines.filter(([, value]) => value !== null)
  // The width of zag's own labels, unless a longer one is among them.
  const width = Math.max(13, ...shown.map(([label]) => label.length + 2))
  return shown.map(([label, value]) => Text.pad(`${label}:`, width) + Text.multiLine(String(value), width).trimEnd())
    .map((line) => line.trimEnd()).join("\n")
}
