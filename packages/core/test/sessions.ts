/**
 * Sessions of `zag`, as it writes them to its files.
 */
import { SessionEntryJson } from "@zag/core/SessionEntry"
import type { FoundSession } from "@zag/core/SessionStore"
import * as Timestamp from "@zag/core/Timestamp"
import { Effect, FileSystem, Schema } from "effect"

/** A file as `zag` writes it. */
export const json = (value: unknown): string => JSON.stringify(value, null, 2)

export const sessionOf = (fields: Readonly<Record<string, unknown>> = {}) => ({
  session_id: "s1",
  provider: "claude",
  model: "sonnet",
  worktree_path: "/repo",
  worktree_name: "",
  created_at: "2026-11-22T07:34:37.123456789+00:00",
  provider_session_id: null,
  sandbox_name: null,
  is_worktree: false,
  discovered: false,
  discovery_source: null,
  log_path: null,
  log_completeness: "partial",
  name: null,
  description: null,
  tags: [],
  ...fields
})

/** Writes the sessions of a project. */
export const writeSessions = Effect.fnUntraced(function*(
  projectDirectory: string,
  ...sessions: ReadonlyArray<Readonly<Record<string, unknown>>>
) {
  const fs = yield* FileSystem.FileSystem
  yield* fs.makeDirectory(projectDirectory, { recursive: true })
  yield* fs.writeFileString(`${projectDirectory}/sessions.json`, json({ sessions }))
})

/** A session that was found. */
export const found = (
  fields: Readonly<Record<string, unknown>> = {},
  projectDirectory = "/project"
): FoundSession => ({ entry: Schema.decodeUnknownSync(SessionEntryJson)(sessionOf(fields)), projectDirectory })

/** The entry of an agent of that session in `/repo`, which runs since this moment. */
export const agentEntry = Effect.fnUntraced(function*(pid: number) {
  return {
    id: "it",
    pid,
    session_id: "s1",
    provider: "claude",
    model: "",
    command: "run",
    prompt: null,
    started_at: yield* Timestamp.now,
    status: "running",
    exit_code: null,
    exited_at: null,
    root: "/repo",
    parent_process_id: null,
    parent_session_id: null
  }
})
