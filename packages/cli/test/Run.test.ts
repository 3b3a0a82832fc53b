import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem, Stream } from "effect"
import { ChildProcess, ChildProcessSpawner } from "effect/process"
import { parseJson } from "./runCli.ts"
import { endIfAlive, firstLine, isAlive, makeHome, services, stateOf, until } from "./spawnZag.ts"

describe("zag ps run", () => {
  it.live("passes on output, input and exit code, and records the end", () =>
    Effect.gen(function*() {
      const { entries, run } = yield* makeHome
      const ended = yield* run(["ps", "run", "-p", "claude", "--", "sh", "-c", "cat; echo oops >&2; exit 7"], {
        stdin: "hello"
      })
      assert.deepStrictEqual(ended, { exitCode: 7, stdout: "hello", stderr: "oops\n" })
      const [entry] = yield* entries
      assert.deepInclude(entry, { provider: "claude", status: "killed", exit_code: 7 })
      assert.isString(entry?.exited_at)
    }).pipe(Effect.scoped, Effect.provide(services)))

  it.live("records exit code 0 as exited", () =>
    Effect.gen(function*() {
      const { entries, run } = yield* makeHome
      assert.strictEqual((yield* run(["ps", "run", "--", "true"])).exitCode, 0)
      const [entry] = yield* entries
      assert.deepInclude(entry, { status: "exited", exit_code: 0, provider: "true" })
    }).pipe(Effect.scoped, Effect.provide(services)))

  it.live("tells the agent who it is, and nothing of the agent around it", () =>
    Effect.gen(function*() {
      const { entries, run, zag } = yield* makeHome
      const inner = `${zag} ps run -p inner -- sh -c 'env | grep ^ZAG_ | grep -v ZAG_HOME | sort'`
      const { stdout } = yield* run([
        "ps",
        "run",
        "-p",
        "outer",
        "--session",
        "s1",
        "--root",
        "/r",
        "--",
        "sh",
        "-c",
        inner
      ])
      const [outer, nested] = yield* entries
      assert.strictEqual(stdout, `ZAG_MODEL=\nZAG_PROCESS_ID=${nested?.id}\nZAG_PROVIDER=inner\n`)
      assert.strictEqual(nested?.parent_process_id, outer?.id)
      assert.strictEqual(nested?.parent_session_id, "s1")
    }).pipe(Effect.scoped, Effect.provide(services)))

  it.live("tells the agent where the registry is, wherever that goes", () =>
    Effect.gen(function*() {
      const spawner = yield* ChildProcessSpawner.ChildProcessSpawner
      const { directory, entries, zag } = yield* makeHome
      const agent = `cd / && ${zag} ps show self --json`
      const command = ChildProcess.make("/bin/sh", ["-c", `cd '${directory}' && ${zag} ps run -- sh -c "$0"`, agent], {
        env: { HOME: directory, ZAG_HOME: "./", ZAG_PROCESS_ID: undefined, ZAG_SESSION_ID: undefined },
        extendEnv: true
      })
      const { id } = parseJson(yield* spawner.string(command)) as { readonly id: string }
      assert.strictEqual(id, (yield* entries)[0]?.id)
    }).pipe(Effect.scoped, Effect.provide(services)))

  it.live("points the entry at the agent while it runs", () =>
    Effect.gen(function*() {
      const { entry, start } = yield* makeHome
      const zag = yield* start(["ps", "run", "--", "sh", "-c", "echo $$; exec sleep 300"])
      const pid = Number(yield* firstLine(zag.handle.stdout))
      const { id } = yield* entry((entry) => entry.pid === pid)
      assert.notStrictEqual(pid, zag.pid)
      assert.isNotEmpty(id)
      yield* zag.handle.kill()
      assert.isFalse(yield* isAlive(pid))
    }).pipe(Effect.scoped, Effect.provide(services)))

  for (const [signal, code] of [["SIGTERM", 143], ["SIGHUP", 129], ["SIGINT", 130]] as const) {
    it.live(`passes ${signal} on to the agent and ends with ${code}`, () =>
      Effect.gen(function*() {
        const { entries, entry, start } = yield* makeHome
        const zag = yield* start(["ps", "run", "--", "sleep", "300"])
        const { pid } = yield* entry((entry) => entry.pid !== zag.pid)
        process.kill(zag.pid, signal)
        assert.strictEqual((yield* zag.ended).exitCode, code)
        assert.isFalse(yield* isAlive(pid))
        assert.deepInclude((yield* entries)[0], { status: "killed", exit_code: 1 })
      }).pipe(Effect.scoped, Effect.provide(services)))
  }

  for (const [signal, name] of [["SIGUSR1", "USR1"], ["SIGUSR2", "USR2"], ["SIGWINCH", "WINCH"]] as const) {
    it.live(`passes ${signal} on to the agent`, () =>
      Effect.gen(function*() {
        const { start } = yield* makeHome
        const agent = `trap 'exit 9' ${name}; echo ready; while :; do sleep 0.1; done`
        const zag = yield* start(["ps", "run", "--", "sh", "-c", agent])
        yield* firstLine(zag.handle.stdout)
        process.kill(zag.pid, signal)
        assert.strictEqual(Number(yield* zag.handle.exitCode), 9)
      }).pipe(Effect.scoped, Effect.provide(services)))
  }

  it.live("passes a signal on to what the agent has started, as a terminal does", () =>
    Effect.gen(function*() {
      const { start } = yield* makeHome
      const zag = yield* start(["ps", "run", "--", "sh", "-c", "sleep 300 & echo $!; wait"])
      const child = Number(yield* firstLine(zag.handle.stdout))
      yield* Effect.addFinalizer(() => endIfAlive(child))
      process.kill(zag.pid, "SIGTERM")
      assert.strictEqual(Number(yield* zag.handle.exitCode), 143)
      yield* until(Effect.map(isAlive(child), (alive) => !alive))
    }).pipe(Effect.scoped, Effect.provide(services)))

  it.live("passes on a signal that comes before there is an agent", () =>
    Effect.gen(function*() {
      const { entries, entry, start } = yield* makeHome
      const zag = yield* start(["ps", "run", "--", "sleep", "300"])
      yield* entry(() => true)
      process.kill(zag.pid, "SIGTERM")
      assert.strictEqual((yield* zag.ended).exitCode, 143)
      assert.deepInclude((yield* entries)[0], { status: "killed", exit_code: 1 })
    }).pipe(Effect.scoped, Effect.provide(services)))

  it.live("passes on a signal that comes while it takes them over from the runtime", () =>
    Effect.gen(function*() {
      const { entries, run } = yield* makeHome
      const preload = `const { listeners } = process
        process.listeners = (signal) => {
          if (signal === "SIGTERM") process.kill(process.pid, signal)
          return listeners.call(process, signal)
        }`
      const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(preload)}`
      assert.strictEqual((yield* run(["ps", "run", "--", "sleep", "20"], { env: { NODE_OPTIONS } })).exitCode, 143)
      assert.deepInclude((yield* entries)[0], { status: "killed", exit_code: 1 })
    }).pipe(Effect.scoped, Effect.provide(services)))

  it.live("stops and goes on with its agent", () =>
    Effect.gen(function*() {
      const { entry, start } = yield* makeHome
      const zag = yield* start(["ps", "run", "--", "sleep", "300"])
      const { pid } = yield* entry((entry) => entry.pid !== zag.pid)
      // A program that is stopped would not mind the end of the scope.
      yield* Effect.addFinalizer(() => Effect.andThen(endIfAlive(pid), endIfAlive(zag.pid)))
      process.kill(zag.pid, "SIGTSTP")
      yield* until(Effect.map(stateOf(zag.pid), (state) => state === "T"))
      yield* until(Effect.map(stateOf(pid), (state) => state === "T"))
      process.kill(zag.pid, "SIGCONT")
      yield* until(Effect.map(stateOf(pid), (state) => state === "S"))
      process.kill(zag.pid, "SIGTERM")
      assert.strictEqual((yield* zag.ended).exitCode, 143)
    }).pipe(Effect.scoped, Effect.provide(services)))

  it.live("leaves the truth to be found when it is killed itself", () =>
    Effect.gen(function*() {
      const { entry, run, start } = yield* makeHome
      const zag = yield* start(["ps", "run", "--", "sleep", "300"])
      const { id, pid } = yield* entry((entry) => entry.pid !== zag.pid)
      yield* Effect.addFinalizer(() => endIfAlive(pid))
      const liveStatus = Effect.map(run(["ps", "show", id, "--json"]), ({ stdout }) => parseJson(stdout))
      process.kill(zag.pid, "SIGKILL")
      yield* until(Effect.map(isAlive(zag.pid), (alive) => !alive))
      assert.deepInclude(yield* liveStatus, { status: "running", live_status: "running", pid })
      process.kill(pid, "SIGTERM")
      yield* until(Effect.map(isAlive(pid), (alive) => !alive))
      assert.deepInclude(yield* liveStatus, { status: "running", live_status: "dead", pid })
    }).pipe(Effect.scoped, Effect.provide(services)))

  it.live("lets the agent decide what a signal means", () =>
    Effect.gen(function*() {
      const { entries, start } = yield* makeHome
      const agent = "trap 'echo bye; exit 0' TERM; echo ready; while :; do sleep 0.1; done"
      const zag = yield* start(["ps", "run", "--", "sh", "-c", agent])
      const output = yield* zag.handle.stdout.pipe(
        Stream.decodeText(),
        Stream.splitLines,
        Stream.tap((line) => Effect.sync(() => line === "ready" && process.kill(zag.pid, "SIGTERM"))),
        Stream.runCollect
      )
      assert.deepStrictEqual(Array.from(output), ["ready", "bye"])
      assert.strictEqual(yield* zag.handle.exitCode, 0)
      assert.deepInclude((yield* entries)[0], { status: "exited", exit_code: 0 })
    }).pipe(Effect.scoped, Effect.provide(services)))

  it.live("says so and ends as shells do when the command cannot be started", () =>
    Effect.gen(function*() {
      const { directory, entries, run } = yield* makeHome
      assert.deepStrictEqual(yield* run(["ps", "run", "--", "no-such-command"]), {
        exitCode: 127,
        stdout: "",
        stderr: "Error: Command not found: no-such-command\n"
      })
      assert.strictEqual((yield* run(["ps", "run", "--", directory])).exitCode, 126)
      assert.deepStrictEqual((yield* entries).map(({ exit_code, status }) => [status, exit_code]), [
        ["killed", 127],
        ["killed", 126]
      ])
    }).pipe(Effect.scoped, Effect.provide(services)))

  it.live("tells as a failure to start what Node throws", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const { directory, entries, file, run } = yield* makeHome
      yield* fs.symlink(`${directory}/loop`, `${directory}/loop`)
      for (
        const [command, exitCode, said] of [
          ["", 127, "Command not found: \"\""],
          [`${file}/x`, 126, `Command could not be started: ${file}/x (ENOTDIR)`],
          [`${directory}/loop`, 126, `Command could not be started: ${directory}/loop (ELOOP)`],
          [`/${"x".repeat(300)}`, 126, `Command could not be started: /${"x".repeat(300)} (ENAMETOOLONG)`]
        ] as const
      ) {
        const ended = yield* run(["ps", "run", "--", command])
        assert.deepStrictEqual(ended, { exitCode, stdout: "", stderr: `Error: ${said}\n` })
        assert.deepInclude((yield* entries).at(-1), { status: "killed", exit_code: exitCode })
      }
      assert.lengthOf(yield* entries, 4)
      const asJson = yield* run(["ps", "run", "--json", "--", `${file}/x`])
      assert.match(asJson.stderr, /^\{"error":\{"code":"spawn_failed",.*\}\}\n$/)
    }).pipe(Effect.scoped, Effect.provide(services)))

  it.live("starts nothing when it cannot be registered", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const { directory, file, run } = yield* makeHome
      yield* fs.makeDirectory(file)
      const ended = yield* run(["ps", "run", "--", "touch", `${directory}/started`])
      assert.strictEqual(ended.exitCode, 1)
      assert.match(
        ended.stderr,
        /^Error: Failed to read process store: .*processes\.json: it is not a file but a directory/
      )
      assert.isFalse(yield* fs.exists(`${directory}/started`))
    }).pipe(Effect.scoped, Effect.provide(services)))
})

describe("zag ps kill", () => {
  it.live("ends an agent, which its wrapper reports", () =>
    Effect.gen(function*() {
      const { entries, entry, run, start } = yield* makeHome
      const zag = yield* start(["ps", "run", "--", "sleep", "300"])
      const { id, pid } = yield* entry((entry) => entry.pid !== zag.pid)
      const killed = yield* run(["ps", "kill", id.slice(0, 8), "--json"])
      assert.deepStrictEqual(parseJson(killed.stdout), {
        id,
        pid,
        signal: "SIGTERM",
        status: "killed",
        ended: [{ pid, command: "sleep 300" }]
      })
      assert.isFalse(yield* isAlive(pid))
      assert.strictEqual((yield* zag.ended).exitCode, 143)
      assert.strictEqual((yield* entries)[0]?.status, "killed")
      const again = yield* run(["ps", "kill", id])
      assert.deepStrictEqual(again, {
        exitCode: 1,
        stdout: "",
        stderr: `Error: Process ${id} is not running (status: killed)\n`
      })
    }).pipe(Effect.scoped, Effect.provide(services)))

  for (const code of [0, 3]) {
    it.live(`stays killed when the agent then exits with ${code}`, () =>
      Effect.gen(function*() {
        const { entries, entry, run, start } = yield* makeHome
        const agent = `trap 'exit ${code}' TERM; echo ready; while :; do sleep 0.1; done`
        const zag = yield* start(["ps", "run", "--", "sh", "-c", agent])
        yield* firstLine(zag.handle.stdout)
        const { id } = yield* entry((entry) => entry.pid !== zag.pid)
        assert.strictEqual((yield* run(["ps", "kill", id])).exitCode, 0)
        assert.strictEqual(Number(yield* zag.handle.exitCode), code)
        assert.deepInclude((yield* entries)[0], { status: "killed", exit_code: code })
      }).pipe(Effect.scoped, Effect.provide(services)))
  }

  it.live("ends the agent that asks with `self`, but not by its id", () =>
    Effect.gen(function*() {
      const { directory, entries, run, zag } = yield* makeHome
      const ended = yield* run([
        "ps",
        "run",
        "--",
        "sh",
        "-c",
        `${zag} ps kill "$ZAG_PROCESS_ID"; echo "refused with $?"; ${zag} ps kill self > "$ZAG_HOME/answer"; echo survived`
      ])
      assert.strictEqual(ended.exitCode, 143)
      assert.strictEqual(ended.stdout, "refused with 1\n")
      // Its agent is gone, and its wrapper, when whoever asked says so.
      const [entry] = yield* entries
      const fs = yield* FileSystem.FileSystem
      const answer = `Process killed: ${entry!.pid} (${entry!.id})\n`
      yield* until(Effect.map(fs.readFileString(`${directory}/answer`), (text) => text === answer))
      assert.match(ended.stderr, /^Error: Refused to signal process .* it is an ancestor of the program that asks/)
      assert.strictEqual((yield* entries)[0]?.status, "killed")
    }).pipe(Effect.scoped, Effect.provide(services)))
})

describe("zag ps kill, of a tree", () => {
  /** An agent with two children, one in a session of its own; the end of the scope ends them. */
  const family = Effect.fnUntraced(function*(home: Effect.Success<typeof makeHome>) {
    const agent = "sleep 301 & first=$!; setsid sleep 302 & echo $first $!; wait"
    const zag = yield* home.start(["ps", "run", "--", "sh", "-c", agent])
    const children = (yield* firstLine(zag.handle.stdout)).split(" ").map(Number)
    yield* Effect.addFinalizer(() => Effect.forEach(children, endIfAlive))
    const { id, pid } = yield* home.entry((entry) => entry.pid !== zag.pid)
    return { zag, children, id, pid }
  })

  it.live("ends all that the agent started, and spares its wrapper", () =>
    Effect.gen(function*() {
      const home = yield* makeHome
      const { children, id, pid, zag } = yield* family(home)
      const killed = yield* home.run(["ps", "kill", "--grace", "20s", id])
      assert.deepStrictEqual(killed, {
        exitCode: 0,
        stdout: `Process killed: ${pid} (${id}) and 2 others\n`,
        stderr: ""
      })
      for (const child of children) assert.isFalse(yield* isAlive(child))
      // The wrapper lived to tell how its agent ended.
      assert.strictEqual(Number(yield* zag.handle.exitCode), 143)
      assert.strictEqual((yield* home.entries)[0]?.status, "killed")
    }).pipe(Effect.scoped, Effect.provide(services)))

  it.live("leaves them alone with --no-tree", () =>
    Effect.gen(function*() {
      const home = yield* makeHome
      const { children, id, pid } = yield* family(home)
      const killed = yield* home.run(["ps", "kill", "--no-tree", id])
      assert.strictEqual(killed.stdout, `Process killed: ${pid} (${id})\n`)
      assert.isFalse(yield* isAlive(pid))
      for (const child of children) assert.isTrue(yield* isAlive(child))
    }).pipe(Effect.scoped, Effect.provide(services)))
})

describe("zag ps stop", () => {
  it.live("sends SIGHUP and does not wait", () =>
    Effect.gen(function*() {
      const { entry, run, start } = yield* makeHome
      const agent = "trap 'exit 9' HUP; echo ready; while :; do sleep 0.1; done"
      const zag = yield* start(["ps", "run", "--", "sh", "-c", agent])
      // Once it has said so, the agent minds the signal.
      yield* firstLine(zag.handle.stdout)
      const { id, pid } = yield* entry((entry) => entry.pid !== zag.pid)
      const stopped = yield* run(["ps", "stop", id])
      assert.deepStrictEqual(stopped, {
        exitCode: 0,
        stdout: `Stop signal sent to process ${pid} (${id})\n`,
        stderr: ""
      })
      assert.strictEqual(yield* zag.handle.exitCode, 9)
    }).pipe(Effect.scoped, Effect.provide(services)))
})
