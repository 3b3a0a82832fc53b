import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Config, Effect, FileSystem, Stream } from "effect"
import { ChildProcess, ChildProcessSpawner } from "effect/process"
import { makeHome } from "../../packages/cli/test/spawnZag.ts"
import { eventOf, timeOf, write } from "../../packages/core/test/logOnDisk.ts"

/** A home that the real `zag` shares with ours, in which `/repo` is a project. */
const makeShared = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const spawner = yield* ChildProcessSpawner.ChildProcessSpawner
  const ours = yield* makeHome
  const bin = yield* Config.String("ZAG_BIN")
  const home = `${ours.directory}/home`
  yield* fs.makeDirectory(home)
  yield* fs.symlink(ours.directory, `${home}/.zag`)
  const project = `${ours.directory}/projects/repo`
  const zag = (args: ReadonlyArray<string>) =>
    spawner.spawn(ChildProcess.make(bin, args, { env: { HOME: home }, cwd: home, stdin: "ignore" })).pipe(
      Effect.flatMap(({ stdout }) => Stream.mkString(Stream.decodeText(stdout))),
      Effect.scoped
    )
  const run = (args: ReadonlyArray<string>) => Effect.map(ours.run(["ps", ...args]), ({ stdout }) => stdout)
  return { ours, zag, run, project, logOf: (id: string) => `${project}/logs/sessions/${id}.jsonl` }
})

const sessionOf = (session_id: string) => ({
  session_id,
  provider: "claude",
  model: "opus",
  worktree_path: "/repo",
  worktree_name: "",
  created_at: "2026-11-25T10:00:00Z",
  name: `the ${session_id}`
})

const entryOf = (session_id: string, fields: object) => ({
  id: `p-${session_id}`,
  pid: 2 ** 31 - 2,
  session_id,
  provider: "claude",
  model: "opus",
  command: "exec",
  started_at: "2026-11-25T10:00:00Z",
  status: "running",
  root: "/repo",
  ...fields
})

const textOf = (value: object): string => JSON.stringify(value)

const parse = (text: string) => JSON.parse(text) as Readonly<Record<string, unknown>>

const longAgo = "2026-11-25T10:00:00+00:00"

describe("beside the real zag", () => {
  it.live("sessions stand alike for both", () =>
    Effect.gen(function*() {
      const { logOf, ours, project, run, zag } = yield* makeShared
      const now = timeOf(yield* Clock.currentTimeMillis)
      const logs = {
        ended: [
          eventOf(1, longAgo, "heartbeat", { interval_secs: 10 }),
          eventOf(2, longAgo, "session_ended", { success: true, error: null })
        ],
        broken: [eventOf(1, longAgo, "session_ended", { success: false, error: "it broke" })],
        dead: [eventOf(1, longAgo, "heartbeat", { interval_secs: 10 })],
        idle: [eventOf(1, longAgo, "heartbeat", { interval_secs: 10 })],
        running: [eventOf(1, now, "heartbeat", { interval_secs: 10 })]
      }
      // This program runs for as long as it asks.
      const alive = { pid: process.pid, started_at: now }
      const processes = [
        entryOf("ended", { status: "exited", exit_code: 0 }),
        entryOf("broken", { status: "killed", exit_code: 1 }),
        entryOf("dead", {}),
        entryOf("idle", alive),
        entryOf("running", alive),
        entryOf("no-log", alive),
        entryOf("exited", { status: "exited", exit_code: 0 }),
        entryOf("killed", { status: "killed", exit_code: null })
      ]
      const ids = [...processes.map(({ session_id }) => session_id), "known"]
      yield* write(ours.file, textOf({ processes }))
      yield* write(`${project}/sessions.json`, textOf({ sessions: ids.map(sessionOf) }))
      for (const [id, lines] of Object.entries(logs)) yield* write(logOf(id), lines.join(""))
      const statuses: Array<unknown> = []
      for (const id of ids) {
        const answer = yield* zag(["status", id, "--json", "--root", "/repo"])
        assert.strictEqual(yield* run(["status", id, "--json"]), answer)
        statuses.push(parse(answer)["status"])
        assert.strictEqual(yield* run(["env", id]), yield* zag(["env", id, "--root", "/repo"]))
        assert.strictEqual(yield* run(["env", id, "--shell"]), yield* zag(["env", id, "--shell", "--root", "/repo"]))
      }
      assert.sameMembers(Array.from(new Set(statuses)), ["completed", "failed", "dead", "idle", "running", "unknown"])
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)), 120_000)

  it.live("a session that ours has cancelled has failed for both", () =>
    Effect.gen(function*() {
      const { logOf, project, run, zag } = yield* makeShared
      yield* write(`${project}/sessions.json`, textOf({ sessions: [sessionOf("s1")] }))
      yield* write(logOf("s1"), eventOf(1, longAgo, "heartbeat", { interval_secs: 10 }))
      assert.strictEqual(yield* run(["cancel", "s1", "--reason", "no time"]), "Cancelled session s1\n")
      const answer = yield* zag(["status", "s1", "--json", "--root", "/repo"])
      assert.include(answer, "\"status\":\"failed\"")
      assert.include(answer, "\"error\":\"cancelled: no time\"")
      assert.strictEqual(yield* run(["status", "s1", "--json"]), answer)
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)))

  it.live("both would clean up the same", () =>
    Effect.gen(function*() {
      const { logOf, ours, run, zag } = yield* makeShared
      const fs = yield* FileSystem.FileSystem
      const processes = [entryOf("ended", { status: "exited", exit_code: 0, exited_at: longAgo })]
      yield* write(ours.file, textOf({ processes }))
      const ended = eventOf(1, longAgo, "session_ended", { success: true, error: null })
      const files = [`${ours.directory}/events/ended.started`, `${ours.directory}/logs/spawn/ended.log`, logOf("ended")]
      for (const file of files) yield* write(file, ended)
      yield* write(logOf("open"), eventOf(1, longAgo, "heartbeat"))
      for (const file of [...files, logOf("open")]) yield* fs.utimes(file, 1_000_000_000, 1_000_000_000)
      const { moved: _, ...counts } = parse(yield* run(["prune", "--older-than", "0h", "--files", "--json"]))
      assert.deepStrictEqual(counts, parse(yield* zag(["gc", "--older-than", "0h", "--json"])))
      assert.strictEqual(counts["session_logs_removed"], 1)
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)))
})
