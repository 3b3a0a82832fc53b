import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Sidecar } from "@zag/core/Sidecar"
import { ZagHome } from "@zag/core/ZagHome"
import { Effect, Layer } from "effect"
import { ChildProcess, ChildProcessSpawner } from "effect/process"
import { parseJson, runCli } from "./runCli.ts"
import { makeHome, services } from "./spawnZag.ts"

const entry = (id: string, fields: object = {}) => ({
  id,
  pid: 100 + Number(id),
  provider: "claude",
  model: "sonnet",
  command: "run",
  started_at: `2026-11-2${id}T10:00:00Z`,
  status: "running",
  ...fields
})

const here = process.cwd()

const old = JSON.stringify({ processes: [entry("1", { started_at: "1970-01-01T00:00:00Z" }), entry("2")] })

const file = JSON.stringify({
  processes: [
    entry("1", { root: here, model: "claude-opus-5" }),
    entry("2", { root: `${here}/packages/`, provider: "codex", session_id: "s" }),
    entry("3", { root: `${here}-other`, command: "exec" }),
    entry("4", { status: "killed", exit_code: 1, exited_at: "2026-11-24T11:00:00Z", model: "Opus" })
  ]
})

const processes = [
  { pid: 101, usage: { cpuPercent: 1.25, residentBytes: 192_937_984, elapsedMillis: 1 } },
  { pid: 102, usage: { cpuPercent: 50, residentBytes: 1024, elapsedMillis: 1 } }
]

const list = (...args: ReadonlyArray<string>) => runCli(["ps", "list", ...args], { file, processes })

describe("filters", () => {
  it.effect.each<readonly [ReadonlyArray<string>, string]>([
    [[], "4321"],
    [["--running"], "21"],
    [["--status", "dead"], "3"],
    [["--status", "dead", "--status", "killed"], "43"],
    [["--running", "--status", "dead"], ""],
    [["-p", "codex"], "2"],
    [["-p", "codex", "-p", "claude"], "4321"],
    [["-m", "opus"], ""],
    [["-m", "~opus"], "41"],
    [["-m", "~opus", "--running"], "1"],
    [["--command", "exec"], "3"],
    [["--session", "s"], "2"],
    [["--root", "."], "1"],
    [["--root", "./packages/../"], "1"],
    [["--root", "packages"], "2"],
    [["--here"], "21"],
    [["--since", "2026-11-23T10:00:00Z"], "43"],
    [["--until", "2026-11-23T10:00:00Z"], "321"],
    [["--since", "2026-11-22T00:00:00Z", "--until", "2026-11-23T00:00:00Z"], "2"],
    [["--sort", "started:asc"], "1234"],
    [["--sort", "pid", "-n", "2"], "12"],
    [["--sort", "status"], "2134"],
    [["--sort", "exited", "-n", "1"], "4"],
    [["--usage", "--sort", "cpu", "-n", "2"], "21"],
    [["--usage", "--sort", "mem", "-n", "2"], "12"]
  ])("%j", ([args, ids]) =>
    Effect.gen(function*() {
      const { exitCode, stderr, stdout } = yield* list(...args, "-q")
      assert.deepStrictEqual([exitCode, stderr], [0, ""])
      assert.strictEqual(stdout, Array.from(ids, (id) => `${id}\n`).join(""))
    }))

  it.effect("counts a duration back from now", () =>
    Effect.gen(function*() {
      // The clock of a test stands at the beginning of 1970.
      const { stdout } = yield* runCli(["ps", "-q", "--since", "2d", "--until", "0"], { file: old })
      assert.strictEqual(stdout, "1\n")
    }))
})

describe("forms", () => {
  it.effect("--jsonl is the elements of --json, one on each line", () =>
    Effect.gen(function*() {
      const { stdout: lines } = yield* list("--jsonl")
      const { stdout: json } = yield* list("--json")
      assert.deepStrictEqual(lines.trimEnd().split("\n").map(parseJson), parseJson(json))
      const { stdout: none } = yield* list("--jsonl", "-p", "nobody")
      assert.strictEqual(none, "")
    }))

  it.effect("--usage adds two keys to the JSON, in their places", () =>
    Effect.gen(function*() {
      const { stdout } = yield* list("--usage", "--jsonl")
      const objects = stdout.trimEnd().split("\n").map(parseJson) as ReadonlyArray<Record<string, unknown>>
      assert.deepStrictEqual(
        objects.map(({ cpu_percent, resident_bytes }) => [cpu_percent, resident_bytes]),
        [[null, null], [null, null], [50, 1024], [1.25, 192_937_984]]
      )
      for (const object of objects) assert.deepStrictEqual(Object.keys(object), Object.keys(object).toSorted())
      const { stdout: without } = yield* list("--json")
      assert.notInclude(without, "cpu_percent")
    }))

  it.effect("--columns are those of the table, in this order", () =>
    Effect.gen(function*() {
      const { stdout } = yield* list("--usage", "--running", "--columns", "mem,CPU, id,session")
      assert.strictEqual(stdout, "MEM   CPU    ID  SESSION\n1.0K  50.0%  2   s\n184M  1.3%   1   -\n")
    }))

  it.effect("marks nothing in what programs read", () =>
    Effect.gen(function*() {
      const { stdout } = yield* list("--running", "--columns", "status")
      assert.strictEqual(stdout, "STATUS\nrunning\nrunning\n")
    }))
})

const labelled = (home: string) =>
  Effect.gen(function*() {
    const sidecar = yield* Sidecar
    yield* sidecar.label({ id: "1", labels: { team: "red", stage: "test" }, identity: undefined })
    yield* sidecar.label({ id: "2", labels: { team: "blue" }, identity: undefined })
    yield* sidecar.label({ id: "4", labels: { team: "red" }, identity: undefined })
  }).pipe(
    Effect.orDie,
    Effect.provide(Sidecar.layerSqlite.pipe(Layer.provide(ZagHome.layerAt(home)), Layer.provide(NodeServices.layer)))
  )

const listLabelled = (...args: ReadonlyArray<string>) => runCli(["ps", ...args], { file, processes, prepare: labelled })

describe("labels", () => {
  it.effect.each<readonly [ReadonlyArray<string>, string]>([
    [["--label", "team"], "421"],
    [["--label", "team=red"], "41"],
    [["--label", "team=red", "--label", "team=blue"], "421"],
    [["--label", "team=red", "--label", "stage"], "1"],
    [["--label", "team", "--running", "-n", "1"], "2"],
    [["--label", "team=yellow"], ""]
  ])("%j", ([args, ids]) =>
    Effect.gen(function*() {
      const { exitCode, stderr, stdout } = yield* listLabelled(...args, "-q")
      assert.deepStrictEqual([exitCode, stderr], [0, ""])
      assert.strictEqual(stdout, Array.from(ids, (id) => `${id}\n`).join(""))
    }))

  it.effect("are a column for who asks for it", () =>
    Effect.gen(function*() {
      const { stdout } = yield* listLabelled("--running", "--columns", "id,labels")
      assert.strictEqual(stdout, "ID  LABELS\n2   team=blue\n1   stage=test, team=red\n")
      assert.include((yield* listLabelled("--columns", "labels,id", "-n", "2")).stdout, "\n-         3")
    }))

  it.effect("are in the JSON, in order", () =>
    Effect.gen(function*() {
      const { stdout } = yield* listLabelled("--jsonl")
      const lines = stdout.trimEnd().split("\n")
      const labels = lines.map((line) => (parseJson(line) as { labels: unknown }).labels)
      assert.deepStrictEqual(labels, [{ team: "red" }, {}, { team: "blue" }, { stage: "test", team: "red" }])
      assert.include(lines[3], "\"labels\":{\"stage\":\"test\",\"team\":\"red\"},\"live_status\"")
    }))
})

const styles = (env: Record<string, string>, ...args: ReadonlyArray<string>) =>
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  Effect.map(runCli(["ps", ...args], { file, processes, env }), ({ stdout }) => stdout.split(/\u001B\[\d+m/).length - 1)

describe("colours", () => {
  it.effect.each<readonly [Record<string, string>, boolean]>([
    [{}, false],
    [{ FORCE_COLOR: "1" }, true],
    [{ FORCE_COLOR: "0" }, false],
    [{ FORCE_COLOR: "" }, false],
    [{ CLICOLOR_FORCE: "1" }, true],
    [{ CLICOLOR_FORCE: "0" }, false],
    [{ CLICOLOR: "1" }, false],
    [{ CLICOLOR: "0", FORCE_COLOR: "1" }, true],
    [{ FORCE_COLOR: "0", CLICOLOR_FORCE: "1" }, false],
    [{ NO_COLOR: "1", FORCE_COLOR: "1", CLICOLOR_FORCE: "1" }, false],
    [{ TERM: "dumb", FORCE_COLOR: "1" }, false]
  ])("in a pipe with %j: %j", ([env, colored]) =>
    Effect.gen(function*() {
      assert.strictEqual(yield* styles(env), colored ? 8 : 0)
    }))

  it.effect.each([["--json"], ["--jsonl"], ["-q"]])("are never in %s", ([flag]) =>
    Effect.gen(function*() {
      assert.strictEqual(yield* styles({ FORCE_COLOR: "1" }, flag!), 0)
    }))
})

describe("wrong usage", () => {
  it.effect.each<readonly [ReadonlyArray<string>, string]>([
    [["--status", "alive"], "\"running\" | \"dead\" | \"exited\" | \"killed\" | \"unknown\""],
    [["--columns", "id,nope"], "id, pid, status, cpu, mem, provider, model"],
    [["--columns", ""], "--columns"],
    [["--columns", "constructor"], "--columns"],
    [["--sort", "size"], "started, status, provider, model, command, pid, exited, cpu, mem"],
    [["--sort", "pid:up"], "FIELD:asc or FIELD:desc"],
    [["--sort", "pid:asc:desc"], "FIELD:asc or FIELD:desc"],
    [["--label", "=red"], "Expected: a key that is not empty"],
    [["--label", ""], "Expected: a key that is not empty"],
    [["--label", "a b"], "Expected: a key without whitespace"],
    [["--since", "soon"], "a duration such as 2h"],
    [["--until", "2026-11-31"], "an RFC 3339 time"],
    [["--sort", "cpu"], "--sort cpu needs --usage"],
    [["--columns", "id,mem"], "The column mem needs --usage"],
    [["-q", "--jsonl"], "--jsonl and --quiet cannot be used together"],
    [["-q", "--columns", "id"], "--quiet and --columns cannot be used together"],
    [["--root", ".", "--here"], "--root and --here cannot be used together"]
  ])("%j", ([args, message]) =>
    Effect.gen(function*() {
      for (const command of [["ps"], ["ps", "list"]]) {
        const { exitCode, stderr, stdout } = yield* runCli([...command, ...args], { file })
        assert.deepStrictEqual([exitCode, stdout], [2, ""])
        // With --jsonl the error is JSON.
        assert.include(stderr.replaceAll("\\\"", "\""), message)
      }
    }))

  it.live.each([["--here"], ["--root", "project"]])("%j needs the current directory", (args) =>
    Effect.gen(function*() {
      const spawner = yield* ChildProcessSpawner.ChildProcessSpawner
      const { directory, zag } = yield* makeHome
      const script = `mkdir "$HOME/gone" && cd "$HOME/gone" && rmdir "$HOME/gone" && ${zag} ps list "$@" 2>&1`
      const command = ChildProcess.make("/bin/sh", ["-c", script, "sh", ...args], {
        env: { HOME: directory, ZAG_HOME: directory },
        extendEnv: true
      })
      assert.strictEqual(
        yield* spawner.string(command),
        `Error: The current directory, which ${args[0]} needs, does not exist any more. ` +
          "Change to one that does, or name one with --root and its whole path\n"
      )
    }).pipe(Effect.scoped, Effect.provide(services)))

  it.effect("is JSON where JSON was asked for", () =>
    Effect.gen(function*() {
      const { exitCode, stderr } = yield* list("-q", "--json")
      assert.strictEqual(exitCode, 2)
      assert.deepStrictEqual(parseJson(stderr), {
        error: { code: "usage", message: "--json and --quiet cannot be used together" }
      })
    }))
})
