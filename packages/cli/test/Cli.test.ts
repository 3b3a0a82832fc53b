import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { parseJson, runCli } from "./runCli.ts"

const entry = (fields: object) => ({
  id: "aaaa-1",
  pid: 4242,
  provider: "claude",
  model: "sonnet",
  command: "run",
  started_at: "2026-11-22T10:00:00Z",
  status: "running",
  ...fields
})

const registry = (...entries: ReadonlyArray<unknown>) => JSON.stringify({ processes: entries })

describe("help", () => {
  it.effect.each(
    [
      [[], "zag <subcommand> [flags]"],
      [["--help"], "zag <subcommand> [flags]"],
      [["ps", "--help"], "zag ps <subcommand> [flags]"],
      [["ps", "list", "--help"], "zag ps list [flags]"],
      [["ps", "show", "-h"], "zag ps show [flags] <id>"],
      [["ps", "stop", "--help"], "zag ps stop [flags] [<id...>]"],
      [["ps", "kill", "--help"], "zag ps kill [flags] [<id>]"],
      [["ps", "wait", "--help"], "zag ps wait [flags] <id...>"],
      [["ps", "run", "--help"], "zag ps run [flags] <command...>"]
    ] as const
  )("%j is answered on stdout", ([args, usage]) =>
    Effect.gen(function*() {
      const result = yield* runCli(args)
      assert.strictEqual(result.exitCode, 0)
      assert.include(result.stdout, usage)
      assert.strictEqual(result.stderr, "")
    }))
})

describe("wrong usage", () => {
  it.effect.each(
    [
      [
        ["ps", "list", "--runing"],
        "Unrecognized flag: --runing in command zag ps list\n\n  Did you mean this?\n    --running"
      ],
      [["ps", "lst"], "Unknown subcommand \"lst\" for \"zag ps\"\n\n  Did you mean this?\n    list"],
      [["ps", "show"], "Missing required argument: id"],
      [["ps", "show", "a", "b"], "Unexpected positional argument: \"b\""],
      [["ps", "list", "-n", "-1"], "Invalid value for flag --limit: \"-1\". Expected: a whole number, 0 or more"],
      [["ps", "list", "-n", "1.5"], "Invalid value for flag --limit: \"1.5\""],
      [["ps", "-p", "claude", "show", "a"], "Unrecognized flag: --provider in command zag ps show"],
      [
        ["ps", "kill", "a", "--grace", "soon"],
        "Invalid value for flag --grace: \"soon\". Expected: a duration such as 500ms, 5s or 1h30m"
      ],
      [["ps", "kill", "a", "--grace", "5y"], "Invalid value for flag --grace: \"5y\""],
      [["ps", "run"], "Missing required argument: command"]
    ] as const
  )("%j ends with 2 and says what is wrong on stderr", ([args, message]) =>
    Effect.gen(function*() {
      const result = yield* runCli(args)
      assert.strictEqual(result.exitCode, 2)
      assert.strictEqual(result.stdout, "")
      assert.isTrue(result.stderr.startsWith(`Error: ${message}`), result.stderr)
      assert.match(result.stderr, /For more information, try 'zag ps.* --help'\.\n$/)
      assert.isNull(result.after)
    }))

  it.effect("is JSON where JSON was asked for", () =>
    Effect.gen(function*() {
      const { exitCode, stderr } = yield* runCli(["ps", "show", "--json"])
      assert.strictEqual(exitCode, 2)
      assert.deepStrictEqual(parseJson(stderr), { error: { code: "usage", message: "Missing required argument: id" } })
    }))
})

describe("--json", () => {
  it.effect.each(
    [
      [["--json", "ps"]],
      [["ps", "--json"]],
      [["ps", "--json", "list"]],
      [["ps", "list", "--json"]]
    ] as const
  )("is understood in %j", ([args]) =>
    Effect.gen(function*() {
      const { stdout } = yield* runCli(args, { file: registry(entry({ status: "exited" })) })
      const [first] = parseJson(stdout) as ReadonlyArray<object>
      assert.deepInclude(first, { id: "aaaa-1", live_status: "exited" })
    }))

  it.effect("covers stop, kill and their failures", () =>
    Effect.gen(function*() {
      const options = { file: registry(entry({})), processes: [{ pid: 4242 }] }
      const stopped = yield* runCli(["ps", "stop", "aaaa", "--json"], options)
      assert.deepStrictEqual(parseJson(stopped.stdout), {
        id: "aaaa-1",
        pid: 4242,
        signal: "SIGHUP",
        status: "signalled",
        ended: []
      })
      const refused = yield* runCli(["ps", "--json", "kill", "aaaa-1"], { file: registry(entry({ pid: 0 })) })
      assert.strictEqual(refused.exitCode, 1)
      assert.deepStrictEqual(parseJson(refused.stderr), {
        error: {
          code: "not_running",
          message: "Process aaaa-1 is not running (status: dead): no process has pid 0"
        }
      })
    }))
})

describe("kill", () => {
  const options = {
    file: registry(entry({})),
    processes: [
      { pid: 4242, command: "claude" },
      { pid: 4243, parent: 4242, command: "make" },
      { pid: 4244, processId: "aaaa-1", command: "server" }
    ]
  }

  it.effect.each(
    [
      [[], "Process killed: 4242 (aaaa-1) and 2 others\n"],
      [["--tree"], "Process killed: 4242 (aaaa-1) and 2 others\n"],
      [["--no-tree"], "Process killed: 4242 (aaaa-1)\n"]
    ] as const
  )("%j says in one line what has ended", ([flags, stdout]) =>
    Effect.gen(function*() {
      assert.deepInclude(yield* runCli(["ps", "kill", "aaaa", ...flags], options), { exitCode: 0, stdout, stderr: "" })
    }))

  it.effect.each(
    [["TERM"], ["SIGTERM"], ["term"], ["15"], ["INT"], ["2"], ["USR1"], ["KILL"], ["9"]] as const
  )("asks with %j", ([signal]) =>
    Effect.gen(function*() {
      const { stdout } = yield* runCli(["ps", "kill", "aaaa", "--signal", signal, "--json"], options)
      const sent = parseJson(stdout) as { readonly signal: string }
      const name = ({ 15: "TERM", 2: "INT", 9: "KILL" } as Record<string, string>)[signal] ?? signal
      assert.strictEqual(sent.signal, `SIG${name.toUpperCase().replace("SIG", "")}`)
    }))

  it.effect.each([["STOP"], ["0"], ["19"], ["-9"], ["SIGSIGTERM"], [""], ["CONT"]])(
    "asks with nothing that ends no process: %j",
    ([signal]) =>
      Effect.gen(function*() {
        const { after, exitCode, stderr } = yield* runCli(["ps", "kill", "aaaa", `--signal=${signal}`], options)
        assert.strictEqual(exitCode, 2)
        assert.include(stderr, "one of HUP, INT, QUIT, TERM, USR1, USR2, KILL")
        assert.strictEqual(after, options.file)
      })
  )

  it.effect("names all that has ended in --json", () =>
    Effect.gen(function*() {
      const { stdout } = yield* runCli(["ps", "kill", "aaaa", "--json"], options)
      assert.deepStrictEqual(parseJson(stdout), {
        id: "aaaa-1",
        pid: 4242,
        signal: "SIGTERM",
        status: "killed",
        ended: [{ pid: 4242, command: "claude" }, { pid: 4243, command: "make" }, { pid: 4244, command: "server" }]
      })
    }))
})

describe("list", () => {
  it.effect("warns of entries that cannot be read and shows the others", () =>
    Effect.gen(function*() {
      const file = registry(entry({ pid: "4242" }), entry({ id: "bbbb", status: "exited" }))
      const { after, exitCode, stderr, stdout } = yield* runCli(["ps"], { file })
      assert.strictEqual(exitCode, 0)
      assert.match(stdout, /^ID .*\nbbbb .*\n$/)
      assert.match(
        stderr,
        /^Warning: entry 1 of .*processes\.json cannot be read and is left as it is: Expected number at \["pid"\]\n$/
      )
      assert.strictEqual(after, file)
    }))

  it.effect("applies every filter before the limit", () =>
    Effect.gen(function*() {
      const file = registry(
        entry({ id: "old", started_at: "2026-11-22T09:00:00Z", provider: "codex" }),
        entry({ id: "new", started_at: "2026-11-22T11:00:00Z" })
      )
      const { stdout } = yield* runCli(["ps", "-p", "codex", "-n", "1", "--running", "--json"], {
        file,
        processes: [{ pid: 4242 }]
      })
      assert.deepStrictEqual((parseJson(stdout) as Array<{ id: string }>).map(({ id }) => id), ["old"])
    }))
})

describe("failures", () => {
  it.effect.each(
    [
      ["an empty file", "", "it is empty"],
      ["no JSON", "{\"processes\":", "it is not JSON"],
      ["another shape", "{}", "it has no `processes`"],
      ["a list", "[]", "its top level is not an object"]
    ] as const
  )("%s is told in one line, and the file stays", ([, file, problem]) =>
    Effect.gen(function*() {
      const { after, exitCode, home, stderr, stdout } = yield* runCli(["ps"], { file })
      assert.strictEqual(exitCode, 1)
      assert.strictEqual(stdout, "")
      assert.isTrue(
        stderr.startsWith(`Error: Failed to parse process store: ${home}/processes.json: ${problem}`),
        stderr
      )
      assert.strictEqual(stderr.split("\n").length, 2)
      assert.strictEqual(after, file)
    }))

  it.effect("an ambiguous id lists the candidates", () =>
    Effect.gen(function*() {
      const file = registry(entry({ id: "aaaa-1" }), entry({ id: "aaaa-2" }))
      const { exitCode, stderr } = yield* runCli(["ps", "kill", "aaaa"], { file, processes: [{ pid: 4242 }] })
      assert.strictEqual(exitCode, 1)
      assert.strictEqual(
        stderr,
        "Error: Ambiguous process id: aaaa is the beginning of aaaa-1, aaaa-2. Give more of the id.\n"
      )
    }))
})
