/**
 * What Linux tells of its processes in `/proc`.
 *
 * Reading is synchronous on purpose: these files never block, and an
 * asynchronous read of one takes eight times as long.
 */
// @effect-diagnostics-next-line nodeBuiltinImport:off -- see above
import * as Fs from "node:fs"
import * as Os from "node:os"
import type { PidSpace, PidState, Platform, ProcessUsage } from "../OsProcess.ts"
import { isPid, kill } from "./posix.ts"
import { chainOf, commandText, type ProcessRow } from "./processTree.ts"
import * as RealTime from "./realTime.ts"
import { usageOf } from "./usage.ts"

// The unit of start times; every architecture that Node runs on has 100 in a second.
const ticksPerSecond = 100

const readText = (file: string, encoding: "latin1" | "utf8" = "latin1"): string | undefined => {
  try {
    return Fs.readFileSync(file, encoding)
  } catch {
    return undefined
  }
}

const readProc = (file: string, encoding?: "latin1" | "utf8") => readText(`/proc/${file}`, encoding)

/** The fields of `/proc/PID/stat` that are used here; see proc_pid_stat(5). */
export interface Stat {
  readonly state: string
  readonly parent: number
  readonly group: number
  readonly session: number
  /** Clock ticks that it has used, in its own program and in the kernel. */
  readonly cpuTicks: number
  readonly threads: number
  /** Clock ticks after boot. */
  readonly startTicks: number
  /** Whether it may be the number of a thread: a process tells its parent when it ends. */
  readonly tellsNobody: boolean
  /** Whether it can run a program: those of the kernel, and those that are ending, cannot. */
  readonly hasMemory: boolean
  /** Whether that program has an environment, be it empty; never so for those that this user may not look into. */
  readonly hasEnvironment: boolean
}

/** The name of the program, field 2, may itself hold blanks and parentheses: count from the last one. */
export const parseStat = (text: string): Stat => {
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ")
  return {
    state: fields[0]!,
    parent: Number(fields[1]),
    group: Number(fields[2]),
    session: Number(fields[3]),
    cpuTicks: Number(fields[11]) + Number(fields[12]),
    threads: Number(fields[17]),
    startTicks: Number(fields[19]),
    tellsNobody: fields[35] === "-1",
    hasMemory: Number(fields[20]) > 0,
    hasEnvironment: Number(fields[48]) > 0
  }
}

// A `stat` is never as long. To read into it takes half the time of reading a file of any length.
const line = Buffer.alloc(4096)

const readStat = (pid: number): string | undefined => {
  let descriptor: number | undefined
  try {
    descriptor = Fs.openSync(`/proc/${pid}/stat`, "r")
    return line.toString("latin1", 0, Fs.readSync(descriptor, line))
  } catch {
    // Its process may have ended between the two.
    return undefined
  } finally {
    if (descriptor !== undefined) Fs.closeSync(descriptor)
  }
}

// To find that there is none costs much more when the file is to be opened.
const isThere = (pid: number): boolean => isPid(pid) && Fs.existsSync(`/proc/${pid}`)

const stat = (pid: number): Stat | undefined => {
  const text = isThere(pid) ? readStat(pid) : undefined
  return text === undefined ? undefined : parseStat(text)
}

const pidNamespace = (): string | undefined => {
  try {
    return Fs.readlinkSync("/proc/self/ns/pid")
  } catch {
    return undefined
  }
}

const readPlace = (): Omit<PidSpace, "bootTime"> => ({
  host: Os.hostname(),
  machineId: readText("/etc/machine-id")?.trim() || undefined,
  bootId: readProc("sys/kernel/random/boot_id")?.trim(),
  pidNamespace: pidNamespace()
})

// Stays the same as long as this program runs, and is asked for with every look at a process.
let place: Omit<PidSpace, "bootTime"> | undefined

const space = (): PidSpace => {
  const boot = bootSeconds()
  return { ...place ??= readPlace(), bootTime: boot === undefined ? undefined : boot * 1000 }
}

const readBootSeconds = (): number | undefined => {
  const match = /^btime (\d+)$/m.exec(readProc("stat") ?? "")
  return match === null ? undefined : Number(match[1])
}

// What was read once holds until the time of day is set. Reading it costs as much as several processes.
let boot: { readonly seconds: number | undefined; readonly clock: number } | undefined

const bootSeconds = (): number | undefined => {
  const clock = RealTime.timeOfDay() - RealTime.now()
  if (boot === undefined || Math.abs(clock - boot.clock) > 500) boot = { seconds: readBootSeconds(), clock }
  return boot.seconds
}

// `/proc/TID` exists for threads as well, though the listing of `/proc` leaves them out.
const isThreadIn = (status: string, pid: number): boolean => {
  const match = /^Tgid:\s*(\d+)$/m.exec(status)
  return match !== null && Number(match[1]) !== pid
}

const isThread = (pid: number): boolean => isThreadIn(readProc(`${pid}/status`) ?? "", pid)

// A process whose first thread has ended while others run looks like a zombie, but is none yet.
const hasEnded = ({ state, threads }: Stat): boolean => (state === "Z" || state === "X") && threads <= 1

// With `hidepid`, `/proc` hides the processes of others, but `kill` knows them. It costs several looks to be told of nobody.
let hiding: boolean | undefined

const hidesProcesses = (): boolean => {
  if (hiding === undefined) {
    const mounts = (readProc("self/mountinfo") ?? "").split("\n").filter((mount) => mount.split(" ")[4] === "/proc")
    hiding = mounts.length === 0 || mounts.some((mount) => mount.includes("hidepid="))
  }
  return hiding
}

const gone: PidState = { _tag: "Gone" }

const inspect = (pid: number): PidState => {
  if (!isPid(pid)) return gone
  const found = stat(pid)
  if (found === undefined) {
    return !hidesProcesses() || kill(pid, 0) === "ESRCH" ? gone : { _tag: "Running", startTime: undefined }
  }
  if (found.tellsNobody && isThread(pid)) return { _tag: "Thread" }
  if (hasEnded(found)) return { _tag: "Zombie" }
  const boot = bootSeconds()
  return {
    _tag: "Running",
    startTime: boot === undefined ? undefined : (boot + found.startTicks / ticksPerSecond) * 1000,
    startTicks: found.startTicks
  }
}

// From so many pids on it is likely that one list of all processes costs less than to find of each that it is nobody's.
const worthListing = 200

/** Whoever is not in the list has ended before, or is a thread: its pid was known before the list was made. */
const inspectAll = (wanted: ReadonlyArray<number>): ReadonlyArray<PidState> => {
  const listed = new Set(wanted.length < worthListing || hidesProcesses() ? [] : pids())
  // None at all could not be listed.
  return listed.size === 0 ? wanted.map(inspect) : wanted.map((pid) => listed.has(pid) ? inspect(pid) : gone)
}

const ownerOf = (pid: number): number | undefined => Fs.statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid

// Without `/proc` there is nothing to list, as on other systems.
const pids = (): ReadonlyArray<number> => {
  try {
    return Fs.readdirSync("/proc").map(Number).filter(isPid)
  } catch {
    return []
  }
}

/** The environment of a process; undefined while it is not known, because another program is about to run in it. */
const environmentOf = (pid: number): string | undefined => {
  const text = readProc(`${pid}/environ`) ?? ""
  if (text !== "") return text
  // There is none to be read of another user's process, of the kernel's own, and of one that is ending.
  const now = stat(pid)
  const isStarting = now !== undefined && now.hasMemory && !now.hasEnvironment && ownerOf(pid) === process.geteuid?.()
  return isStarting ? undefined : ""
}

const rowOf = (pid: number, tag: string): { readonly row: ProcessRow; readonly isKnown: boolean } | undefined => {
  const found = stat(pid)
  if (found === undefined) return undefined
  const { group, parent, session, startTicks } = found
  const ended = hasEnded(found)
  const environment = ended ? "" : environmentOf(pid)
  const carries = environment !== undefined && `\0${environment}`.includes(tag)
  const tagged = carries && ownerOf(pid) === process.geteuid?.()
  return {
    row: { pid, startTicks, parent, group, session, ended, carries, tagged },
    isKnown: environment !== undefined
  }
}

// How often the list is read again on a system where processes come and go all the time.
const maxReadings = 50

/**
 * Reading takes time, and who starts another one and ends meanwhile would hide
 * them both. So the list is read again, and whoever is new in it, until nobody
 * is.
 */
const processes = (id: string): ReadonlyArray<ProcessRow> => {
  const tag = Buffer.from(`\0ZAG_PROCESS_ID=${id}\0`).toString("latin1")
  const rows = new Map<number, ProcessRow>()
  const known = new Set<number>()
  for (let reading = 0, settled = false; !settled && reading < maxReadings; reading++) {
    settled = true
    for (const pid of pids()) {
      if (known.has(pid)) continue
      settled = false
      const found = rowOf(pid, tag)
      if (found === undefined) continue
      rows.set(pid, found.row)
      if (found.isKnown) known.add(pid)
    }
  }
  return Array.from(rows.values())
}

/** The command line or, where there is none, the name of the program in brackets, as `ps` shows it. */
const commandOf = (pid: number): string => {
  const line = commandText(readProc(`${pid}/cmdline`, "utf8") ?? "")
  if (line !== "") return line
  const name = commandText(readProc(`${pid}/comm`, "utf8") ?? "")
  return name === "" ? "" : `[${name}]`
}

/**
 * The memory is read from `status`, in kilobytes: `stat` and `statm` count it in
 * pages, and how large these are differs among machines of one architecture.
 */
const residentBytesIn = (status: string): number => Number(/^VmRSS:\s*(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024

const usage = (pids: ReadonlyArray<number>): ReadonlyMap<number, ProcessUsage> => {
  const found = new Map<number, ProcessUsage>()
  const uptime = Number.parseFloat(readProc("uptime") ?? "")
  if (Number.isNaN(uptime)) return found
  for (const pid of pids) {
    const now = stat(pid)
    const status = now === undefined || hasEnded(now) ? undefined : readProc(`${pid}/status`)
    if (now === undefined || status === undefined || isThreadIn(status, pid)) continue
    const millisOf = (ticks: number) => ticks * 1000 / ticksPerSecond
    found.set(
      pid,
      usageOf(millisOf(now.cpuTicks), Math.round(uptime * 1000) - millisOf(now.startTicks), residentBytesIn(status))
    )
  }
  return found
}

export const platform: Platform = {
  pid: process.pid,
  space,
  ancestors: () => chainOf(process.pid, (pid) => stat(pid)?.parent),
  inspect,
  inspectAll,
  processes: ({ id }) => processes(id),
  commandOf: ({ pid }) => commandOf(pid),
  startTicksOf: (pid) => stat(pid)?.startTicks,
  usage,
  signal: kill
}
