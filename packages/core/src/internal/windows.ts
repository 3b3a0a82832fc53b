/**
 * What Windows tells of its processes through PowerShell, and how they end
 * there.
 *
 * As elsewhere, only the system call behind `kill` decides that a process is
 * gone. What PowerShell fails to tell is unknown.
 */
import * as Os from "node:os"
import type { PidSpace, PidState, Platform, ProcessUsage, Signal, TreeQuery } from "../OsProcess.ts"
import { type CimBoot, type CimRow, parseBoot, parseProcesses } from "./cimTable.ts"
import { type Run, runWith } from "./command.ts"
import { isPid, kill } from "./posix.ts"
import { chainOf, commandText, type ProcessRow, rowsWithoutLook } from "./processTree.ts"
import { usageOf } from "./usage.ts"

/** What a test puts in the place of the system. */
export interface Host {
  /** The directory of Windows. */
  readonly directory: string
  readonly pid: number
  readonly parent: number
  readonly run: Run
  readonly kill: typeof kill
  /** Milliseconds on a clock that nobody sets. */
  readonly monotonic: () => number
}

const realHost = (): Host => ({
  // @effect-diagnostics-next-line processEnv:off -- where the system lies is no setting of this program
  directory: process.env["SystemRoot"] ?? "C:\\Windows",
  pid: process.pid,
  parent: process.ppid,
  run: runWith(undefined),
  kill,
  monotonic: () => performance.now()
})

const begin = "$ErrorActionPreference='Stop';[Console]::OutputEncoding=[Text.Encoding]::UTF8;"

/** @internal */
export const processesScript = `${begin}Get-CimInstance Win32_Process|` +
  "Select-Object ProcessId,ParentProcessId,CreationDate,CommandLine,Name,WorkingSetSize,KernelModeTime,UserModeTime|" +
  "ConvertTo-Json -Compress"

/** @internal */
export const bootScript = `${begin}[pscustomobject]@{` +
  "LastBootUpTime=(Get-CimInstance Win32_OperatingSystem).LastBootUpTime;" +
  "SystemStart=(Get-CimInstance Win32_Process -Filter 'ProcessId=4').CreationDate}|ConvertTo-Json -Compress"

// The process of the kernel, which all services descend from.
const systemPid = 4

/** Windows takes 4711 for 4708 when it is asked for a process, so only its own numbers may be asked for. */
const isWindowsPid = (pid: number): boolean => isPid(pid) && pid % 4 === 0

// What taskkill answers when there is no such process.
const notFound = 128

const missing: Partial<Record<Signal, string>> = {
  SIGHUP: "Windows has no SIGHUP; `kill` ends the process",
  SIGSTOP: "Windows has no SIGSTOP"
}

// There are neither groups nor sessions, and nobody can read the environment of another process.
const treeRow = ({ command, parent, pid, startMillis }: CimRow): ProcessRow => ({
  pid,
  startTicks: startMillis,
  parent,
  group: 0,
  session: 0,
  ended: false,
  carries: false,
  tagged: false,
  command
})

export const platform = (host: Host = realHost()): Platform => {
  const system32 = `${host.directory}\\System32`

  const ask = (script: string) => {
    const answer = host.run(
      `${system32}\\WindowsPowerShell\\v1.0\\powershell.exe`,
      ["-NoLogo", "-NoProfile", "-NonInteractive", "-Command", script]
    )
    return answer?.status === 0 ? answer : undefined
  }

  // A look takes most of a second, and is that old when it is there. Those who only want to see may see it for as long
  // again, so that a list of many entries takes one look and not one for each.
  let seen: { readonly rows: ReadonlyMap<number, CimRow>; readonly until: number } | undefined

  /** All processes; undefined when that cannot be known, as when this program itself is not among them. */
  const table = (): ReadonlyMap<number, CimRow> | undefined => {
    const began = host.monotonic()
    const answer = ask(processesScript)
    const found = answer === undefined ? undefined : parseProcesses(answer.text)
    const now = host.monotonic()
    if (answer === undefined || !found?.has(host.pid)) return undefined
    const rows = new Map(found)
    rows.delete(answer.pid)
    seen = { rows, until: now + (now - began) }
    return rows
  }

  const recentTable = () => seen !== undefined && host.monotonic() < seen.until ? seen.rows : table()

  const isThere = (pid: number): boolean => isWindowsPid(pid) && host.kill(pid, 0) !== "ESRCH"

  const stateIn = (rows: ReadonlyMap<number, CimRow> | undefined, pid: number): PidState => {
    const start = rows?.get(pid)?.startMillis
    if (start !== undefined) return { _tag: "Running", startTime: start, startTicks: start }
    return isThere(pid) ? { _tag: "Running", startTime: undefined } : { _tag: "Gone" }
  }

  const inspect = (pid: number): PidState => {
    if (!isThere(pid)) return { _tag: "Gone" }
    const rows = recentTable()
    return stateIn(rows?.has(pid) === true ? rows : table(), pid)
  }

  const processes = (query: TreeQuery): ReadonlyArray<ProcessRow> => {
    const rows = table()
    if (rows === undefined) return rowsWithoutLook(query, isThere)
    return Array.from(rows.values()).filter(({ pid }) => pid > systemPid).map(treeRow)
  }

  const ancestors = (): ReadonlyArray<number> => {
    const rows = recentTable()
    return chainOf(host.pid, (pid) => rows?.get(pid)?.parent ?? (pid === host.pid ? host.parent : undefined))
  }

  const startTicksOf = (pid: number): number | "unknown" | undefined => {
    if (!isThere(pid)) return undefined
    const state = stateIn(table(), pid)
    return state._tag === "Running" ? state.startTicks ?? "unknown" : undefined
  }

  const usage = (pids: ReadonlyArray<number>, now: number): ReadonlyMap<number, ProcessUsage> => {
    const rows = pids.length === 0 ? undefined : table()
    const found = new Map<number, ProcessUsage>()
    for (const pid of pids) {
      const row = rows?.get(pid)
      if (row?.startMillis === undefined) continue
      found.set(pid, usageOf(row.cpuMillis, now - row.startMillis, row.residentBytes))
    }
    return found
  }

  let boot: CimBoot | undefined
  const space = (): PidSpace => {
    boot ??= parseBoot(ask(bootScript)?.text ?? "")
    return {
      host: Os.hostname(),
      machineId: undefined,
      // The time of the boot moves with the clock. When the process of the kernel began was noted once.
      bootId: boot?.systemStartMillis?.toString(),
      bootTime: boot?.bootMillis,
      pidNamespace: undefined
    }
  }

  /** Asks the windows of a program to close. One without windows cannot be asked: it is as if it ignored SIGTERM. */
  const close = (pid: number) => {
    const state = host.kill(pid, 0)
    if (state !== undefined) return state
    const answer = host.run(`${system32}\\taskkill.exe`, ["/PID", String(pid)])
    return answer?.status === notFound ? "ESRCH" : undefined
  }

  const signal: Platform["signal"] = (pid, name) => {
    const why = missing[name]
    if (why !== undefined) return { why }
    if (!isWindowsPid(pid)) return "ESRCH"
    if (pid === systemPid) return "EPERM"
    // Node ends a process by the same call as `taskkill /F`, with nothing in between in which its pid could be reused.
    return name === "SIGTERM" ? close(pid) : host.kill(pid, name)
  }

  return {
    pid: host.pid,
    space,
    ancestors,
    inspect,
    processes,
    commandOf: ({ command }) => commandText(command ?? ""),
    startTicksOf,
    usage,
    signal
  }
}
