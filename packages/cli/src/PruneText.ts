/**
 * What was moved to the archive, as people read it.
 */
import type { ProcessEntry } from "@zag/core/ProcessEntry"
import * as ProcessColumn from "./ProcessColumn.ts"
import * as Text from "./Text.ts"

const row = (now: number) => ({ exitCode, exitedAt, id, prompt, provider, startedAt, status }: ProcessEntry) =>
  [
    id,
    ProcessColumn.statusText(status, exitCode),
    provider,
    // The same time that --older-than compares.
    ProcessColumn.age(exitedAt ?? startedAt, now),
    prompt ?? ""
  ].map(Text.singleLine)

const count = (moved: number, dryRun: boolean): string => {
  const processes = moved === 1 ? "1 process" : `${moved} processes`
  if (dryRun) return `${processes} would be moved to the archive.`
  const [were, them] = moved === 1 ? ["was", "it"] : ["were", "them"]
  return `${processes} ${were} moved to the archive; zag ps list --archived and zag ps show still find ${them}.`
}

/** A line each, and how many there are. */
export const answer = (
  moved: ReadonlyArray<ProcessEntry>,
  { columns, dryRun, now }: { readonly now: number; readonly columns: number | undefined; readonly dryRun: boolean }
): string => {
  if (moved.length === 0) return "Nothing to move: no process that has ended meets all conditions."
  const lines = Text.fitted(Text.aligned(moved.map(row(now))), columns)
  return [...lines, count(moved.length, dryRun)].join("\n")
}
