import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem, Stream } from "effect"
import { ChildProcess, ChildProcessSpawner } from "effect/process"
import { endIfAlive, firstLine, makeHome, services } from "./spawnZag.ts"

const registryOf = (id: string) =>
  JSON.stringify({
    processes: [{
      id,
      pid: 4242,
      provider: "claude",
      model: "",
      command: "run",
      started_at: "2026-11-22T10:00:00Z",
      status: "exited"
    }]
  })

/** A home in which a process has ended, and left this log. */
const makeLog = Effect.fnUntraced(function*(id: string, log?: Uint8Array) {
  const fs = yield* FileSystem.FileSystem
  const home = yield* makeHome
  yield* fs.writeFileString(home.file, registryOf(id))
  yield* fs.makeDirectory(`${home.directory}/logs/ps`, { recursive: true })
  const path = `${home.directory}/logs/ps/${id}.log`
  if (log !== undefined) yield* fs.writeFile(path, log)
  return { ...home, path }
})

describe("zag ps logs", () => {
  it.live("prints what was said, byte for byte", () =>
    Effect.gen(function*() {
      const bytes = Uint8Array.from({ length: 200_000 }, (_, n) => n % 256)
      const { start } = yield* makeLog("ended", bytes)
      const { handle } = yield* start(["ps", "logs", "end"])
      const printed = yield* Stream.runCollect(handle.stdout)
      assert.strictEqual(yield* handle.exitCode, 0)
      assert.isTrue(Buffer.concat(printed).equals(bytes))
    }).pipe(Effect.scoped, Effect.provide(services)))

  it.live("follows one that has ended to the end of its log only", () =>
    Effect.gen(function*() {
      const { run } = yield* makeLog("ended", new TextEncoder().encode("said\n"))
      assert.deepStrictEqual(yield* run(["ps", "logs", "-f", "ended"]), { exitCode: 0, stdout: "said\n", stderr: "" })
    }).pipe(Effect.scoped, Effect.provide(services)))

  it.live("follows one that runs until it has ended, and prints the last of it", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const { directory, entry, run, start } = yield* makeHome
      yield* run([
        "ps",
        "run",
        "-d",
        "--",
        "sh",
        "-c",
        `echo first; until [ -e ${directory}/go ]; do sleep 0.1; done; echo last`
      ])
      const { id, pid } = yield* entry(({ status }) => status === "running")
      yield* Effect.addFinalizer(() => endIfAlive(pid))
      const { handle } = yield* start(["ps", "logs", "--follow", id])
      const printed: Array<string> = []
      yield* handle.stdout.pipe(
        Stream.decodeText(),
        Stream.runForEach((text) => {
          printed.push(text)
          return printed.join("") === "first\n" ? fs.writeFileString(`${directory}/go`, "") : Effect.void
        })
      )
      assert.strictEqual(printed.join(""), "first\nlast\n")
      assert.strictEqual(yield* handle.exitCode, 0)
    }).pipe(Effect.scoped, Effect.provide(services)))

  it.live("is silent when its reader has seen enough", () =>
    Effect.gen(function*() {
      const spawner = yield* ChildProcessSpawner.ChildProcessSpawner
      const { directory, zag } = yield* makeLog("ended", new TextEncoder().encode("line\n".repeat(1_000_000)))
      const pipe = `{ ${zag} ps logs ended; echo $? > ${directory}/code; } | head -1`
      const handle = yield* spawner.spawn(ChildProcess.make("sh", ["-c", pipe], {
        env: { HOME: directory, ZAG_HOME: directory },
        extendEnv: true
      }))
      assert.strictEqual(yield* firstLine(handle.stdout), "line")
      assert.strictEqual(yield* Stream.mkString(Stream.decodeText(handle.stderr)), "")
      yield* handle.exitCode
      const fs = yield* FileSystem.FileSystem
      assert.strictEqual(yield* fs.readFileString(`${directory}/code`), "0\n")
    }).pipe(Effect.scoped, Effect.provide(services)))

  it.live("says who writes logs where there is none", () =>
    Effect.gen(function*() {
      const { path, run } = yield* makeLog("ended")
      assert.deepStrictEqual(yield* run(["ps", "logs", "ended"]), {
        exitCode: 1,
        stdout: "",
        stderr: `Error: Process ended has no log: only zag ps run --detach writes one (${path})\n`
      })
      const unknown = yield* run(["ps", "logs", "nobody", "--json"])
      assert.include(unknown.stderr, "\"code\":\"process_not_found\"")
    }).pipe(Effect.scoped, Effect.provide(services)))

  it.live("does not follow an id out of the directory of the logs", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const { directory, run } = yield* makeLog("../../secret")
      yield* fs.writeFileString(`${directory}/secret.log`, "secret")
      const { exitCode, stdout } = yield* run(["ps", "logs", "../../secret"])
      assert.deepStrictEqual({ exitCode, stdout }, { exitCode: 1, stdout: "" })
    }).pipe(Effect.scoped, Effect.provide(services)))
})
