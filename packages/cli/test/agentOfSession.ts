/**
 * A process of the operating system that `zag` has launched as an agent with
 * `--exit`.
 */
import * as Timestamp from "@zag/core/Timestamp"
import { Effect, FileSystem } from "effect"
import { ChildProcess } from "effect/process"
import { json, sessionOf, writeSessions } from "../../core/test/sessions.ts"
import { makeHome } from "./spawnZag.ts"

/** An agent that owes a result in JSON and ends by SIGTERM, its home, and the results in the log of its session. */
export const startAgent = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const home = yield* makeHome
  const log = `${home.directory}/projects/repo/logs/sessions/s1.jsonl`
  const agent = yield* ChildProcess.make("sleep", ["600"], { killSignal: "SIGKILL" })
  const pid = agent.pid as number
  const before = "{\"seq\":3,\"type\":\"heartbeat\"}\n"
  yield* writeSessions(`${home.directory}/projects/repo`, sessionOf({ exit: { json_mode: true } }))
  yield* fs.makeDirectory(`${home.directory}/projects/repo/logs/sessions`, { recursive: true })
  yield* fs.writeFileString(log, before)
  const entry = {
    id: "it",
    pid,
    session_id: "s1",
    provider: "claude",
    model: "",
    command: "run",
    prompt: null,
    // Of the same second, but before the result.
    started_at: yield* Timestamp.now,
    status: "running",
    exit_code: null,
    exited_at: null,
    root: "/repo",
    parent_process_id: null,
    parent_session_id: null
  }
  yield* fs.writeFileString(home.file, json({ processes: [entry] }))

  const results = Effect.map(fs.readFileString(log), (text) =>
    text.split("\n").flatMap((line) => {
      try {
        const event = JSON.parse(line) as { readonly type: string; readonly seq: number; readonly result: string }
        return event.type === "session_result" ? [event] : []
      } catch {
        return []
      }
    }))
  return { home, log, pid, results }
})
