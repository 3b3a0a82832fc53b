/**
 * What macOS and the BSDs tell of their processes through `kill`, `ps` and
 * `sysctl`.
 *
 * Only `kill` decides that a process is gone: `ps` may fail for reasons of its
 * own. What it fails to tell is unknown.
 */
import * as Os from "node:os"
import type { PidSpace, PidState, Platform, ProcessUsage, TreeQuery } from "../OsProcess.ts"
import { type Run, runWith } from "./command.ts"
import { isPid, kill } from "./posix.ts"
import { chainOf, commandText, type ProcessRow, rowsWithoutLook } from "./processTree.ts"
import {
  carriesId,
  isZombie,
  parsePs,
  psColumns,
  psEnv,
  psEnvironment,
  type PsRow,
  sessionsOf,
  treeRow
} from "./psTable.ts"
import { bootIdQuery, parseBootId, parseBootTime } from "./sysctl.ts"
import { usageOf } from "./usage.ts"

/** What a test puts in the place of the system. */
export interface Host {
  readonly system: string
  readonly pid: number
  readonly parent: number
  readonly user: number | undefined
  readonly run: Run
  readonly kill: typeof kill
}

const realHost = (): Host => ({
  system: process.platform,
  pid: process.pid,
  parent: process.ppid,
  user: process.geteuid?.(),
  run: runWith(psEnv),
  kill
})

// How often a table is read again on a system where processes come and go all the time.
const maxReadings = 5

const isSame = (one: PsRow, other: PsRow | undefined): boolean => one.startSeconds === other?.startSeconds

export const platform = (host: Host = realHost()): Platform => {
  const columns = psColumns(host.system, false)

  const ask = (program: string, args: ReadonlyArray<string>): string | undefined => {
    const answer = host.run(program, args)
    return answer?.status === 0 ? answer.text : undefined
  }

  /** All processes; undefined when that cannot be known, as when this program itself is not among them. */
  const tableOf = (...options: ReadonlyArray<string>): ReadonlyMap<number, PsRow> | undefined => {
    const answer = host.run("ps", ["-A", "-ww", ...options])
    if (answer?.status !== 0) return undefined
    const rows = new Map(parsePs(answer.text).map((row) => [row.pid, row]))
    rows.delete(answer.pid)
    return rows.has(host.pid) ? rows : undefined
  }

  const table = () => tableOf(...columns)

  const isThere = (pid: number): boolean => isPid(pid) && host.kill(pid, 0) !== "ESRCH"

  const rowOf = (pid: number): PsRow | undefined =>
    parsePs(ask("ps", ["-ww", ...columns, "-p", String(pid)]) ?? "").find((row) => row.pid === pid)

  const inspect = (pid: number): PidState => {
    if (!isThere(pid)) return { _tag: "Gone" }
    const row = rowOf(pid)
    if (row === undefined) return isThere(pid) ? { _tag: "Running", startTime: undefined } : { _tag: "Gone" }
    if (isZombie(row)) return { _tag: "Zombie" }
    return row.startSeconds === undefined
      ? { _tag: "Running", startTime: undefined }
      : { _tag: "Running", startTime: row.startSeconds * 1000, startTicks: row.startSeconds }
  }

  /** Read again until the environment of everybody in it was read as well. */
  const processes = (query: TreeQuery): ReadonlyArray<ProcessRow> => {
    let rows: ReadonlyMap<number, PsRow> | undefined
    const environments = new Map<number, PsRow>()
    for (let reading = 0; reading < maxReadings; reading++) {
      const withEnvironment = tableOf(psEnvironment(host.system), ...columns)
      for (const row of withEnvironment?.values() ?? []) environments.set(row.pid, row)
      rows = table()
      if (rows === undefined || withEnvironment === undefined) break
      if (Array.from(rows.values()).every((row) => isSame(row, environments.get(row.pid)))) break
    }
    if (rows === undefined) return rowsWithoutLook(query, isThere)
    const all = Array.from(rows.values())
    const sessionOf = sessionsOf(all)
    return all.map((row) => {
      const found = environments.get(row.pid)
      const carries = found !== undefined && isSame(row, found) && carriesId(row.command, found.command, query.id)
      return treeRow(row, sessionOf(row), carries, host.user)
    })
  }

  const ancestors = (): ReadonlyArray<number> => {
    const rows = table()
    return chainOf(host.pid, (pid) => rows?.get(pid)?.parent ?? (pid === host.pid ? host.parent : undefined))
  }

  const startTicksOf = (pid: number): number | "unknown" | undefined => {
    const state = inspect(pid)
    return state._tag === "Running" ? state.startTicks ?? "unknown" : undefined
  }

  const usage = (pids: ReadonlyArray<number>, now: number): ReadonlyMap<number, ProcessUsage> => {
    const rows = pids.length === 0 ? undefined : tableOf(...psColumns(host.system, true))
    const found = new Map<number, ProcessUsage>()
    for (const pid of pids) {
      const row = rows?.get(pid)
      if (row === undefined || isZombie(row)) continue
      const { cpuMillis, residentBytes, startSeconds } = row
      if (startSeconds === undefined || cpuMillis === undefined || residentBytes === undefined) continue
      found.set(pid, usageOf(cpuMillis, now - startSeconds * 1000, residentBytes))
    }
    return found
  }

  let bootId: string | undefined
  const space = (): PidSpace => {
    const query = bootIdQuery(host.system)
    // The id stays the same as long as this program runs; the time of the boot moves with the clock.
    if (bootId === undefined && query !== undefined) bootId = parseBootId(ask("sysctl", query) ?? "")
    return {
      host: Os.hostname(),
      machineId: undefined,
      bootId,
      bootTime: parseBootTime(ask("sysctl", ["-n", "kern.boottime"]) ?? ""),
      pidNamespace: undefined
    }
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
    signal: host.kill
  }
}
