/**
 * What every POSIX system answers through `kill`.
 */
import * as Os from "node:os"
import type { PidSpace, PidState, Platform, Signal } from "../OsProcess.ts"

/** Sends a signal, or asks with 0; answers the error code of the system, or undefined. */
export const kill = (pid: number, signal: Signal | 0): "ESRCH" | "EPERM" | undefined => {
  try {
    process.kill(pid, signal)
    return undefined
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === "EPERM") return "EPERM"
    if (code === "ESRCH") return "ESRCH"
    throw error
  }
}

/** 0 and what lies beyond a pid stand for groups of processes: `kill` must not even be asked. */
export const isPid = (pid: number): boolean => Number.isInteger(pid) && pid > 0 && pid <= 0x7fff_ffff

const inspect = (pid: number): PidState =>
  // EPERM is an answer from a living process of another user.
  isPid(pid) && kill(pid, 0) !== "ESRCH" ? { _tag: "Running", startTime: undefined } : { _tag: "Gone" }

const space = (): PidSpace => ({
  host: Os.hostname(),
  bootId: undefined,
  bootTime: undefined,
  pidNamespace: undefined
})

export const platform: Platform = {
  pid: process.pid,
  space,
  parentOf: (pid) => pid === process.pid ? process.ppid : undefined,
  inspect,
  // `kill` knows of one process at a time, and nothing of its kin.
  processes: (_, pid) =>
    pid === undefined || inspect(pid)._tag === "Gone"
      ? []
      : [{ pid, startTicks: undefined, parent: 0, group: 0, session: 0, ended: false, carries: false, tagged: false }],
  commandOf: () => "",
  startTicksOf: () => undefined,
  signal: kill
}
