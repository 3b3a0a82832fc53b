import { assert, describe, it, layer } from "@effect/vitest"
import { maxResultBytes } from "@zag/core/SessionLog"
import { Effect, FileSystem } from "effect"
import { impostors } from "../../core/test/impostors.ts"
import { type ExitJson, rejected } from "../../core/test/resultCases.ts"
import { json, sessionOf, writeSessions } from "../../core/test/sessions.ts"
import { startAgent } from "./agentOfSession.ts"
import { parseJson, runCli } from "./runCli.ts"
import { isAlive, services } from "./spawnZag.ts"

const entry = (fields: object = {}) => ({
  id: "it",
  pid: 4242,
  session_id: "s1",
  provider: "claude",
  model: "",
  command: "run",
  prompt: null,
  started_at: "1970-01-01T00:00:00+00:00",
  status: "running",
  exit_code: null,
  exited_at: null,
  root: "/repo",
  parent_process_id: null,
  parent_session_id: null,
  ...fields
})

interface Given {
  /** What the session was launched with. */
  readonly exit?: ExitJson
  /** Other words of its session than there would be. */
  readonly session?: Readonly<Record<string, unknown>>
  readonly files?: Readonly<Record<string, string | Uint8Array>>
  readonly fields?: object
}

/** Kills an agent whose process is there, with these words; `HOME` in them is its directory. */
const kill = (words: ReadonlyArray<string>, { exit, fields, files = {}, session }: Given = {}) =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const given = yield* fs.makeTempDirectoryScoped()
    const log = `${given}/s1.jsonl`
    for (const [name, content] of Object.entries(files)) {
      yield* fs.writeFile(`${given}/${name}`, typeof content === "string" ? Buffer.from(content) : content)
    }
    const result = yield* runCli(["ps", "kill", "it", ...words.map((word) => word.replace("HOME", given))], {
      file: json({ processes: [entry(fields)] }),
      processes: [{ pid: 4242 }],
      prepare: (home) =>
        writeSessions(`${home}/projects/repo`, sessionOf({ log_path: log, exit: exit ?? null, ...session }))
    })
    const recorded = (yield* fs.exists(log))
      ? (yield* fs.readFileString(log)).trimEnd().split("\n").map((line) =>
        (parseJson(line) as { readonly result: string }).result
      )
      : []
    const after = parseJson(result.after ?? "") as { readonly processes: ReadonlyArray<{ readonly status: string }> }
    return {
      ...result,
      stdout: result.stdout.replaceAll(given, "HOME"),
      stderr: result.stderr.replaceAll(given, "HOME"),
      recorded,
      status: after.processes[0]!.status
    }
  })

layer(services)("kill with a result", (it) => {
  it.effect("records the words as they are, and says where", () =>
    Effect.gen(function*() {
      assert.deepInclude(yield* kill([" 42\n"]), {
        exitCode: 0,
        stdout: "Process killed: 4242 (it)\nResult recorded in HOME/s1.jsonl\n",
        stderr: "",
        recorded: [" 42\n"],
        status: "killed"
      })
      assert.deepInclude(yield* kill([""]), { exitCode: 0, recorded: [""] })
      assert.deepInclude(yield* kill(["--", "-1"]), { exitCode: 0, recorded: ["-1"] })
    }))

  it.effect("records a file as it is, with the end of its last line", () =>
    Effect.gen(function*() {
      const given = { files: { result: "\uFEFF{\"a\": 1}\n" } }
      for (const words of [["--file", "HOME/result"], ["--file=HOME/result"]]) {
        assert.deepInclude(yield* kill(words, given), { exitCode: 0, recorded: ["\uFEFF{\"a\": 1}\n"] })
      }
    }))

  it.effect("tells scripts where the result is, and nothing of results when there is none", () =>
    Effect.gen(function*() {
      const { stdout } = yield* kill(["42", "--json"])
      assert.deepInclude(parseJson(stdout), { id: "it", status: "killed", result_recorded: "HOME/s1.jsonl" })
      assert.notInclude((yield* kill(["--json"])).stdout, "result")
    }))

  // That one would be read from standard input.
  const given = rejected.filter(({ result }) => result !== "-").map((one, index) => ({ one, index }))

  it.effect.each(given)(
    "refuses what will not do in the words of zag: $index",
    ({ one: { exit, rejected, result } }) =>
      Effect.gen(function*() {
        assert.deepInclude(yield* kill(result === undefined ? [] : ["--", result], { exit }), {
          exitCode: 1,
          stdout: "",
          stderr: `Error: ${rejected}\n`,
          recorded: [],
          status: "running"
        })
      })
  )

  it.effect("lists all that is wrong with a result, to scripts as well", () =>
    Effect.gen(function*() {
      const exit = { schema: { type: "object", required: ["a", "b"] } }
      const message = "Result failed JSON-schema validation. Fix the result and call kill again:\n" +
        "  - must have required property 'a'\n  - must have required property 'b'\n"
      assert.strictEqual((yield* kill(["{}"], { exit })).stderr, `Error: ${message}\n`)
      assert.deepStrictEqual(parseJson((yield* kill(["{}", "--json"], { exit })).stderr), {
        error: { code: "result_rejected", message }
      })
    }))

  it.effect("refuses one for a session that is not known, unless it may be discarded", () =>
    Effect.gen(function*() {
      const session = { session_id: "other" }
      const refused = yield* kill(["42"], { session })
      assert.deepInclude(refused, { exitCode: 1, stdout: "", status: "running" })
      assert.match(
        refused.stderr,
        /^Error: The result of process it cannot be recorded: no sessions\.json below .* has the session s1\. .* \(--discard-result\)\.\n$/
      )
      assert.deepInclude(yield* kill(["42", "--discard-result"], { session }), {
        exitCode: 0,
        stdout: "Process killed: 4242 (it)\n",
        recorded: [],
        status: "killed"
      })
      assert.deepInclude(yield* kill([], { session }), { exitCode: 0, status: "killed" })
    }))

  it.effect("ends a session that owes a result without one when that is asked for", () =>
    Effect.gen(function*() {
      const given = { exit: { hint: "the answer" } }
      assert.deepInclude(yield* kill([], given), { exitCode: 1, status: "running" })
      assert.deepInclude(yield* kill(["--discard-result"], given), { exitCode: 0, status: "killed", recorded: [] })
    }))

  it.effect.each<readonly [words: ReadonlyArray<string>, stderr: RegExp, files?: Given["files"]]>([
    [["--file", "HOME/none"], /^Error: Failed to read result file: HOME\/none: ENOENT: no such file or directory/],
    [["--file", "HOME"], /^Error: Failed to read result file: HOME: EISDIR/],
    [["--file", "HOME/x"], /^Error: Failed to read result file: HOME\/x: stream did not contain valid UTF-8\n$/, {
      x: new Uint8Array([0xff])
    }],
    [
      ["--file", "HOME/x"],
      /^Error: Failed to read result file: HOME\/x: it is longer than \d+ bytes\. Hand in where /,
      {
        x: "x".repeat(maxResultBytes + 1)
      }
    ]
  ])(
    "leaves the process alone when the result cannot be read: %s %s",
    ([words, stderr, files]) =>
      Effect.gen(function*() {
        const result = yield* kill(words, { files: files ?? {} })
        assert.deepInclude(result, { exitCode: 1, stdout: "", recorded: [], status: "running" })
        assert.match(result.stderr, stderr)
      })
  )

  it.effect.each<readonly [words: ReadonlyArray<string>, message: string]>([
    [["42", "--file", "x"], "RESULT and --file cannot be used together"],
    [["42", "more"], ""]
  ])("is asked wrongly: %j", ([words, message]) =>
    Effect.gen(function*() {
      const result = yield* kill(words)
      assert.deepInclude(result, { exitCode: 2, stdout: "", recorded: [], status: "running" })
      assert.include(result.stderr, message)
    }))
})

describe("kill --all", () => {
  it.effect("takes no result", () =>
    Effect.gen(function*() {
      for (const words of [["--all", "--file", "x"], ["--all", "it", "42"]]) {
        const { exitCode, stderr } = yield* runCli(["ps", "kill", ...words])
        assert.strictEqual(exitCode, 2)
        assert.include(stderr, "A result is that of one process: it cannot be used with --all")
      }
    }))

  it.effect("ends all but those that owe a result, and those as well when it may be discarded", () =>
    Effect.gen(function*() {
      const options = {
        file: json({ processes: [entry(), entry({ id: "other", pid: 4343, session_id: null })] }),
        processes: [{ pid: 4242 }, { pid: 4343 }],
        prepare: (home: string) => writeSessions(`${home}/projects/repo`, sessionOf({ exit: { hint: "the answer" } }))
      }
      const some = yield* runCli(["ps", "kill", "--all", "--yes"], options)
      assert.deepInclude(some, { exitCode: 1, stdout: "Process killed: 4343 (other)\n" })
      assert.include(some.stderr, "Error: Cannot terminate: a non-empty result is required (hint: the answer).")
      const all = yield* runCli(["ps", "kill", "--all", "--yes", "--discard-result"], options)
      assert.strictEqual(all.exitCode, 0, all.stderr)
      assert.lengthOf(all.stdout.trimEnd().split("\n"), 2)
    }))
})

layer(services, { excludeTestServices: true })("kill with a result, as a program", (it) => {
  it.effect("reads it from standard input, as it is", () =>
    Effect.gen(function*() {
      const { home, log, pid, results } = yield* startAgent
      const refused = yield* home.run(["ps", "kill", "it", "-"], { stdin: "no JSON\n" })
      assert.deepInclude(refused, { exitCode: 1, stdout: "" })
      assert.match(
        refused.stderr,
        /^Error: Result is not valid JSON: Invalid JSON: expected ident at line 1 column 2\. /
      )
      assert.isTrue(yield* isAlive(pid))
      assert.deepStrictEqual(yield* home.run(["ps", "kill", "it", "-"], { stdin: "[\"ä\"]\n" }), {
        exitCode: 0,
        stdout: `Process killed: ${pid} (it)\nResult recorded in ${log}\n`,
        stderr: ""
      })
      assert.isFalse(yield* isAlive(pid))
      assert.deepStrictEqual((yield* results).map(({ result }) => result), ["[\"ä\"]\n"])
    }))

  it.effect.skipIf(process.platform === "win32")(
    "does not wait for a FIFO in the place of the log",
    () =>
      Effect.gen(function*() {
        const { home, log, pid } = yield* startAgent
        yield* impostors[0].put(log)
        const refused = yield* home.run(["ps", "kill", "it", "1"])
        assert.deepStrictEqual(refused, {
          exitCode: 1,
          stdout: "",
          stderr:
            `Error: Failed to record session result: ${log}: it is not a regular file. Kill aborted — the process ` +
            "is still running. Retry once the underlying I/O error is resolved.\n"
        })
        assert.isTrue(yield* isAlive(pid))
      })
  )

  it.effect(
    "loads what checks a schema only when there is one, and what it takes to hand in only for that",
    () =>
      Effect.gen(function*() {
        const { home } = yield* startAgent
        const env = { NODE_OPTIONS: `--import=${new URL("loads.ts", import.meta.url).href}` }
        const loaded = (...words: ReadonlyArray<string>) =>
          Effect.map(
            home.run(["ps", ...words], { env }),
            ({ stderr }) => stderr.split("\n").filter((line) => /^\w+$/.test(line))
          )
        assert.deepStrictEqual(yield* loaded("list"), [])
        assert.deepStrictEqual(yield* loaded("kill", "none", "1"), [])
        assert.deepStrictEqual(yield* loaded("kill", "it", "no JSON"), ["handingIn", "sessionSearch"])
        const session = sessionOf({ exit: { schema: { type: "integer" } } })
        yield* writeSessions(`${home.directory}/projects/repo`, session)
        assert.deepStrictEqual(yield* loaded("kill", "it", "1.5"), ["handingIn", "sessionSearch", "ajvSchema"])
      })
  )
})
