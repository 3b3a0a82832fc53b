/**
 * Logs of sessions as `zag` writes them.
 */
import * as Timestamp from "@zag/core/Timestamp"
import { Effect, FileSystem, Path } from "effect"

/** A time of day in milliseconds, as it stands in a log. */
export const timeOf = (millis: number): string => Timestamp.format(Timestamp.fromEpochMillis(millis))

/** A line of a log. */
export const eventOf = (seq: number, ts: string, type = "user_message", fields: object = {}): string =>
  JSON.stringify({
    seq,
    ts,
    provider: "claude",
    wrapper_session_id: "s1",
    provider_session_id: null,
    source_kind: "wrapper",
    completeness: "full",
    type,
    ...fields
  }) + "\n"

/** Writes a file, and the directories above it. */
export const write = Effect.fnUntraced(function*(file: string, content: string) {
  const fs = yield* FileSystem.FileSystem
  yield* fs.makeDirectory((yield* Path.Path).dirname(file), { recursive: true })
  yield* fs.writeFileString(file, content)
})
