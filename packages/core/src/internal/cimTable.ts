/**
 * The answers of PowerShell about the processes of Windows.
 */
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Timestamp from "../Timestamp.ts"

/** A process as `Win32_Process` has it. */
export interface CimRow {
  readonly pid: number
  /** 0 when the parent is gone, even if its pid is somebody else's now. */
  readonly parent: number
  /** When it began, in milliseconds since the Unix epoch. */
  readonly startMillis: number | undefined
  readonly residentBytes: number
  readonly cpuMillis: number
  readonly command: string
}

/** When the system began. */
export interface CimBoot {
  readonly bootMillis: number | undefined
  /** When the process of the kernel itself began. */
  readonly systemStartMillis: number | undefined
}

// With times of .NET, PowerShell 5.1 sometimes prints an object, of which `value` is the time.
const Time = Schema.Union([Schema.String, Schema.Struct({ value: Schema.String }), Schema.Null])

const Row = Schema.Struct({
  ProcessId: Schema.Finite,
  ParentProcessId: Schema.Finite,
  CreationDate: Time,
  CommandLine: Schema.NullOr(Schema.String),
  Name: Schema.NullOr(Schema.String),
  WorkingSetSize: Schema.NullOr(Schema.Finite),
  KernelModeTime: Schema.NullOr(Schema.Finite),
  UserModeTime: Schema.NullOr(Schema.Finite)
})

const decodeRows = Schema.decodeUnknownOption(
  Schema.fromJsonString(Schema.Union([Schema.Array(Row), Row]))
)

const decodeBoot = Schema.decodeUnknownOption(
  Schema.fromJsonString(Schema.Struct({ LastBootUpTime: Time, SystemStart: Time }))
)

/**
 * A time in milliseconds since the Unix epoch, as PowerShell 5.1 writes it
 * (`/Date(1767322800123)/`) or PowerShell 7 (`2026-01-02T03:00:00.1234567+00:00`).
 */
const millisOf = (time: typeof Time.Type): number | undefined => {
  if (time === null) return undefined
  const text = typeof time === "string" ? time : time.value
  const millis = /^\/Date\((-?\d+)(?:[+-]\d{4})?\)\/$/.exec(text)?.[1]
  if (millis !== undefined) return Number(millis)
  const instant = Timestamp.parse(text)
  return instant === undefined ? undefined : Math.floor(Timestamp.toEpochMillis(instant))
}

const withoutMark = (text: string): string => text.replace(/^\ufeff/, "").trim()

const rowOf = (row: typeof Row.Type): CimRow => ({
  pid: row.ProcessId,
  parent: row.ParentProcessId,
  startMillis: millisOf(row.CreationDate),
  residentBytes: row.WorkingSetSize ?? 0,
  // Both count in units of 100 nanoseconds.
  cpuMillis: ((row.KernelModeTime ?? 0) + (row.UserModeTime ?? 0)) / 10_000,
  command: row.CommandLine ?? (row.Name === null ? "" : `[${row.Name}]`)
})

/**
 * All processes by their pid; undefined when the text is no such table.
 *
 * Windows never takes back the pid of a parent, even when somebody else has got
 * it. So a parent counts only if it began before its child.
 */
export const parseProcesses = (text: string): ReadonlyMap<number, CimRow> | undefined => {
  const decoded = Option.getOrUndefined(decodeRows(withoutMark(text)))
  if (decoded === undefined) return undefined
  // PowerShell makes an array only of more than one.
  const found = ("ProcessId" in decoded ? [decoded] : decoded).map(rowOf)
  const starts = new Map(found.map(({ pid, startMillis }) => [pid, startMillis]))
  const isOlder = ({ parent, startMillis }: CimRow): boolean => {
    const before = starts.get(parent)
    return before !== undefined && startMillis !== undefined && before <= startMillis
  }
  return new Map(found.map((row) => [row.pid, isOlder(row) ? row : { ...row, parent: 0 }]))
}

export const parseBoot = (text: string): CimBoot | undefined =>
  Option.getOrUndefined(Option.map(decodeBoot(withoutMark(text)), ({ LastBootUpTime, SystemStart }) => ({
    bootMillis: millisOf(LastBootUpTime),
    systemStartMillis: millisOf(SystemStart)
  })))
