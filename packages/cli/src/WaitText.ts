/**
 * What came of waiting, as people read it.
 */
import type { WaitOutcome } from "@zag/core/WaitOutcome"

export const line = ({ exitCode, hasEnded, id, liveStatus }: WaitOutcome): string => {
  if (!hasEnded) return `${id}: ${liveStatus === "running" ? "still running" : "not known to have ended"}`
  return `${id}: ${liveStatus} (${exitCode === null ? "exit code unknown" : exitCode})`
}
