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

// The unit of start times; every architecture that Node runs on has 100 in a second.
const ticksPerSecond = 100

const readProc = (file: string): string | undefined => {
  try {
    return Fs.readFileSync(`/proc/${file}`, "latin1")
  } catch {
    return undefined
  }
}

/** The fields of `/proc/PID/stat` that are used here; see proc_pid_stat(5). */
export interface Stat {
  readonly state: string
  readonly parent: number
  /** Clock ticks after boot. */
  readonly startTicks: number
}

/** The name of the program, field 2, may itself hold blanks and parentheses: count from the last one. */
export const parseStat = (text: string): Stat => {
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ")
  return { state: fields[0]!, parent: Number(fields[1]), startTicks: Number(fields[19]) }
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

export const platform: Platform = {
  pid: process.pid,
  parentOf: (pid) => stat(pid)?.parent,
  inspect,
  signal: kill
}
