/**
 * What every system answers through `kill`.
 */
import type { Signal } from "../OsProcess.ts"

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
