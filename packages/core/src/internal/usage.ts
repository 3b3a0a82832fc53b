/**
 * What a process uses, from what every system tells of it.
 */
import type { ProcessUsage } from "../OsProcess.ts"

/** `elapsedMillis` may be below 0, when the clock was set back. */
export const usageOf = (
  cpuMillis: number,
  elapsedMillis: number,
  residentBytes: number
): ProcessUsage => ({
  cpuPercent: elapsedMillis > 0 ? (100 * cpuMillis) / elapsedMillis : 0,
  residentBytes,
  elapsedMillis: Math.max(0, elapsedMillis)
})
