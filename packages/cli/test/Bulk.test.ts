import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { besideTwoAgents } from "./exchange.ts"
import { parseJson, runCli } from "./runCli.ts"
import { makeHome, services, until } from "./spawnZag.ts"
import { areInstalled, makeTerminal } from "./tmux.ts"

const entry = (id: string, pid: number, fields: object = {}) => ({
  id,
  pid,
  provider: "claude",
  model: "sonnet",
  command: "run",
  started_at: "2026-11-22T10:00:00Z",
  status: "running",
  ...fields
})

const file = JSON.stringify({
  processes: [
    entry("one", 101),
    entry("two", 102, { provider: "codex" }),
    entry("three", 103),
    entry("gone", 104),
    entry("ended", 105, { status: "exited" })
  ]
})

const processes = [{ pid: 101 }, { pid: 102 }, { pid: 103 }, { pid: 105 }]

const statuses = (registry: string | null) =>
  Object.fromEntries(
    (parseJson(registry ?? "") as { processes: Array<{ id: string; status: string }> }).processes
      .map(({ id, status }) => [id, status])
  )

const untouched = { one: "running", two: "running", three: "running", gone: "running", ended: "exited" }

const zag = (args: ReadonlyArray<string>, options: Parameters<typeof runCli>[1] = {}) =>
  runCli(["ps", ...args], { file, processes, ...options })

describe("kill --all", () => {
  it.effect("ends all that run, and says so of each", () =>
    Effect.gen(function*() {
      const { after, exitCode, stderr, stdout } = yield* zag(["kill", "--all", "--yes"])
      assert.deepStrictEqual(stdout.split("\n").toSorted(), [
        "",
        "Process killed: 101 (one)",
        "Process killed: 102 (two)",
        "Process killed: 103 (three)"
      ])
      assert.strictEqual(exitCode, 0)
      assert.match(stderr, /^ID +PID .*\n(?:(?:one|two|three) +10. .*\n){3}3 processes would be killed\.\n$/)
      assert.deepStrictEqual(statuses(after), { ...untouched, one: "killed", two: "killed", three: "killed" })
    }))

  it.effect("ends those that match", () =>
    Effect.gen(function*() {
      const { after, exitCode, stdout } = yield* zag(["kill", "--all", "-p", "codex", "-y"])
      assert.deepStrictEqual({ exitCode, stdout }, { exitCode: 0, stdout: "Process killed: 102 (two)\n" })
      assert.deepStrictEqual(statuses(after), { ...untouched, two: "killed" })
    }))

  it.effect("spares what it runs in", () =>
    Effect.gen(function*() {
      const { after, exitCode, stderr } = yield* zag(["kill", "--all", "-y"], { env: { ZAG_PROCESS_ID: "one" } })
      assert.strictEqual(exitCode, 0)
      assert.include(
        stderr,
        "2 processes would be killed.\nSpared: one, which this runs in; to end it as well, say self."
      )
      assert.deepStrictEqual(statuses(after), { ...untouched, two: "killed", three: "killed" })
    }))

  it.effect("says so when nobody else is left", () =>
    Effect.gen(function*() {
      const { exitCode, stdout } = yield* zag(["kill", "--all", "-p", "codex"], { env: { ZAG_PROCESS_ID: "two" } })
      const spared = "Spared: two, which this runs in; to end it as well, say self."
      assert.deepStrictEqual({ exitCode, stdout }, { exitCode: 0, stdout: `No running process matches.\n${spared}\n` })
    }))

  it.effect("says which survive, and ends with 1", () =>
    Effect.gen(function*() {
      const stubborn = [{ pid: 101 }, { pid: 102, foreign: true }]
      const { after, exitCode, stderr, stdout } = yield* zag(["kill", "--all", "-y"], { processes: stubborn })
      assert.deepStrictEqual({ exitCode, stdout }, { exitCode: 1, stdout: "Process killed: 101 (one)\n" })
      assert.include(stderr, "Error: Failed to signal process two: pid 102 belongs to another user")
      assert.deepInclude(statuses(after), { one: "killed", two: "running" })
    }))

  it.effect("answers scripts with an array, failures in their place", () =>
    Effect.gen(function*() {
      const { exitCode, stderr, stdout } = yield* zag(["kill", "--all", "--yes", "--json"], {
        processes: [{ pid: 101 }, { pid: 102, foreign: true }]
      })
      assert.deepStrictEqual({ exitCode, stderr }, { exitCode: 1, stderr: "" })
      const [two, one, ...rest] = parseJson(stdout) as Array<{ id: string }>
      assert.deepInclude(one as object, { id: "one", status: "killed" })
      assert.deepNestedInclude(two as object, { id: "two", "error.code": "signal_not_permitted" })
      assert.deepStrictEqual(rest, [])
    }))

  it.effect("signals nothing with --dry-run", () =>
    Effect.gen(function*() {
      const { after, exitCode, stderr, stdout } = yield* zag(["kill", "--all", "--dry-run", "-p", "codex"])
      assert.deepStrictEqual({ exitCode, stderr }, { exitCode: 0, stderr: "" })
      assert.match(stdout, /\ntwo .*\n1 process would be killed\.\n$/)
      assert.strictEqual(after, file)
      const json = yield* zag(["kill", "--all", "--dry-run", "-p", "codex", "--json"])
      assert.deepStrictEqual((parseJson(json.stdout) as Array<{ id: string }>).map(({ id }) => id), ["two"])
    }))

  it.effect("signals nothing where there is nobody to ask", () =>
    Effect.gen(function*() {
      const { after, exitCode, stderr } = yield* zag(["kill", "--all"])
      assert.strictEqual(exitCode, 1)
      assert.include(stderr, "there is no terminal to ask at. Say --yes to have 3 processes killed.\n")
      assert.strictEqual(after, file)
    }))

  it.effect("has nothing to do when none match", () =>
    Effect.gen(function*() {
      const { exitCode, stderr, stdout } = yield* zag(["kill", "--all", "-p", "gemini"])
      assert.deepStrictEqual([exitCode, stdout, stderr], [0, "No running process matches.\n", ""])
      assert.strictEqual((yield* zag(["kill", "--all", "-p", "gemini", "--json"])).stdout, "[]\n")
    }))
})

describe("stop of several", () => {
  it.effect("signals each that is named, and ends with 1 when one was not running", () =>
    Effect.gen(function*() {
      const { exitCode, stderr, stdout } = yield* zag(["stop", "one", "ended", "thr"])
      assert.strictEqual(exitCode, 1)
      // In the order in which it was done.
      assert.deepStrictEqual(stdout.split("\n").toSorted(), [
        "",
        "Stop signal sent to process 101 (one)",
        "Stop signal sent to process 103 (three)"
      ])
      assert.strictEqual(stderr, "Error: Process ended is not running (status: exited)\n")
    }))

  it.live("signals all that match, and waits for them", () =>
    Effect.gen(function*() {
      const { exitCode, stdout } = yield* zag(["stop", "--all", "-p", "claude", "--yes", "--wait", "--json"])
      assert.strictEqual(exitCode, 0)
      assert.deepStrictEqual(
        (parseJson(stdout) as Array<object>).map((each) =>
          Object.entries(each).filter(([key]) => /id|has|sig/.test(key))
        ),
        [
          [["id", "three"], ["pid", 103], ["signal", "SIGHUP"], ["has_ended", true]],
          [["id", "one"], ["pid", 101], ["signal", "SIGHUP"], ["has_ended", true]]
        ]
      )
    }))
})

describe("wrong usage", () => {
  it.effect.each<readonly [ReadonlyArray<string>, string]>([
    [["kill"], "Say which processes: by id, or --all with filters"],
    [["stop"], "Say which processes: by id, or --all with filters"],
    [["kill", "one", "--all"], "An id and --all cannot be used together"],
    [["stop", "one", "two", "--all"], "An id and --all cannot be used together"],
    [["kill", "one", "-p", "claude"], "Filters, --dry-run and --yes need --all"],
    [["stop", "one", "--dry-run"], "Filters, --dry-run and --yes need --all"],
    [["kill", "one", "-y"], "Filters, --dry-run and --yes need --all"],
    [["kill", "one", "--since", "2h"], "Filters, --dry-run and --yes need --all"],
    [["kill", "--all", "--here", "--root", "/"], "--root and --here cannot be used together"]
  ])("%j ends with 2 and signals nothing", ([args, message]) =>
    Effect.gen(function*() {
      const { after, exitCode, stderr } = yield* zag(args)
      assert.strictEqual(exitCode, 2)
      assert.include(stderr, message)
      assert.strictEqual(after, file)
    }))
})

describe.skipIf(!areInstalled("tmux", "bash"))("kill --all at a terminal", () => {
  it.live("shows what it would end, and does it when the answer is yes", () =>
    Effect.gen(function*() {
      const { entries, key, shows, type, zag } = yield* makeTerminal("alone")
      yield* type(`${zag} ps run -d -p codex --label team=b -- sleep 300; ${zag} ps run -d -p claude -- sleep 300`)
      yield* until(Effect.map(entries, (all) => all.length === 2 && all.every(({ pid }) => pid > 0)))
      const status = (provider: string) =>
        Effect.map(entries, (all) => all.find((entry) => entry.provider === provider)?.status)

      yield* type(`${zag} ps kill --all -p codex; echo "ended with $?"`)
      yield* shows(/codex[^]*1 process would be killed\.[^]*Kill 1 process\? .*\(y\/N\)/)
      yield* key("n")
      yield* shows(/Nothing was signalled\.\nended with 1/)
      assert.strictEqual(yield* status("codex"), "running")

      yield* type(`clear; ${zag} ps kill --all -p codex; echo "ended with $?"`)
      yield* shows(/\(y\/N\)/)
      yield* key("C-c")
      yield* shows(/ended with 1/)
      assert.strictEqual(yield* status("codex"), "running")

      yield* type(`clear; ${zag} ps kill --all --label team=b; echo "ended with $?"`)
      yield* shows(/\(y\/N\)/)
      yield* key("y")
      yield* shows(/Process killed: [^]*ended with 0/)
      assert.strictEqual(yield* status("codex"), "killed")
      assert.strictEqual(yield* status("claude"), "running")
      yield* type(`${zag} ps kill --all --yes`)
      yield* until(Effect.map(status("claude"), (status) => status === "killed"))
    }).pipe(Effect.scoped, Effect.provide(services)))
})

describe.skipIf(!areInstalled("tmux", "bash")).each(["kill", "stop"])("%s --all at a terminal", (command) => {
  it.live("spares what takes the place of a process while the question is open", () =>
    Effect.gen(function*() {
      const { bothLive, exchange, key, shows, type, zag } = yield* besideTwoAgents
      yield* type(`${zag} ps ${command} --all -p codex; echo "ended with $?"`)
      yield* shows(/\(y\/N\)/)
      yield* exchange
      yield* key("y")
      yield* shows(/is not the one that was[^]*ended with 1/)
      assert.isTrue(yield* bothLive)
    }).pipe(Effect.scoped, Effect.provide(services)))
})

describe("one after the other, for real", () => {
  it.live("ends a parent and a child that were both chosen", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const { directory, entries, run, zag } = yield* makeHome
      yield* run(["ps", "run", "-d", "--", "sh", "-c", `${zag} ps run -- sleep 300`], {})
      yield* until(Effect.map(entries, (all) => all.length === 2))
      const { exitCode, stderr, stdout } = yield* run(["ps", "kill", "--all", "--yes", "--grace", "20s"])
      assert.strictEqual(exitCode, 0, stderr)
      assert.match(stdout, /killed/)
      assert.deepStrictEqual((yield* entries).map(({ status }) => status), ["killed", "killed"])
      assert.isTrue(yield* fs.exists(`${directory}/processes.json`))
    }).pipe(Effect.scoped, Effect.provide(services)))
})
