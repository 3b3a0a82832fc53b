/**
 * The columns that a table of processes can have.
 */
import type { ProcessUsage } from "@zag/core/OsProcess"
import type { LiveStatus, ProcessInfo } from "@zag/core/ProcessInfo"
import type { ProcessLabels } from "@zag/core/ProcessLabels"
import * as Timestamp from "@zag/core/Timestamp"
import * as Text from "./Text.ts"
import * as TimeText from "./TimeText.ts"

/** What a cell is written for. */
export interface Page {
  /** Milliseconds since the Unix epoch. */
  readonly now: number
  /** How many characters of an id are shown. */
  readonly idLength: number
  /** Somebody looks at it. What programs read says no more than it always did. */
  readonly isTerminal: boolean
  readonly usageOf: (info: ProcessInfo) => ProcessUsage | undefined
}

interface Column {
  readonly header: string
  readonly cell: (info: ProcessInfo, page: Page) => string
  /** The most columns of a terminal that it takes, unless it is the last one; 20 by default. */
  readonly widest?: number
  /** It is of no use in part, so that others are cut for it. */
  readonly whole?: boolean
  /** The number of a colour for what is in the cell. */
  readonly color?: (info: ProcessInfo) => number
}

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

const units = ["B", "K", "M", "G", "T", "P"] as const

/** As `ls -h` prints sizes: `184M`, and `1.4G` where one digit would say too little. */
export const size = (bytes: number): string => {
  let value = bytes
  let unit = 0
  // What would be rounded to 1024 is 1 of the next unit.
  while (value >= 1023.5 && unit < units.length - 1) {
    value /= 1024
    unit++
  }
  return `${unit > 0 && value < 9.95 ? value.toFixed(1) : value.toFixed(0)}${units[unit]}`
}

/** A status, with the exit code where there is one. */
export const statusText = (status: string, exitCode: number | null): string =>
  exitCode === null ? status : `${status} (${exitCode})`

const status = ({ exitCode, liveStatus, verified }: ProcessInfo, { isTerminal }: Page): string =>
  statusText(
    isTerminal && exitCode === null && liveStatus === "running" && !verified ? "running?" : liveStatus,
    exitCode
  )

/** `a=1, b=2`; nothing where there are none. */
export const labelsText = (labels: ProcessLabels): string =>
  Object.entries(labels).map(([key, value]) => `${key}=${value}`).join(", ")

const statusColors: Readonly<Record<LiveStatus, number>> = {
  running: Text.green,
  dead: Text.red,
  exited: Text.dim,
  killed: Text.red,
  unknown: Text.yellow
}

/** Whole for programs. */
const time = (text: string | null, { isTerminal }: Page): string => {
  const whole = text ?? "-"
  return isTerminal ? TimeText.toSecond(whole) : whole
}

export const columns = {
  id: { header: "ID", cell: ({ id }, { idLength }) => id.slice(0, idLength), whole: true, widest: Infinity },
  pid: { header: "PID", cell: ({ pid }) => String(pid), whole: true },
  status: { header: "STATUS", cell: status, whole: true, color: ({ liveStatus }) => statusColors[liveStatus] },
  cpu: {
    header: "CPU",
    cell: (info, { usageOf }) => {
      const usage = usageOf(info)
      return usage === undefined ? "-" : `${usage.cpuPercent.toFixed(1)}%`
    },
    whole: true
  },
  mem: {
    header: "MEM",
    cell: (info, { usageOf }) => {
      const usage = usageOf(info)
      return usage === undefined ? "-" : size(usage.residentBytes)
    },
    whole: true
  },
  provider: { header: "PROVIDER", cell: ({ provider }) => provider },
  model: { header: "MODEL", cell: ({ model }) => model || "-" },
  command: { header: "COMMAND", cell: ({ command }) => command },
  age: { header: "AGE", cell: ({ startedAt }, { now }) => age(startedAt, now), whole: true },
  started: { header: "STARTED", cell: ({ startedAt }, page) => time(startedAt, page), whole: true },
  exited: { header: "EXITED", cell: ({ exitedAt }, page) => time(exitedAt, page), whole: true },
  session: { header: "SESSION", cell: ({ sessionId }) => sessionId ?? "-" },
  parent: { header: "PARENT", cell: ({ parentProcessId }) => parentProcessId ?? "-" },
  root: { header: "ROOT", cell: ({ root }) => root ?? "-", widest: 40 },
  labels: { header: "LABELS", cell: ({ labels }) => labelsText(labels) || "-" },
  prompt: { header: "PROMPT", cell: ({ prompt }) => prompt ?? "" }
} as const satisfies Readonly<Record<string, Column>>

export type Name = keyof typeof columns

export const names = Object.keys(columns) as ReadonlyArray<Name>

export const isName = (text: string): text is Name => Object.hasOwn(columns, text)

export const byName = (name: Name): Column => columns[name]

/** Those that are shown when none are asked for. */
export const usual = (usage: boolean): ReadonlyArray<Name> => [
  "id",
  "pid",
  "status",
  ...(usage ? ["cpu", "mem"] as const : []),
  "provider",
  "model",
  "command",
  "age",
  "prompt"
]

/** What a column says of a process, safe to be shown. */
export const cell = (column: Column, info: ProcessInfo, page: Page): string => Text.singleLine(column.cell(info, page))
