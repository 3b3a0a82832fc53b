import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem, Schema } from "effect"
import { parseJson } from "./runCli.ts"
import { endIfAlive, type Entry, isAlive, makeHome, services, until } from "./spawnZag.ts"

const Started = Schema.Struct({ id: Schema.String, pid: Schema.Int, log: Schema.String })

/** A home, and how to start an agent in its background; the end of the scope ends what still runs. */
const makeBackground = Effect.gen(function*() {
  const home = yield* makeHome
  const detach = (args: ReadonlyArray<string>) =>
    Effect.gen(function*() {
      const ended = yield* home.run(["ps", "run", "--detach", "--json", ...args])
      assert.deepInclude(ended, { exitCode: 0, stderr: "" })
      const started = yield* Schema.decodeUnknownEffect(Started)(parseJson(ended.stdout))
      yield* Effect.addFinalizer(() => endIfAlive(started.pid))
      return started
    })
  return { ...home, detach }
})

const hasEnded = ({ status }: Entry) => status !== "running"

/** Parent, process group and session of a process. */
const ties = (pid: number) =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const stat = yield* fs.readFileString(`/proc/${pid}/stat`)
    const [, parent, group, session] = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
    return { parent: Number(parent), group: Number(group), session: Number(session) }
  })

describe("zag ps run --detach", () => {
  it.live("prints the id, and records the end though nobody waits for it", () =>
    Effect.gen(function*() {
      const { directory, entry, run } = yield* makeHome
      const fs = yield* FileSystem.FileSystem
      const agent = "cat; echo out; echo oops >&2; exit 7"
      const ended = yield* run(["ps", "run", "-d", "-p", "claude", "--", "sh", "-c", agent], { stdin: "not for it" })
      const { id, ...recorded } = yield* entry(hasEnded)
      assert.deepStrictEqual(ended, { exitCode: 0, stdout: `${id}\n`, stderr: "" })
      assert.deepInclude(recorded, { provider: "claude", status: "killed", exit_code: 7 })
      assert.strictEqual(yield* fs.readFileString(`${directory}/logs/ps/${id}.log`), "out\noops\n")
    }).pipe(Effect.scoped, Effect.provide(services)))

  it.live("says what runs and where its log is, which nobody else can read", () =>
    Effect.gen(function*() {
      const { detach, directory, entry } = yield* makeBackground
      const fs = yield* FileSystem.FileSystem
      const { id, log, pid } = yield* detach(["--", "sleep", "300"])
      assert.strictEqual(log, `${directory}/logs/ps/${id}.log`)
      const mode = (path: string) => Effect.map(fs.stat(path), (info) => info.mode & 0o777)
      assert.strictEqual(yield* mode(log), 0o600)
      assert.strictEqual(yield* mode(`${directory}/logs/ps`), 0o700)
      assert.strictEqual(yield* mode(`${directory}/logs`), 0o700)
      assert.isTrue(yield* isAlive(pid))
      assert.deepInclude(yield* entry((entry) => entry.id === id), { pid, status: "running" })
    }).pipe(Effect.scoped, Effect.provide(services)))

  it.live("is out of reach of the terminal, and hands nothing of its own to the agent", () =>
    Effect.gen(function*() {
      const { detach, entry } = yield* makeBackground
      const fs = yield* FileSystem.FileSystem
      const { log, pid } = yield* detach(["--", "sh", "-c", "env; ls /proc/$$/fd; echo ready; exec sleep 300"])
      yield* until(Effect.map(fs.readFileString(log), (text) => text.includes("ready\n")))
      const agent = yield* ties(pid)
      const wrapper = yield* ties(agent.parent)
      assert.deepInclude(agent, { group: pid, session: pid })
      assert.deepInclude(wrapper, { group: agent.parent, session: agent.parent })
      const said = yield* fs.readFileString(log)
      assert.notInclude(said, "STARTING")
      assert.notInclude(said.split("\n"), "3")
      process.kill(agent.parent, "SIGHUP")
      assert.deepInclude(yield* entry(hasEnded), { status: "killed", exit_code: 1 })
    }).pipe(Effect.scoped, Effect.provide(services)))

  it.live("is ended by zag ps kill, with nothing left of it", () =>
    Effect.gen(function*() {
      const { detach, entries, run } = yield* makeBackground
      const { id, pid } = yield* detach(["--", "sleep", "300"])
      const { parent } = yield* ties(pid)
      assert.strictEqual((yield* run(["ps", "kill", id])).exitCode, 0)
      yield* until(Effect.map(isAlive(parent), (alive) => !alive))
      assert.deepInclude((yield* entries)[0], { status: "killed", exit_code: 1 })
    }).pipe(Effect.scoped, Effect.provide(services)))

  it.live("fails as in the foreground when the command cannot be started", () =>
    Effect.gen(function*() {
      const { directory, entries, file, run } = yield* makeHome
      const fs = yield* FileSystem.FileSystem
      assert.deepStrictEqual(yield* run(["ps", "run", "-d", "--", "no-such-command"]), {
        exitCode: 127,
        stdout: "",
        stderr: "Error: Command not found: no-such-command\n"
      })
      const asJson = yield* run(["ps", "run", "-d", "--json", "--", directory])
      assert.deepInclude(asJson, { exitCode: 126, stdout: "" })
      assert.match(asJson.stderr, /^\{"error":\{"code":"spawn_failed",.*\}\}\n$/)
      const thrown = yield* run(["ps", "run", "-d", "--", `${file}/x`])
      assert.deepStrictEqual(thrown, {
        exitCode: 126,
        stdout: "",
        stderr: `Error: Command could not be started: ${file}/x (ENOTDIR)\n`
      })
      assert.deepStrictEqual((yield* entries).map(({ exit_code, status }) => [status, exit_code]), [
        ["killed", 127],
        ["killed", 126],
        ["killed", 126]
      ])
      assert.deepStrictEqual(yield* fs.readDirectory(`${directory}/logs/ps`), [])
    }).pipe(Effect.scoped, Effect.provide(services)))

  it.live("starts nothing without a log", () =>
    Effect.gen(function*() {
      const { directory, entries, run } = yield* makeHome
      const fs = yield* FileSystem.FileSystem
      yield* fs.writeFileString(`${directory}/logs`, "in the way")
      const ended = yield* run(["ps", "run", "-d", "--", "touch", `${directory}/started`])
      assert.deepInclude(ended, { exitCode: 1, stdout: "" })
      assert.match(ended.stderr, /^Error: The log could not be made, so nothing was started: .*\/logs\/ps: /)
      assert.deepStrictEqual(yield* entries, [])
      assert.isFalse(yield* fs.exists(`${directory}/started`))
    }).pipe(Effect.scoped, Effect.provide(services)))

  it.live("starts nothing when it cannot be registered", () =>
    Effect.gen(function*() {
      const { directory, file, run } = yield* makeHome
      const fs = yield* FileSystem.FileSystem
      yield* fs.makeDirectory(file)
      const ended = yield* run(["ps", "run", "-d", "--", "touch", `${directory}/started`])
      assert.deepInclude(ended, { exitCode: 1, stdout: "" })
      assert.match(ended.stderr, /^Error: Failed to read process store: /)
      assert.isFalse(yield* fs.exists(`${directory}/started`))
    }).pipe(Effect.scoped, Effect.provide(services)))

  it.live("ends when its time is up, and says so in the log", () =>
    Effect.gen(function*() {
      const { detach, entry } = yield* makeBackground
      const fs = yield* FileSystem.FileSystem
      const { log, pid } = yield* detach(["--timeout", "1s", "--", "sleep", "300"])
      const { parent } = yield* ties(pid)
      assert.deepInclude(yield* entry(hasEnded), { status: "killed" })
      yield* until(Effect.map(isAlive(parent), (alive) => !alive))
      assert.isFalse(yield* isAlive(pid))
      assert.strictEqual(yield* fs.readFileString(log), "zag: sleep was ended after 1s (--timeout)\n")
    }).pipe(Effect.scoped, Effect.provide(services)))
})
