import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { DatabaseSync } from "node:sqlite"
import { parseJson } from "./runCli.ts"
import { makeHome, services } from "./spawnZag.ts"

const finished = (id: string, day: number) => ({
  id,
  pid: 4242,
  provider: "claude",
  model: "sonnet",
  command: "run",
  started_at: `2026-11-0${day}T10:00:00Z`,
  status: "exited",
  exit_code: 0,
  exited_at: null,
  parent_process_id: null,
  parent_session_id: null
})

const registryOf = (...processes: ReadonlyArray<object>) => JSON.stringify({ processes }, null, 2)

const ids = (stdout: string) => (parseJson(stdout) as Array<{ id: string }>).map(({ id }) => id)

describe("zag ps list --archived", () => {
  it.live("shows what has moved out of the registry, and show finds it", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const { entries, file, run } = yield* makeHome
      yield* fs.writeFileString(file, registryOf(finished("old", 1), finished("new", 2)))
      // Any change moves what is beyond the limit.
      assert.strictEqual((yield* run(["ps", "run", "--", "true"], { env: { ZAG_PS_RETENTION: "1" } })).exitCode, 0)
      assert.strictEqual((yield* entries).length, 1)
      assert.deepStrictEqual(ids((yield* run(["ps", "list", "--json"])).stdout), [(yield* entries)[0]!.id])
      const archived = ids((yield* run(["ps", "list", "--archived", "--json"])).stdout)
      assert.deepStrictEqual(archived.slice(1), ["new", "old"])
      assert.include((yield* run(["ps", "show", "ol"])).stdout, "Process ID:  old\n")
    }).pipe(Effect.scoped, Effect.provide(services)))

  it.live("tells of what cannot be read in it, and shows the rest", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const { directory, file, run } = yield* makeHome
      yield* fs.writeFileString(file, registryOf(finished("older", 1), finished("old", 2)))
      assert.strictEqual((yield* run(["ps", "prune", "--keep", "0"])).exitCode, 0)
      const database = new DatabaseSync(`${directory}/processes.db`)
      database.exec("UPDATE archive SET entry = '{' WHERE id = 'older'")
      database.close()
      const { exitCode, stderr, stdout } = yield* run(["ps", "list", "--archived", "--json"])
      assert.strictEqual(exitCode, 0)
      assert.deepStrictEqual(ids(stdout), ["old"])
      assert.match(
        stderr,
        /^Warning: entry [12] of the archive cannot be read and is left as it is: Expected object\n$/
      )
      assert.strictEqual((yield* run(["ps", "list"])).stderr, "")
      const unknown = yield* run(["ps", "show", "older"])
      assert.strictEqual(unknown.exitCode, 1)
      assert.match(unknown.stderr, /^Error: [^\n]*older[^\n]*\n$/)
    }).pipe(Effect.scoped, Effect.provide(services)))

  it.live("refuses a limit that is none", () =>
    Effect.gen(function*() {
      const { run } = yield* makeHome
      const { exitCode, stderr } = yield* run(["ps"], { env: { ZAG_PS_RETENTION: "many" } })
      assert.strictEqual(exitCode, 1)
      assert.match(stderr, /^Error: ZAG_PS_RETENTION is "many"; it must be how many .*\n$/)
    }).pipe(Effect.scoped, Effect.provide(services)))
})

describe("zag ps run beside a damaged registry", () => {
  it.live("runs, keeps the damaged file, and says so", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const { directory, entries, file, run } = yield* makeHome
      const damaged = registryOf(finished("kept", 1)).slice(0, -3)
      yield* fs.writeFileString(file, damaged)
      const { exitCode, stderr } = yield* run(["ps", "run", "--", "true"])
      assert.strictEqual(exitCode, 0)
      assert.match(
        stderr,
        /^Warning: .*processes\.json was damaged: .* It is kept as .*; the new one has .*: 1 entry\.\n$/
      )
      assert.deepStrictEqual((yield* entries).map(({ status }) => status), ["exited", "exited"])
      const kept = (yield* fs.readDirectory(directory)).filter((name) => name.startsWith("processes.json.corrupt-"))
      assert.strictEqual(kept.length, 1)
      assert.strictEqual(yield* fs.readFileString(`${directory}/${kept[0]}`), damaged)
    }).pipe(Effect.scoped, Effect.provide(services)))
})
