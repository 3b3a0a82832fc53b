/**
 * What stop and kill have done, as people read it.
 */
import type { SignalOutcome } from "@zag/core/SignalOutcome"
import * as Text from "./Text.ts"

export const stopped = ({ id, pid }: SignalOutcome): string => `Stop signal sent to process ${pid} (${id})`

export const killed = ({ ended, id, pid, resultRecorded, signal }: SignalOutcome): string => {
  const others = ended.filter((process) => process.pid !== pid).length
  const more = others === 0 ? "" : ` and ${others} ${others === 1 ? "other" : "others"}`
  const how = signal === "SIGTERM" ? "" : `, by ${signal}`
  const result = resultRecorded === undefined ? "" : `\nResult recorded in ${Text.singleLine(resultRecorded)}`
  return `Process killed: ${pid} (${id})${more}${how}${result}`
}
