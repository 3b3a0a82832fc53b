import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { at, entry, file, run, withLog } from "./givenSession.ts"
import { type Options, parseJson } from "./runCli.ts"

const shown = (options: Options) =>
  Effect.map(run(["show", "p1", "--json"], options), ({ stdout }) => parseJson(stdout) as object)

describe("the activity of a process", () => {
  it.effect("is a line of zag ps show", () =>
    Effect.gen(function*() {
      assert.include((yield* run(["show", "p1"])).stdout, `Activity:    idle, last event at ${at}Z\n`)
      assert.include((yield* run(["show", "p1"], withLog(1))).stdout, "Activity:    working, last event at ")
      assert.notInclude((yield* run(["show", "p1"], { file })).stdout, "Activity")
    }))

  it.effect("is, with the reason, unknown where the log cannot be read", () =>
    Effect.gen(function*() {
      const { stdout } = yield* run(["show", "p1"], {
        file,
        processes: [{ pid: entry.pid }],
        prepare: (home) =>
          Effect.flatMap(FileSystem.FileSystem, (fs) =>
            fs.makeDirectory(`${home}/projects/repo/logs/sessions/s1.jsonl`, { recursive: true }))
      })
      assert.match(stdout, /\nActivity: {4}unknown: .*s1\.jsonl: it is not a regular file\n/)
    }))

  it.effect("is in its JSON, when it runs", () =>
    Effect.gen(function*() {
      assert.deepInclude(yield* shown(withLog(60)), { activity: "idle", last_activity_at: `${at}+00:00` })
      const runs = { file, processes: [{ pid: entry.pid }] }
      assert.deepInclude(yield* shown(runs), { activity: "unknown", last_activity_at: null })
      assert.notProperty(yield* shown({ file }), "activity")
      assert.notProperty(yield* shown({ file }), "last_activity_at")
    }))

  it.effect("is what --idle goes by", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* run(["list", "--idle", "1m", "-q"])).stdout, "p1\n")
      assert.strictEqual((yield* run(["--idle", "61s", "-q"])).stdout, "")
      assert.include((yield* run(["stop", "--all", "--idle", "1m", "--dry-run"])).stdout, "1 process would be asked")
      assert.strictEqual((yield* run(["list", "--idle", "soon"])).exitCode, 2)
    }))
})
