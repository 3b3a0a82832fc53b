/**
 * What Linux tells of its processes in `/proc`.
 *
 * Reading is synchronous on purpose: these files never block, and an
 * asynchronous read of one takes eight times as long.
 */
// @effect-diagnostics-next-line nodeBuiltinImport:off -- see above
import * as Fs from "node:fs"
import type { PidState, Platform } from "../OsProcess.ts"
import { isPid, kill } from "./posix.ts"
import { commandText, type ProcessRow } from "./processTree.ts"

// The unit of start times; every architecture that Node runs on has 100 in a second.
const ticksPerSecond = 100

const readProc = (file: string, encoding: "latin1" | "utf8" = "latin1"): string | undefined => {
  try {
    return Fs.readFileSync(`/proc/${file}`, encoding)
  } catch {
    return undefined
  }
}

/** The fields of `/proc/PID/stat` that are used here; see proc_pid_stat(5). */
export interface Stat {
  readonly state: string
  readonly parent: number
  readonly group: number
  readonly session: number
  readonly threads: number
  /** Clock ticks after boot. */
  readonly startTicks: number
}

/** The name of the program, field 2, may itself hold blanks and parentheses: count from the last one. */
export const parseStat = (text: string): Stat => {
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ")
  return {
    state: fields[0]!,
    parent: Number(fields[1]),
    group: Number(fields[2]),
    session: Number(fields[3]),
    threads: Number(fields[17]),
    startTicks: Number(fields[19])
  }
}

const stat = (pid: number): Stat | undefined => {
  const text = isPid(pid) ? readProc(`${pid}/stat`) : undefined
  return text === undefined ? undefined : parseStat(text)
}

const bootSeconds = (): number | undefined => {
  const match = /^btime (\d+)$/m.exec(readProc("stat") ?? "")
  return match === null ? undefined : Number(match[1])
}

// `/proc/TID` exists for threads as well, though the listing of `/proc` leaves them out.
const isThread = (pid: number): boolean => {
  const match = /^Tgid:\s*(\d+)$/m.exec(readProc(`${pid}/status`) ?? "")
  return match !== null && Number(match[1]) !== pid
}

const inspect = (pid: number): PidState => {
  if (!isPid(pid)) return { _tag: "Gone" }
  const found = stat(pid)
  if (found === undefined) {
    // With `hidepid`, `/proc` hides the processes of others, but `kill` knows them.
    return kill(pid, 0) === "ESRCH" ? { _tag: "Gone" } : { _tag: "Running", startTime: undefined }
  }
  if (isThread(pid)) return { _tag: "Thread" }
  if (found.state === "Z" || found.state === "X") return { _tag: "Zombie" }
  const boot = bootSeconds()
  return {
    _tag: "Running",
    startTime: boot === undefined ? undefined : (boot + found.startTicks / ticksPerSecond) * 1000,
    startTicks: found.startTicks
  }
}

// A process whose first thread has ended while others run looks like a zombie, but is none yet.
const hasEnded = ({ state, threads }: Stat): boolean => (state === "Z" || state === "X") && threads <= 1

const ownerOf = (pid: number): number | undefined => Fs.statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid

const processes = (id: string): ReadonlyArray<ProcessRow> => {
  const tag = Buffer.from(`\0ZAG_PROCESS_ID=${id}\0`).toString("latin1")
  const rows: Array<ProcessRow> = []
  for (const name of Fs.readdirSync("/proc")) {
    const pid = Number(name)
    const found = stat(pid)
    if (found === undefined) continue
    const { group, parent, session, startTicks } = found
    // The environment of another user cannot be read.
    const carries = `\0${readProc(`${pid}/environ`) ?? ""}`.includes(tag)
    const tagged = carries && ownerOf(pid) === process.geteuid?.()
    rows.push({ pid, startTicks, parent, group, session, ended: hasEnded(found), carries, tagged })
  }
  return rows
}

/** The command line or, where there is none, the name of the program in brackets, as `ps` shows it. */
const commandOf = (pid: number): string => {
  const line = commandText(readProc(`${pid}/cmdline`, "utf8") ?? "")
  if (line !== "") return line
  const name = commandText(readProc(`${pid}/comm`, "utf8") ?? "")
  return name === "" ? "" : `[${name}]`
}

export const platform: Platform = {
  pid: process.pid,
  parentOf: (pid) => stat(pid)?.parent,
  inspect,
  processes,
  commandOf,
  startTicksOf: (pid) => stat(pid)?.startTicks,
  signal: kill
}
