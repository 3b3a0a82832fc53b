/**
 * Registries as `zag` would have written them, about half a kilobyte an entry.
 */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"

export const idOf = (index: number): string => `c945cd70-1d4c-420f-93bc-${String(index).padStart(12, "0")}`

export const entryOf = (index: number) => ({
  id: idOf(index),
  pid: 4_000_000 + index,
  session_id: null,
  provider: "claude",
  model: "sonnet",
  command: "run",
  prompt: "Fix the flaky login test and say what it was ".repeat(3).slice(0, 100),
  started_at: `2026-11-22T07:34:37.${String(index).padStart(9, "0")}+00:00`,
  status: index % 2 === 0 ? "exited" : "running",
  exit_code: index % 2 === 0 ? 0 : null,
  exited_at: null as string | null,
  root: "/repo",
  parent_process_id: null,
  parent_session_id: null
})

export type Entry = ReturnType<typeof entryOf>

/** A directory of its own with a registry of that many entries. */
export const makeHome = Effect.fnUntraced(function*(count: number) {
  const fs = yield* FileSystem.FileSystem
  const directory = yield* fs.makeTempDirectoryScoped({ prefix: "zag-bench-" })
  const file = `${directory}/processes.json`
  const processes = Array.from({ length: count }, (_, index) => entryOf(index))
  // @effect-diagnostics-next-line preferSchemaOverJson:off -- as `zag` prints it
  yield* fs.writeFileString(file, JSON.stringify({ processes }, null, 2), { mode: 0o600 })
  return { directory, file }
})
