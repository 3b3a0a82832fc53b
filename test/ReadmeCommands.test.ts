import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Config, Effect, FileSystem, Schedule } from "effect"
import { ChildProcess, ChildProcessSpawner } from "effect/process"
// @effect-diagnostics-next-line nodeBuiltinImport:off -- what the tests are is read while they are collected
import { spawnSync } from "node:child_process"
// @effect-diagnostics-next-line nodeBuiltinImport:off -- as above
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { endedOf } from "../packages/cli/test/endedOf.ts"

const root = fileURLToPath(new URL("..", import.meta.url))
const readme = readFileSync(`${root}/README.md`, "utf8")

const linesOf = (pattern: RegExp) => pattern.exec(readme)![1]!.trim().split("\n")

const commands = linesOf(/\n## On the command line\n\n```sh\n([^]*?)```/)
const oneLiners = linesOf(/\nIn scripts, [^]*?```sh\n([^]*?)```/)

const hasJq = spawnSync("sh", ["-c", "command -v jq"]).status === 0

/** What goes on until Ctrl-C. */
const endless = /^zag ps (?:-w|events)\b/

// No process has it.
const nobody = 2 ** 31 - 2

const entry = (id: string, fields: object) => ({
  id,
  pid: nobody,
  provider: "claude",
  model: "sonnet",
  command: "run",
  started_at: "2026-01-01T00:00:00Z",
  status: "running",
  ...fields
})

const registry = JSON.stringify({
  processes: [
    entry("dead", {}),
    entry("killed", { status: "killed", exit_code: 1, prompt: "Fix the build", exited_at: "2026-01-01T01:00:00Z" })
  ]
})

/** A home with a stale entry, one that was killed and two agents that run, and `zag` on the path. */
const makeShell = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const spawner = yield* ChildProcessSpawner.ChildProcessSpawner
  const home = yield* Effect.acquireRelease(
    fs.makeTempDirectory({ prefix: "zag-readme-" }),
    // What runs in the background may be writing there still.
    (home) =>
      Effect.orDie(Effect.retry(fs.remove(home, { recursive: true }), { schedule: Schedule.spaced("20 millis") }))
  )
  yield* fs.makeDirectory(`${home}/bin`)
  const bin = `${root}/packages/cli/src/bin.ts`
  const program = (name: string, command: string) =>
    fs.writeFileString(`${home}/bin/${name}`, `#!/bin/sh\nexec ${command}\n`, { mode: 0o755 })
  yield* program("zag", `'${process.execPath}' --conditions=@zag/source '${bin}' "$@"`)
  yield* program("claude", "echo fixed")
  yield* program("codex", "echo fixed")
  yield* fs.writeFileString(`${home}/processes.json`, registry)

  const path = yield* Config.String("PATH")

  /** Runs a line in bash; one that is endless for ten seconds. */
  const bash = (line: string) =>
    Effect.scoped(Effect.gen(function*() {
      const [program, ...args] = [...(endless.test(line) ? ["timeout", "-s", "INT", "10"] : []), "bash", "-c", line]
      const handle = yield* spawner.spawn(ChildProcess.make(program!, args, {
        env: {
          HOME: home,
          ZAG_HOME: home,
          ZAG_PROCESS_ID: undefined,
          ZAG_SESSION_ID: undefined,
          PATH: `${home}/bin:${path}`
        },
        extendEnv: true,
        cwd: home
      }))
      return yield* endedOf(handle)
    }))

  yield* Effect.acquireRelease(
    bash("zag ps run -d -- sleep 600; zag ps run -d --session s -p codex -- sleep 600"),
    () => Effect.ignore(bash("zag ps kill --all --yes"))
  )
  return { bash, home }
})

type Expectation = (result: { exitCode: number; stdout: string; stderr: string }) => void

const succeeds = (stdout: RegExp): Expectation => (result) => {
  assert.match(result.stdout, stdout)
  assert.deepInclude(result, { exitCode: 0, stderr: "" })
}

const expectations: ReadonlyArray<readonly [beginning: string, Expectation]> = [
  ["zag ps list --running -q | xargs -n1 zag ps kill", succeeds(/^(Process killed: \d+ \([^)]*\)\n){2}$/)],
  ["zag ps list -q --status dead | wc -l", succeeds(/^1\n$/)],
  ["zag ps list --json | jq", succeeds(/^Fix the build\n$/)],
  ["id=$(zag ps run -d -- sleep 1) && zag ps wait", succeeds(/: exited \(0\)\nit has succeeded\n$/)],
  ["zag ps show \"$(zag ps list -q -n 1)\"", succeeds(/^null\n$/)],
  ["zag ps list --running --usage --jsonl | jq", succeeds(/^$/)]
]

describe.skipIf(!hasJq)("the one-liners of the README", () => {
  it.live("do what they say", () =>
    Effect.gen(function*() {
      const { bash } = yield* makeShell
      // The first one ends what the others look at.
      for (const line of oneLiners.toReversed()) {
        const expectation = expectations.find(([beginning]) => line.startsWith(beginning))
        assert.isDefined(expectation, `no test knows ${line}`)
        expectation![1](yield* bash(line))
      }
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)))
})

describe("the commands of the README", () => {
  it.live("are all understood", () =>
    Effect.gen(function*() {
      const { bash } = yield* makeShell
      // The ids of the README are nobody's here: a command may fail, but not because it was written wrongly.
      const results = yield* Effect.forEach(
        commands,
        (line) => Effect.map(bash(line), ({ exitCode, stderr }) => ({ line, exitCode, stderr })),
        { concurrency: 4 }
      )
      const wrong = results.filter(({ exitCode, stderr }) => exitCode === 2 || stderr.includes("--help"))
      assert.deepStrictEqual(wrong, [])
      assert.isAtLeast(results.filter(({ exitCode }) => exitCode === 0).length, 10)
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)))
})
