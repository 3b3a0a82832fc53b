import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { TestClock } from "effect/testing"
import { parseJson, runCli } from "./runCli.ts"
import { makeHome, services } from "./spawnZag.ts"

const entry = (id: string, day: number, status: string, exitCode: number | null) => ({
  id,
  pid: 4242,
  provider: "claude",
  model: "sonnet",
  command: "run",
  prompt: `do\n${id}`,
  started_at: `2026-11-0${day}T10:00:00Z`,
  status,
  exit_code: exitCode,
  exited_at: status === "running" ? null : `2026-11-0${day}T10:00:00Z`
})

const file = JSON.stringify({
  processes: [entry("one", 1, "exited", 0), entry("two", 2, "killed", 7), entry("runs", 1, "running", null)]
})

const options = { file, processes: [{ pid: 4242 }] }

const idsOf = (registry: string | null) =>
  (parseJson(registry ?? "") as { processes: Array<{ id: string }> }).processes.map(({ id }) => id)

const rows = "two  killed (7)  claude  3d  do two\none  exited (0)  claude  4d  do one\n"

const found = "zag ps list --archived and zag ps show still find"

const prune = (...args: ReadonlyArray<string>) =>
  Effect.andThen(TestClock.setTime(Date.UTC(2026, 10, 5, 12)), runCli(["ps", "prune", ...args], options))

describe("zag ps prune", () => {
  it.effect("prints what was moved, a line each, and a count", () =>
    Effect.gen(function*() {
      const { after, exitCode, stderr, stdout } = yield* prune("--keep", "0")
      assert.deepStrictEqual({ exitCode, stderr }, { exitCode: 0, stderr: "" })
      assert.strictEqual(stdout, `${rows}2 processes were moved to the archive; ${found} them.\n`)
      assert.deepStrictEqual(idsOf(after), ["runs"])
    }))

  it.effect("prints what would be moved, and moves nothing", () =>
    Effect.gen(function*() {
      const { after, exitCode, stdout } = yield* prune("--keep", "0", "--dry-run")
      assert.strictEqual(exitCode, 0)
      assert.strictEqual(stdout, `${rows}2 processes would be moved to the archive.\n`)
      assert.strictEqual(after, file)
    }))

  it.effect.each<readonly [ReadonlyArray<string>, ReadonlyArray<string>]>([
    [["--older-than", "3d12h"], ["two", "runs"]],
    [["--status", "killed"], ["one", "runs"]],
    [["--keep", "1"], ["two", "runs"]],
    [["--keep", "1", "--status", "killed"], ["one", "two", "runs"]],
    [["--root-gone"], ["one", "two", "runs"]]
  ])("%j leaves %j", ([args, left]) =>
    Effect.gen(function*() {
      const { after, exitCode } = yield* prune(...args)
      assert.strictEqual(exitCode, 0)
      assert.deepStrictEqual(idsOf(after), left)
    }))

  it.effect("says so when there is nothing to move", () =>
    Effect.gen(function*() {
      const { after, exitCode, stdout } = yield* prune("--older-than", "100d")
      assert.strictEqual(exitCode, 0)
      assert.strictEqual(stdout, "Nothing to move: no process that has ended meets all conditions.\n")
      assert.strictEqual(after, file)
    }))

  it.effect("wants a condition, and says which there are", () =>
    Effect.gen(function*() {
      const { after, exitCode, stderr, stdout } = yield* prune("--dry-run")
      assert.deepStrictEqual({ exitCode, stdout }, { exitCode: 2, stdout: "" })
      for (const flag of ["--older-than", "--keep", "--status", "--root-gone"]) assert.include(stderr, flag)
      assert.strictEqual(after, file)
    }))

  it.effect("wants one in JSON as well", () =>
    Effect.gen(function*() {
      const { exitCode, stderr } = yield* prune("--json")
      assert.strictEqual(exitCode, 2)
      assert.deepInclude((parseJson(stderr) as { error: object }).error, { code: "usage" })
    }))

  it.effect.each([["--keep=-1"], ["--keep=x"], ["--status=running"], ["--older-than=soon"]])(
    "refuses %s",
    ([flag]) =>
      Effect.gen(function*() {
        const { after, exitCode } = yield* prune(flag!)
        assert.strictEqual(exitCode, 2)
        assert.strictEqual(after, file)
      })
  )

  it.effect("gives scripts the entries as they stood in the file", () =>
    Effect.gen(function*() {
      const { stdout } = yield* prune("--status", "exited", "--json")
      const answer = parseJson(stdout) as { dry_run: boolean; moved: ReadonlyArray<object> }
      assert.isFalse(answer.dry_run)
      assert.strictEqual(answer.moved.length, 1)
      assert.deepInclude(answer.moved[0], { ...entry("one", 1, "exited", 0), root: null, parent_process_id: null })
    }))

  it.live("keeps what it moves where list --archived and show find it", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const zag = yield* makeHome
      yield* fs.writeFileString(zag.file, file)
      assert.strictEqual((yield* zag.run(["ps", "prune", "--keep", "0"])).exitCode, 0)
      assert.notInclude(yield* fs.readFileString(zag.file), "\"one\"")
      assert.include((yield* zag.run(["ps", "list", "--archived"])).stdout, "one")
      assert.include((yield* zag.run(["ps", "show", "one"])).stdout, "Process ID:  one\n")
    }).pipe(Effect.scoped, Effect.provide(services)), 60_000)
})
