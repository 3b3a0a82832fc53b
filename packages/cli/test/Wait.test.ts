import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { parseJson, runCli } from "./runCli.ts"
import { makeHome, services } from "./spawnZag.ts"

const entry = (id: string, status: string, exitCode: number | null, pid = 4242) => ({
  id,
  pid,
  provider: "claude",
  model: "sonnet",
  command: "run",
  started_at: "2026-11-22T10:00:00Z",
  status,
  exit_code: exitCode
})

const file = JSON.stringify({
  processes: [
    entry("good", "exited", 0),
    entry("bad", "killed", 7),
    entry("lost", "killed", null),
    entry("trapped", "killed", 0),
    entry("odd", "killed", -1),
    entry("busy", "running", null)
  ]
})

const options = { file, processes: [{ pid: 4242 }] }

describe("zag ps stop, and wait", () => {
  const busy = JSON.stringify({ processes: [entry("busy", "running", null)] })
  const sent = "Stop signal sent to process 4242 (busy)\n"

  it.effect.each<readonly [string, ReadonlyArray<string>, ReadonlyArray<"SIGHUP">, number, string]>([
    ["does not wait unless it is told to", [], ["SIGHUP"], 0, sent],
    ["waits until it has ended", ["--wait"], [], 0, `${sent}busy: dead (exit code unknown)\n`],
    ["waits so long", ["--timeout", "50ms"], ["SIGHUP"], 124, `${sent}busy: still running\n`]
  ])("%s", ([, args, ignores, exitCode, stdout]) =>
    Effect.gen(function*() {
      const result = yield* runCli(["ps", "stop", "busy", ...args], {
        file: busy,
        processes: [{ pid: 4242, ignores }]
      })
      assert.deepInclude(result, { exitCode, stdout, stderr: "" })
    }).pipe(TestClock.withLive))

  it.effect("says both to scripts", () =>
    Effect.gen(function*() {
      const { stdout } = yield* runCli(["ps", "stop", "busy", "--wait", "--json"], {
        file: busy,
        processes: [{ pid: 4242 }]
      })
      assert.deepStrictEqual(parseJson(stdout), {
        id: "busy",
        pid: 4242,
        signal: "SIGHUP",
        status: "signalled",
        ended: [],
        live_status: "dead",
        has_ended: true,
        exit_code: null
      })
    }).pipe(TestClock.withLive))
})

describe("zag ps wait", () => {
  it.effect.each(
    [
      [["good"], 0, "good: exited (0)\n"],
      [["bad"], 7, "bad: killed (7)\n"],
      [["trapped"], 1, "trapped: killed (0)\n"],
      [["odd"], 1, "odd: killed (-1)\n"],
      [["bad", "good"], 1, "bad: killed (7)\ngood: exited (0)\n"],
      [["lost"], 1, "lost: killed (exit code unknown)\n"],
      [["good", "busy", "--timeout", "0"], 124, "good: exited (0)\nbusy: still running\n"],
      [["busy", "good", "--any"], 0, "busy: still running\ngood: exited (0)\n"],
      [["busy", "bad", "--any"], 1, "busy: still running\nbad: killed (7)\n"],
      [["busy", "--any", "--timeout", "0ms"], 124, "busy: still running\n"]
    ] as const
  )("%j", ([args, exitCode, stdout]) =>
    Effect.gen(function*() {
      const result = yield* runCli(["ps", "wait", ...args], options)
      assert.deepStrictEqual({ exitCode: result.exitCode, stdout: result.stdout, stderr: result.stderr }, {
        exitCode,
        stdout,
        stderr: ""
      })
      assert.strictEqual(result.after, file)
    }))

  it.effect("prints an array for scripts", () =>
    Effect.gen(function*() {
      const { exitCode, stdout } = yield* runCli(["ps", "wait", "bad", "busy", "--timeout", "0", "--json"], options)
      assert.strictEqual(exitCode, 124)
      assert.deepStrictEqual(parseJson(stdout), [
        { id: "bad", pid: 4242, live_status: "killed", has_ended: true, exit_code: 7 },
        { id: "busy", pid: 4242, live_status: "running", has_ended: false, exit_code: null }
      ])
    }))

  it.effect.each([["5x"], [""], ["-1"], ["1h 30m"]])(
    "wants a duration: %j",
    ([timeout]) =>
      Effect.gen(function*() {
        const { exitCode, stderr } = yield* runCli(["ps", "wait", "busy", `--timeout=${timeout}`], options)
        assert.strictEqual(exitCode, 2)
        assert.include(stderr, "--timeout")
        assert.include(stderr, "a duration such as 500ms, 5s or 1h30m")
      })
  )

  it.effect("tells which of the ids names nothing, and does not wait for the others", () =>
    Effect.gen(function*() {
      const { exitCode, stderr, stdout } = yield* runCli(["ps", "wait", "busy", "nobody"], options)
      assert.strictEqual(exitCode, 1)
      assert.strictEqual(stdout, "")
      assert.strictEqual(stderr, "Error: Process not found: nobody\n")
    }))

  it.live("ends when a real process does, with its exit code", () =>
    Effect.gen(function*() {
      const zag = yield* makeHome
      const agent = yield* zag.start(["ps", "run", "--", "sh", "-c", "read line; exit 5"], { stdin: "" })
      yield* zag.entry(({ provider }) => provider === "sh")
      const { exitCode, stdout } = yield* zag.run(["ps", "wait", (yield* zag.entries)[0]!.id])
      assert.match(stdout, /: killed \(5\)\n$/)
      assert.strictEqual(exitCode, 5)
      assert.strictEqual((yield* agent.ended).exitCode, 5)
    }).pipe(Effect.scoped, Effect.provide(services)))
})
