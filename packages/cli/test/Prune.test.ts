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

  it.effect("wants --older-than with --files, and no other condition", () =>
    Effect.gen(function*() {
      for (
        const args of [
          ["--files"],
          ["--files", "--keep", "0"],
          ["--files", "--older-than", "0s", "--keep", "0"],
          ["--files", "--older-than", "0s", "--root-gone"],
          ["--files", "--older-than", "0s", "--force", "--dry-run"],
          ["--older-than", "0s", "--force"],
          ["--older-than", "0s", "--keep-logs"]
        ]
      ) {
        const { after, exitCode } = yield* prune(...args)
        assert.deepStrictEqual({ args, exitCode, after }, { args, exitCode: 2, after: file })
      }
    }))

  const old = ["--older-than", "1d", "--files"]

  /** A marker of a session without a process, and one of a process that runs. */
  const pruneFiles = (...args: ReadonlyArray<string>) =>
    Effect.gen(function*() {
      yield* TestClock.setTime(Date.UTC(2026, 10, 5, 12))
      return yield* runCli(["ps", "prune", ...old, ...args], {
        ...options,
        file: file.replace("\"runs\",", "\"runs\",\"session_id\":\"live\","),
        prepare: (home) =>
          Effect.gen(function*() {
            const fs = yield* FileSystem.FileSystem
            yield* fs.makeDirectory(`${home}/events`)
            for (const id of ["gone", "live"]) {
              yield* fs.writeFileString(`${home}/events/${id}.started`, "{}")
              yield* fs.utimes(`${home}/events/${id}.started`, 1_000_000_000, 1_000_000_000)
            }
          })
      })
    })

  it.effect("shows with --files what else would go", () =>
    Effect.gen(function*() {
      const { exitCode, stderr, stdout } = yield* pruneFiles()
      assert.deepStrictEqual({ exitCode, stderr }, { exitCode: 0, stderr: "" })
      assert.strictEqual(
        stdout,
        `${rows}2 processes would be moved to the archive.\n` +
          "Would be deleted, and could not be brought back: 1 lifecycle marker.\nNothing was changed: that takes --force.\n"
      )
    }))

  it.effect("deletes it with --force", () =>
    Effect.gen(function*() {
      const { after, stdout } = yield* pruneFiles("--force")
      assert.isTrue(stdout.endsWith("Deleted: 1 lifecycle marker.\n"), stdout)
      assert.deepStrictEqual(idsOf(after), ["runs"])
    }))

  it.effect("counts it for scripts by the keys of zag gc", () =>
    Effect.gen(function*() {
      const { stdout } = yield* pruneFiles("--json")
      const { moved, ...counts } = parseJson(stdout) as { moved: ReadonlyArray<object> }
      assert.lengthOf(moved, 2)
      assert.deepStrictEqual<object>(counts, {
        dry_run: true,
        process_entries_removed: 2,
        lifecycle_markers_removed: 1,
        spawn_logs_removed: 0,
        session_logs_removed: 0
      })
    }))

  it.live("deletes real files for good only when told to", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const zag = yield* makeHome
      const marker = `${zag.directory}/events/gone.ended`
      yield* fs.makeDirectory(`${zag.directory}/events`)
      yield* fs.writeFileString(marker, "{}")
      yield* fs.utimes(marker, 1_000_000_000, 1_000_000_000)
      assert.strictEqual((yield* zag.run(["ps", "prune", ...old])).exitCode, 0)
      assert.isTrue(yield* fs.exists(marker))
      assert.strictEqual((yield* zag.run(["ps", "prune", ...old, "--force"])).exitCode, 0)
      assert.isFalse(yield* fs.exists(marker))
    }).pipe(Effect.scoped, Effect.provide(services)))

  it.live("keeps what it moves where list --archived and show find it", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const zag = yield* makeHome
      yield* fs.writeFileString(zag.file, file)
      assert.strictEqual((yield* zag.run(["ps", "prune", "--keep", "0"])).exitCode, 0)
      assert.notInclude(yield* fs.readFileString(zag.file), "\"one\"")
      assert.include((yield* zag.run(["ps", "list", "--archived"])).stdout, "one")
      assert.include((yield* zag.run(["ps", "show", "one"])).stdout, "Process ID:  one\n")
    }).pipe(Effect.scoped, Effect.provide(services)))
})
