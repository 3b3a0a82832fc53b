/**
 * A process of the operating system that `zag` has launched as an agent with
 * `--exit`.
 */
import { Effect, FileSystem } from "effect"
import { ChildProcess } from "effect/process"
import { agentEntry, json, sessionOf, writeSessions } from "../../core/test/sessions.ts"
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
  // Of the same second, but before the result.
  yield* fs.writeFileString(home.file, json({ processes: [yield* agentEntry(pid)] }))

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
