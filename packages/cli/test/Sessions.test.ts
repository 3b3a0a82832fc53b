import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { eventOf } from "../../core/test/logOnDisk.ts"
import { at, run, withLog } from "./givenSession.ts"
import { parseJson } from "./runCli.ts"
import { makeHome, services } from "./spawnZag.ts"

describe("zag ps env", () => {
  it.effect.each([
    [["env", "s1"], "ZAG_ROOT=/repo/it's\n"],
    [["env", "s1", "--shell"], "export ZAG_ROOT='/repo/it'\\''s';\n"],
    [["env", "s1", "--fish"], "set -gx ZAG_ROOT '/repo/it\\'s';\n"]
  ])("%j ends with %s", ([args, line]) =>
    Effect.gen(function*() {
      const { exitCode, stderr, stdout } = yield* run(args as ReadonlyArray<string>)
      assert.deepStrictEqual({ exitCode, stderr }, { exitCode: 0, stderr: "" })
      assert.lengthOf(stdout.trimEnd().split("\n"), 6)
      assert.isTrue(stdout.endsWith(line as string), stdout)
    }))

  it.effect("gives scripts an object", () =>
    Effect.map(run(["env", "s1", "--json"]), ({ stdout }) =>
      assert.deepStrictEqual(parseJson(stdout), {
        ZAG_SESSION_ID: "s1",
        ZAG_SESSION_NAME: "Fred",
        ZAG_PROCESS_ID: "p1",
        ZAG_PROVIDER: "claude",
        ZAG_MODEL: "opus",
        ZAG_ROOT: "/repo/it's"
      })))

  it.effect("prints nothing but an error for a session that nobody knows", () =>
    Effect.gen(function*() {
      const { exitCode, stderr, stdout } = yield* run(["env", "s2", "--shell"])
      assert.deepStrictEqual({ exitCode, stdout }, { exitCode: 1, stdout: "" })
      assert.match(stderr, /^Error: Session not found: s2/)
    }))

  it.effect("takes one form", () =>
    Effect.map(run(["env", "--shell", "--fish"]), ({ exitCode }) => assert.strictEqual(exitCode, 2)))
})

describe("zag ps status", () => {
  it.effect("prints one word", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* run(["status", "s1"])).stdout, "idle\n")
      assert.strictEqual((yield* run(["status", "s1"], withLog(1))).stdout, "running\n")
    }))

  it.effect("gives scripts the object of zag", () =>
    Effect.map(run(["status", "s1", "--json"]), ({ stdout }) =>
      assert.strictEqual(
        stdout,
        `{"session_id":"s1","status":"idle","provider":"claude","model":"opus","name":"Fred","pid":4242,` +
          `"last_heartbeat_at":"${at}+00:00"}\n`
      )))

  it.effect("knows no other session", () =>
    Effect.map(
      run(["status", "s2"]),
      ({ exitCode, stdout }) => assert.deepStrictEqual({ exitCode, stdout }, { exitCode: 1, stdout: "" })
    ))
})

describe("zag ps cancel", () => {
  it.effect("says of each session what came of it, and fails when one could not be cancelled", () =>
    Effect.gen(function*() {
      const { exitCode, stderr, stdout } = yield* run(["cancel", "s1", "s2", "s1", "--reason", "no time"])
      assert.deepStrictEqual({ exitCode, stdout }, { exitCode: 1, stdout: "Cancelled session s1\n" })
      assert.strictEqual(
        stderr,
        "Error: Failed to cancel session s2: No session log found for 's2', nor a process that runs\n"
      )
    }))

  it.effect("gives scripts an array", () =>
    Effect.gen(function*() {
      const { exitCode, stderr, stdout } = yield* run(["cancel", "s1", "s2", "--json"])
      assert.deepStrictEqual({ exitCode, stderr }, { exitCode: 1, stderr: "" })
      assert.deepStrictEqual(parseJson(stdout), [
        { session_id: "s1", cancelled: true },
        {
          session_id: "s2",
          cancelled: false,
          error: "No session log found for 's2', nor a process that runs"
        }
      ])
      assert.strictEqual((yield* run(["cancel", "s1", "--json"])).exitCode, 0)
    }))

  it.effect("wants a session", () => Effect.map(run(["cancel"]), ({ exitCode }) => assert.strictEqual(exitCode, 2)))

  it.live("ends a real process, and writes to a real log", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const zag = yield* makeHome
      const { stdout } = yield* zag.run(["ps", "run", "-d", "--session", "s1", "--", "sleep", "300"])
      const id = stdout.trim()
      const log = `${zag.directory}/logs/sessions/s1.jsonl`
      yield* fs.makeDirectory(`${zag.directory}/logs/sessions`, { recursive: true })
      yield* fs.writeFileString(log, eventOf(1, "2026-11-25T10:00:00Z", "session_started"))
      assert.strictEqual((yield* zag.run(["ps", "status", "s1"])).stdout, "idle\n")
      assert.strictEqual((yield* zag.run(["ps", "list", "--idle", "1h", "-q"])).stdout, `${id}\n`)
      assert.deepStrictEqual(yield* zag.run(["ps", "cancel", "s1"]), {
        exitCode: 0,
        stdout: "Cancelled session s1\n",
        stderr: ""
      })
      yield* zag.run(["ps", "wait", id, "--timeout", "30s"])
      assert.include(yield* fs.readFileString(log), "\"error\":\"cancelled: cancelled by user\"")
      assert.strictEqual((yield* zag.run(["ps", "status", "s1"])).stdout, "failed\n")
      assert.include(
        (yield* zag.run(["ps", "env"], { env: { ZAG_SESSION_ID: "s1" } })).stdout,
        `ZAG_PROCESS_ID=${id}\n`
      )
    }).pipe(Effect.scoped, Effect.provide(services)))
})
