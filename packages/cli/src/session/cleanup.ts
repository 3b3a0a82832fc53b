import { type CleanedFiles, type CleanupOptions, SessionCleanup } from "@zag/core/SessionCleanup"
import * as Effect from "effect/Effect"

const counted = (files: ReadonlyArray<string>, what: string): ReadonlyArray<string> =>
  files.length === 0 ? [] : [`${files.length} ${what}${files.length === 1 ? "" : "s"}`]

const lines = ({ lifecycleMarkers, sessionLogs, spawnLogs }: CleanedFiles, dryRun: boolean): ReadonlyArray<string> => {
  const counts = [
    ...counted(lifecycleMarkers, "lifecycle marker"),
    ...counted(spawnLogs, "spawn log"),
    ...counted(sessionLogs, "session log")
  ]
  if (counts.length === 0) return ["No files of ended sessions to delete."]
  return dryRun
    ? [`Would be deleted, and could not be brought back: ${counts.join(", ")}.`]
    : [`Deleted: ${counts.join(", ")}.`]
}

/** Deletes the files that ended sessions have left; answers what to say of it, and the keys of `zag gc`. */
export const clean = Effect.fnUntraced(function*(options: CleanupOptions) {
  const files = yield* (yield* SessionCleanup).clean(options)
  return {
    lines: lines(files, options.dryRun === true),
    json: {
      lifecycle_markers_removed: files.lifecycleMarkers.length,
      spawn_logs_removed: files.spawnLogs.length,
      session_logs_removed: files.sessionLogs.length
    }
  }
}, Effect.provide(SessionCleanup.layer))
