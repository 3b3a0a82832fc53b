/**
 * What happened in the registry, as people read it.
 */
import type { ProcessEntry } from "@zag/core/ProcessEntry"
import type { ProcessChange } from "@zag/core/ProcessStore"
import * as ProcessColumn from "./ProcessColumn.ts"
import * as Text from "./Text.ts"
import * as TimeText from "./TimeText.ts"

// The longest of them is `registered`.
const width = 10

export const line = (event: ProcessChange["_tag"], entry: ProcessEntry, time: string): string => {
  const { exitCode, id, pid, prompt, provider, status } = entry
  return [
    TimeText.toSecond(time),
    Text.pad(event, width),
    id,
    ProcessColumn.statusText(status, exitCode),
    provider,
    `pid ${pid}`,
    prompt ?? ""
  ].map((cell, column) => column === 1 ? cell : Text.singleLine(cell)).join("  ").trimEnd()
}
