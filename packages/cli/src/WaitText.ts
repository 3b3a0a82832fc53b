/**
 * What came of waiting, as people read it.
 */
import type { WaitOutcome } from "@zag/core/WaitOutcome"

export const line = ({ exitCode, id, liveStatus }: WaitOutcome): string => {
  const code = exitCode === null ? "exit code unknown" : String(exitCode)
  return `${id}: ${liveStatus === "running" ? "still running" : `${liveStatus} (${code})`}`
}
