import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { parseJson, runCli } from "./runCli.ts"
import { makeHome, services } from "./spawnZag.ts"

const entry = (id: string, parent: string | null, provider: string) => ({
  id,
  pid: 4242,
  provider,
  model: "sonnet",
  command: "run",
  started_at: "2026-11-22T10:00:00Z",
  status: "running",
  parent_process_id: parent
})

const options = {
  file: JSON.stringify({
    processes: [entry("top", null, "claude"), entry("middle", "top", "codex"), entry("own", "middle", "gemini")]
  }),
  processes: [{ pid: 4242 }],
  env: { ZAG_PROCESS_ID: "own", ZAG_PROVIDER: "gemini", ZAG_MODEL: "", ZAG_ROOT: "/a\u001B[2J\nb", ZAG_OTHER: "secret" }
}

describe("zag ps whoami", () => {
  it.effect("shows the entry, its parents up to the top, and the variables that are set", () =>
    Effect.gen(function*() {
      const { after, exitCode, stderr, stdout } = yield* runCli(["ps", "whoami"], options)
      assert.deepStrictEqual({ exitCode, stderr }, { exitCode: 0, stderr: "" })
      assert.strictEqual(
        stdout,
        `Process ID:        own
PID:               4242
Status:            running
Provider:          gemini
Model:             sonnet
Command:           run
Started:           2026-11-22T10:00:00Z
Parent process ID: middle

Started by:
  middle (codex)
  top (claude)

Environment:
  ZAG_PROCESS_ID=own
  ZAG_PROVIDER=gemini
  ZAG_ROOT=/a[2J b
`
      )
      assert.strictEqual(after, options.file)
    }))

  it.effect("has no parents where there are none", () =>
    Effect.gen(function*() {
      const { stdout } = yield* runCli(["ps", "whoami"], { ...options, env: { ZAG_PROCESS_ID: "top" } })
      assert.include(stdout, "Process ID:  top\n")
      assert.notInclude(stdout, "Started by")
    }))

  it.effect("gives scripts what show gives them, and the rest", () =>
    Effect.gen(function*() {
      assert.deepInclude(parseJson((yield* runCli(["ps", "whoami", "--json"], options)).stdout) as object, {
        id: "own",
        pid: 4242,
        live_status: "running",
        verified: false,
        parent_process_id: "middle",
        parents: [{ id: "middle", provider: "codex" }, { id: "top", provider: "claude" }],
        environment: { ZAG_PROCESS_ID: "own", ZAG_PROVIDER: "gemini", ZAG_ROOT: "/a\u001B[2J\nb" }
      })
    }))

  it.effect.each<readonly [string, Record<string, string>, string]>([
    [
      "outside a session",
      {},
      "Error: Cannot resolve \"self\": ZAG_PROCESS_ID is not set. Are you running inside a zag session?\n"
    ],
    ["when the registry does not know the session", { ZAG_PROCESS_ID: "gone" }, "Error: Process not found: gone\n"]
  ])("fails as self does %s", ([, env, message]) =>
    Effect.gen(function*() {
      const { exitCode, stderr, stdout } = yield* runCli(["ps", "whoami"], { ...options, env })
      assert.deepStrictEqual({ exitCode, stdout, stderr }, { exitCode: 1, stdout: "", stderr: message })
    }))

  it.live("tells an agent who it is, and who started it", () =>
    Effect.gen(function*() {
      const { entries, run, zag } = yield* makeHome
      const inner = `${zag} ps run -p inner -- ${zag} ps whoami --json`
      const { exitCode, stdout } = yield* run(["ps", "run", "-p", "outer", "--", "sh", "-c", inner])
      assert.strictEqual(exitCode, 0)
      const [outer, agent] = yield* entries
      assert.deepInclude(parseJson(stdout) as object, {
        id: agent!.id,
        provider: "inner",
        parents: [{ id: outer!.id, provider: "outer" }],
        environment: { ZAG_PROCESS_ID: agent!.id, ZAG_PROVIDER: "inner" }
      })
    }).pipe(Effect.scoped, Effect.provide(services)))
})
