import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Config, Effect, FileSystem } from "effect"
import { ChildProcess, ChildProcessSpawner } from "effect/process"
import { endedOf } from "../../packages/cli/test/endedOf.ts"
import { isAlive, makeHome, until } from "../../packages/cli/test/spawnZag.ts"
import {
  accepted,
  brokenSchemas,
  type ExitJson,
  refusedBySchema,
  rejected
} from "../../packages/core/test/resultCases.ts"
import { agentEntry, json, sessionOf, writeSessions } from "../../packages/core/test/sessions.ts"

/** A home of both programs with an agent that was launched with this. */
const makeAgent = Effect.fnUntraced(function*(exit: ExitJson | null) {
  const fs = yield* FileSystem.FileSystem
  const spawner = yield* ChildProcessSpawner.ChildProcessSpawner
  const bin = yield* Config.String("ZAG_BIN")
  const ours = yield* makeHome
  // `zag` knows no ZAG_HOME: its home is the parent of ours.
  const home = `${ours.directory}/home`
  yield* fs.makeDirectory(home)
  yield* fs.symlink(ours.directory, `${home}/.zag`)
  const { pid } = yield* spawner.spawn(ChildProcess.make("sleep", ["600"], { killSignal: "SIGKILL" }))
  yield* writeSessions(`${ours.directory}/projects/repo`, sessionOf({ exit }))
  yield* fs.writeFileString(ours.file, json({ processes: [yield* agentEntry(pid as number)] }))

  const zag = (args: ReadonlyArray<string>) =>
    Effect.scoped(Effect.flatMap(
      spawner.spawn(
        ChildProcess.make(bin, args, { env: { HOME: home, PATH: "/usr/bin:/bin" }, cwd: home, stdin: "ignore" })
      ),
      endedOf
    ))
  return {
    ours,
    zag,
    pid: pid as number,
    log: `${ours.directory}/projects/repo/logs/sessions/s1.jsonl`,
    kill: (result: string | undefined) => zag(["ps", "kill", "it", ...(result === undefined ? [] : ["--", result])]),
    output: zag(["output", "s1", "--root", "/repo"])
  }
})

const live = (name: string, test: Parameters<typeof it.live>[1]) => it.live(name, test, 300_000)

/** The places in the result that something is said of. */
const places = (lines: ReadonlyArray<string>) =>
  Array.from(new Set(lines.map((line) => / at (\/\S*)$/.exec(line)?.[1] ?? ""))).toSorted()

const atOnce = { concurrency: 4 }

describe("results beside the real zag", () => {
  live(
    "are accepted by it where they are here",
    () =>
      Effect.forEach(accepted, ({ exit, result }) =>
        Effect.gen(function*() {
          const { kill, pid } = yield* makeAgent(exit)
          const { exitCode, stderr } = yield* kill(result)
          assert.strictEqual(exitCode, 0, `${json(exit)} ${result}: ${stderr}`)
          // It does not wait for that.
          yield* until(Effect.map(isAlive(pid), (alive) => !alive))
        }).pipe(Effect.scoped), atOnce).pipe(Effect.provide(NodeServices.layer))
  )

  live(
    "are refused by it with the same words",
    () =>
      Effect.forEach(rejected, ({ exit, rejected, result }) =>
        Effect.gen(function*() {
          const { kill, pid } = yield* makeAgent(exit)
          assert.deepStrictEqual(yield* kill(result), { exitCode: 1, stdout: "", stderr: `Error: ${rejected}\n` })
          assert.isTrue(yield* isAlive(pid))
        }).pipe(Effect.scoped), atOnce).pipe(Effect.provide(NodeServices.layer))
  )

  live(
    "are refused by it at the same places",
    () =>
      Effect.forEach(refusedBySchema, ({ result, schema, violations }) =>
        Effect.gen(function*() {
          const { kill } = yield* makeAgent({ schema })
          const { exitCode, stderr } = yield* kill(result)
          assert.strictEqual(exitCode, 1)
          const [title, ...lines] = stderr.trimEnd().split("\n")
          assert.strictEqual(
            title,
            "Error: Result failed JSON-schema validation. Fix the result and call kill again:",
            json(schema)
          )
          assert.deepStrictEqual(places(lines), places(violations), stderr)
        }).pipe(Effect.scoped), atOnce).pipe(Effect.provide(NodeServices.layer))
  )

  live(
    "are refused by it when the schema is broken",
    () =>
      Effect.forEach(brokenSchemas, (schema) =>
        Effect.gen(function*() {
          const { kill } = yield* makeAgent({ schema })
          const { exitCode, stderr } = yield* kill("1")
          assert.strictEqual(exitCode, 1, json(schema))
          assert.include(stderr, "\n  - Invalid JSON schema: ", json(schema))
        }).pipe(Effect.scoped), atOnce).pipe(Effect.provide(NodeServices.layer))
  )

  live("are read back by it as they were recorded here", () =>
    Effect.forEach(
      ["42", "two\nlines \"quoted\" \\ \u0007 😀\u2028", "{\"a\": [1, 2]}", "x".repeat(100_000)],
      (result) =>
        Effect.gen(function*() {
          const fs = yield* FileSystem.FileSystem
          const { log, output, ours, pid, zag } = yield* makeAgent(null)
          yield* fs.makeDirectory(log.replace(/\/[^/]*$/, ""), { recursive: true })
          // Another result before it, and a line that was never ended.
          yield* fs.writeFileString(
            log,
            "{\"seq\":6,\"ts\":\"2026-11-22T07:38:17+00:00\",\"provider\":\"claude\",\"wrapper_session_id\":\"s1\"," +
              "\"provider_session_id\":null,\"source_kind\":\"wrapper\",\"completeness\":\"full\"," +
              "\"type\":\"session_result\",\"result\":\"old\"}\n{\"seq\":7,"
          )
          const killed = yield* ours.run(["ps", "kill", "it", "-"], { stdin: result })
          assert.deepStrictEqual(killed, {
            exitCode: 0,
            stdout: `Process killed: ${pid} (it)\nResult recorded in ${log}\n`,
            stderr: ""
          })
          assert.strictEqual((yield* output).stdout, `${result}\n`)
          assert.include((yield* zag(["ps", "show", "it"])).stdout, "Status:      killed")
        }).pipe(Effect.scoped)
    ).pipe(Effect.provide(NodeServices.layer)))
})
