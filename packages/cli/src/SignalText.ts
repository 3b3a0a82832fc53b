/**
 * What stop and kill have done, as people read it.
 */
import type { SignalOutcome } from "@zag/core/ProcessControl"

export const stopped = ({ id, pid }: SignalOutcome): string => `Stop signal sent to process ${pid} (${id})`

export const killed = ({ ended, id, pid, signal }: SignalOutcome): string => {
  const others = ended.filter((process) => process.pid !== pid).length
  const more = others === 0 ? "" : ` and ${others} ${others === 1 ? "other" : "others"}`
  const how = signal === "SIGTERM" ? "" : `, by ${signal}`
  return `Process killed: ${pid} (${id})${more}${how}`
}
