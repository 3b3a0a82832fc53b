/**
 * A session of `zag` with one process, whose log the test writes.
 */
import { Effect, FileSystem } from "effect"
import { TestClock } from "effect/testing"
import { eventOf, timeOf } from "../../core/test/logOnDisk.ts"
import { type Options, runCli } from "./runCli.ts"

const now = Date.UTC(2026, 10, 25, 12)

export const entry = {
  id: "p1",
  pid: 4242,
  session_id: "s1",
  provider: "claude",
  model: "sonnet",
  command: "run",
  started_at: "2026-11-25T10:00:00Z",
  status: "running",
  root: "/repo"
}

export const file = JSON.stringify({ processes: [entry] })

const sessions = JSON.stringify({
  sessions: [{
    session_id: "s1",
    provider: "claude",
    model: "opus",
    worktree_path: "/repo/it's",
    worktree_name: "",
    created_at: "2026-11-25T10:00:00Z",
    name: "Fred"
  }]
})

/** The session s1 with its last event that long ago. */
export const withLog = (secondsAgo: number): Options => ({
  file,
  processes: [{ pid: entry.pid }],
  prepare: (home) =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const logs = `${home}/projects/repo/logs/sessions`
      yield* fs.makeDirectory(logs, { recursive: true })
      yield* fs.writeFileString(`${home}/projects/repo/sessions.json`, sessions)
      yield* fs.writeFileString(`${logs}/s1.jsonl`, eventOf(1, timeOf(now - secondsAgo * 1000), "heartbeat"))
    })
})

export const run = (args: ReadonlyArray<string>, options = withLog(60)) =>
  Effect.andThen(TestClock.setTime(now), runCli(["ps", ...args], options))

export const at = "2026-11-25T11:59:00"
