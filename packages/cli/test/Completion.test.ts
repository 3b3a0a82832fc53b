import { assert, describe, it } from "@effect/vitest"
import { Config, Effect, FileSystem, Stream } from "effect"
import { ChildProcess, ChildProcessSpawner } from "effect/process"
import { runCli } from "./runCli.ts"
import { services } from "./spawnZag.ts"
import { areInstalled, makeTerminal } from "./tmux.ts"

const entry = (id: string, fields: object = {}) => ({
  id,
  pid: 101,
  provider: "claude",
  model: "opus",
  command: "run",
  prompt: "Fix the build",
  started_at: "2026-11-22T10:00:00Z",
  status: "running",
  ...fields
})

const registryOf = (...processes: ReadonlyArray<object>) => JSON.stringify({ processes })

const file = registryOf(
  entry("aaaa1111-runs", { session_id: "s1" }),
  entry("bbbb2222-dead", { pid: 102, prompt: null }),
  entry("bbbb3333-ended", { status: "exited", exit_code: 0, provider: "codex", prompt: "修复\n构建\t\u001B[2J" })
)

const runs = "aaaa1111\trunning claude: Fix the build"
const dead = "bbbb2222\tdead claude"
const ended = "bbbb3333\texited (0) codex: 修复 构建 [2J"

const complete = (words: ReadonlyArray<string>, options: Parameters<typeof runCli>[1] = {}) =>
  Effect.map(
    runCli(["ps", "__complete", "--", ...words], { file, processes: [{ pid: 101 }], ...options }),
    ({ exitCode, stderr, stdout }) => {
      assert.deepStrictEqual({ exitCode, stderr }, { exitCode: 0, stderr: "" })
      return stdout.trimEnd().split("\n")
    }
  )

/** Words as they are typed, the last one in the middle of it. */
const typed = (line: string) => line.split(" ")

describe("zag ps __complete", () => {
  it.effect.each<readonly [string, ReadonlyArray<string>]>([
    ["zag ", ["ps\tSee and end agent processes"]],
    ["zag ps st", ["stop\tAsk processes to end (SIGHUP)", "status\tShow how a session stands"]],
    ["zag-ps st", ["stop\tAsk processes to end (SIGHUP)", "status\tShow how a session stands"]],
    ["/usr/bin/zag-ps st", ["stop\tAsk processes to end (SIGHUP)", "status\tShow how a session stands"]],
    ["zag ps show ", [ended, dead, runs]],
    ["zag-ps show bbbb", [ended, dead]],
    ["zag ps show bbbb3333-e", ["bbbb3333-e\texited (0) codex: 修复 构建 [2J"]],
    ["zag ps tree ", [ended, dead, runs]],
    ["zag ps logs -f ", [ended, dead, runs]],
    ["zag ps stop ", [runs]],
    ["zag ps stop --wait ", [runs]],
    ["zag ps wait aaaa ", [runs]],
    ["zag ps kill ", [dead, runs]],
    ["zag ps kill aaaa ", []],
    ["zag ps kill pid:", ["pid:101\trunning claude: Fix the build"]],
    ["zag ps show pid:2", []],
    ["zag ps list --children pid:", []],
    // As bash takes it apart.
    ["zag ps kill pid :", ["101\trunning claude: Fix the build"]],
    ["zag-ps wait pid : 1", ["101\trunning claude: Fix the build"]],
    ["zag ps wait pid : 101 ", [runs]],
    ["zag ps tree pid : 101 ", []],
    ["zag ps list --children ", [ended, dead, runs]],
    ["zag ps list --status r", ["running"]],
    ["zag ps list --status=d", ["--status=dead"]],
    // As bash takes it apart.
    ["zag ps list --status = d", ["dead"]],
    ["zag ps list --status =", ["running", "dead", "exited", "killed", "unknown"]],
    ["zag ps --status k", ["killed"]],
    ["zag ps list --sort p", ["provider", "pid"]],
    ["zag ps list --columns id,mo", ["id,model"]],
    ["zag ps kill --signal K", ["KILL"]],
    ["zag ps list -p c", ["codex", "claude"]],
    ["zag ps list --provider cl", ["claude"]],
    ["zag ps list --session s", ["s1"]],
    ["zag ps status ", ["s1"]],
    ["zag ps cancel s1 ", ["s1"]],
    ["zag ps env ", ["s1"]],
    ["zag ps env s1 ", []],
    ["zag ps list --limit ", []],
    ["zag ps list --model op", ["opus"]],
    ["zag ps kill --gr", ["--grace\tThe time between that and SIGKILL, 5s by default. Such as 500ms, 5s or 1h30m; a…"]],
    ["zag ps kill --no", ["--no-tree"]],
    ["zag ps show --js", ["--json\tPrint one JSON value instead of text; errors too, on stderr"]],
    ["zag --v", ["--version\tShow version information"]],
    ["zag --completions z", ["zsh"]],
    ["zag ps whoami ", []],
    ["zag ps nothing ", []],
    ["zag run ", []],
    ["zag ps show -- ", []]
  ])("%s", ([line, candidates]) =>
    Effect.gen(function*() {
      assert.deepStrictEqual((yield* complete(typed(line))).toSorted(), ["values", ...candidates].toSorted())
    }))

  it.effect("knows where a directory or a command of its own is wanted", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* complete(typed("zag ps list --root ")), ["directories"])
      assert.deepStrictEqual(yield* complete(typed("zag ps list --root=bi")), ["directories"])
      assert.deepStrictEqual(yield* complete(typed("zag ps run --label a : b -- x : y")), ["command 8"])
      assert.deepStrictEqual(yield* complete(typed("zag ps run -p claude -- gi")), ["command 6"])
      assert.deepStrictEqual(yield* complete(typed("zag-ps run -- git ")), ["command 3"])
    }))

  it.effect("offers the newest first", () =>
    Effect.gen(function*() {
      const days = ["23", "25", "24"]
      const file = registryOf(...days.map((day) => entry(`of-${day}`, { started_at: `2026-11-${day}T10:00:00Z` })))
      const [, ...lines] = yield* complete(typed("zag ps stop "), { file })
      assert.deepStrictEqual(lines.map((line) => line.split("\t")[0]), ["of-25", "of-24", "of-23"])
    }))

  it.effect.each<readonly [string, ReadonlyArray<object>]>([
    ["the same id", [entry("same"), entry("same", { prompt: "Another" })]],
    ["ids that differ in case", [entry("a-b"), entry("A_B")]]
  ])(
    "offers one of two with %s, which bash would complete to what describes them",
    ([, entries]) =>
      Effect.gen(function*() {
        const lines = yield* complete(typed("zag ps show "), { file: registryOf(...entries) })
        assert.strictEqual(lines.length, 2)
      })
  )

  it.effect("offers a pid once", () =>
    Effect.gen(function*() {
      const file = registryOf(entry("aaaa"), entry("bbbb"))
      assert.deepStrictEqual(yield* complete(typed("zag ps show pid:"), { file }), [
        "values",
        "pid:101\trunning claude: Fix the build"
      ])
    }))

  it.effect("offers self in a session", () =>
    Effect.gen(function*() {
      const [, first] = yield* complete(typed("zag ps kill "), { env: { ZAG_PROCESS_ID: "aaaa1111-runs" } })
      assert.strictEqual(first, "self\tthe session that this runs in")
    }))

  it.effect("offers no id that would mean something to a shell", () =>
    Effect.gen(function*() {
      const ids = ["$(touch x)", "`touch x`", "a b", "a;b", "a'b", "a\"b", "a\nb", "~", "-x", "*", "a\\b", "ok"]
      const registry = registryOf(...ids.map((id) => entry(id)))
      const lines = yield* complete(typed("zag ps show "), { file: registry })
      assert.deepStrictEqual(lines, ["values", "ok\trunning claude: Fix the build"])
    }))

  it.effect.each<readonly [string, string | null]>([["there is none", null], ["it is damaged", "{"]])(
    "knows no ids of a registry when %s, and makes no files",
    ([, file]) =>
      Effect.gen(function*() {
        const result = yield* complete(typed("zag ps kill "), { file })
        assert.deepStrictEqual(result, ["values"])
        assert.deepStrictEqual(yield* complete(typed("zag ps ki"), { file }), [
          "values",
          "kill\tEnd a process and all that it started (SIGTERM, then SIGKILL)"
        ])
      })
  )

  it.effect("is in no help, which says how a shell loads it", () =>
    Effect.gen(function*() {
      const { stdout } = yield* runCli(["ps", "--help"])
      assert.notInclude(stdout, "__complete")
      const zag = yield* runCli(["--help"])
      for (const shell of ["bash", "zsh", "fish"]) assert.include(zag.stdout, `zag --completions ${shell}`)
    }))
})

const hostile = "$(touch hit) `touch hit` '\"; touch hit; \u001B[31m:x\n修复"

/** A home with a process whose prompt is hostile, and `zag` on the path. */
const prepare = Effect.fnUntraced(function*(directory: string, zag: string) {
  const fs = yield* FileSystem.FileSystem
  yield* fs.makeDirectory(`${directory}/bin`, { recursive: true })
  for (const [name, words] of [["zag", ""], ["zag-ps", "ps "]] as const) {
    yield* fs.writeFileString(`${directory}/bin/${name}`, `#!/bin/sh\nexec ${zag} ${words}"$@"\n`, { mode: 0o755 })
  }
  const pid = 2 ** 31 - 2
  const processes = [
    // Twice, and so alike to a shell.
    entry("cccc1111-hostile", { pid, prompt: hostile }),
    entry("cccc1111-hostile", { pid, prompt: hostile }),
    entry("dddd2222-other", { pid, status: "exited", exit_code: 0 }),
    // Looked at, and never signalled.
    entry("eeee3333-test", { pid: process.pid, started_at: "2099-01-01T00:00:00Z" })
  ]
  yield* fs.writeFileString(`${directory}/processes.json`, registryOf(...processes))
})

const shell = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const terminal = yield* makeTerminal("alone")
  yield* prepare(terminal.directory, terminal.zag)
  const notHit = Effect.map(fs.exists(`${terminal.directory}/hit`), (hit) => assert.isFalse(hit))
  /** Presses tab at the end of a new line, which is then longer by `rest`. */
  const completes = (line: string, rest: string) =>
    Effect.gen(function*() {
      yield* terminal.key("C-u")
      yield* terminal.literal(line)
      yield* terminal.key("Tab")
      yield* terminal.shows(new RegExp(`> ${`${line}${rest}`.replaceAll(/[.$]/g, "\\$&")}$`, "m"))
    })
  return { ...terminal, notHit, completes, typeKeys: terminal.literal }
})

const live = (
  name: string,
  program: string,
  steps: (terminal: Effect.Success<typeof shell>) => Effect.Effect<
    unknown,
    unknown,
    Effect.Services<typeof shell>
  >
) =>
  it.live.skipIf(!areInstalled("tmux", program))(
    name,
    () => shell.pipe(Effect.flatMap(steps), Effect.scoped, Effect.provide(services))
  )

describe("the tab key", () => {
  live("completes in bash", "bash", ({ completes, key, notHit, shows, type, typeKeys }) =>
    Effect.gen(function*() {
      yield* type(
        "source <(zag --completions bash); bind 'set bell-style none'; bind 'set show-all-if-ambiguous on'; clear"
      )
      yield* shows(/^outer>$/)
      yield* typeKeys("zag ps wh")
      yield* key("Tab")
      yield* shows(/^outer> zag ps whoami$/m)
      yield* key("C-u")
      yield* typeKeys("zag ps show ")
      yield* key("Tab")
      yield* shows(/^cccc1111 +\(dead claude: \$\(touch hit\) `touch hit`/m)
      yield* shows(/^dddd2222 +\(exited \(0\) claude: Fix the build\)$/m)
      yield* typeKeys("d")
      yield* key("Tab")
      yield* shows(/zag ps show dddd2222$/m)
      yield* key("C-u")
      yield* typeKeys("zag-ps list --status=ki")
      yield* key("Tab")
      yield* shows(/zag-ps list --status=killed$/m)
      yield* key("C-u")
      yield* typeKeys("zag ps list --root bi")
      yield* key("Tab")
      yield* shows(/zag ps list --root bin\/$/m)
      yield* completes("zag ps list --root=bi", "n/")
      // Alone or among others, what describes it does not get into the line.
      yield* completes("zag ps show c", "ccc1111")
      yield* completes("zag ps show pid:", String(process.pid))
      yield* completes("zag ps run -- mktem", "p")
      yield* completes("zag ps run -- cat processes.j", "son")
      yield* notHit
    }))

  live("completes in zsh", "zsh", ({ completes, key, notHit, shows, type, typeKeys }) =>
    Effect.gen(function*() {
      yield* type("exec env PS1='zsh> ' zsh -f -i")
      yield* shows(/^zsh> $|^zsh>$/m)
      yield* type(
        "autoload -Uz compinit && compinit -u -d comp; source <(zag --completions zsh); setopt no_beep; clear"
      )
      yield* shows(/^zsh>$/)
      yield* typeKeys("zag ps wh")
      yield* key("Tab")
      yield* shows(/^zsh> zag ps whoami$/m)
      yield* key("C-u")
      yield* typeKeys("zag ps show ")
      yield* key("Tab")
      yield* shows(/^cccc1111 +-- dead claude: \$\(touch hit\) `touch hit`/m)
      yield* shows(/^dddd2222 +-- exited \(0\) claude: Fix the build$/m)
      yield* typeKeys("d")
      yield* key("Tab")
      yield* shows(/zag ps show dddd2222$/m)
      yield* key("C-u")
      yield* typeKeys("zag-ps list --status=ki")
      yield* key("Tab")
      yield* shows(/zag-ps list --status=killed$/m)
      yield* completes("zag ps list --root bi", "n/")
      yield* completes("zag ps list --root=bi", "n/")
      yield* completes("zag ps show c", "ccc1111")
      yield* completes("zag ps show pid:", String(process.pid))
      yield* completes("zag ps run -- mktem", "p")
      yield* completes("zag ps run -- cat processes.j", "son")
      yield* notHit
    }))

  live("completes in zsh from a directory of $fpath", "zsh", ({ completes, shows, type }) =>
    Effect.gen(function*() {
      yield* type("mkdir functions; zag --completions zsh > functions/_zag; exec env PS1='zsh> ' zsh -f -i")
      yield* shows(/^zsh> $|^zsh>$/m)
      yield* type(
        "fpath=($PWD/functions $fpath); autoload -Uz compinit && compinit -u -d $PWD/comp; setopt no_beep; clear"
      )
      yield* shows(/^zsh>$/)
      // The first one loads the file.
      yield* completes("zag ps wh", "oami")
      yield* completes("zag-ps list --status=ki", "lled")
    }))

  it.live.skipIf(!areInstalled("fish"))("completes in fish", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const spawner = yield* ChildProcessSpawner.ChildProcessSpawner
      const { directory, zag } = yield* makeTerminal("alone")
      yield* prepare(directory, zag)
      const path = yield* Config.String("PATH")
      const complete = (line: string) =>
        Effect.scoped(Effect.gen(function*() {
          const handle = yield* spawner.spawn(ChildProcess.make(
            "fish",
            ["--no-config", "-c", "zag --completions fish | source; complete -C $argv[1]", line],
            {
              env: {
                HOME: directory,
                ZAG_HOME: directory,
                ZAG_PROCESS_ID: undefined,
                LC_ALL: "C.UTF-8",
                PATH: `${directory}/bin:${path}`
              },
              extendEnv: true,
              cwd: directory,
              stdin: "ignore"
            }
          ))
          return (yield* Stream.mkString(Stream.decodeText(handle.stdout))).trimEnd().split("\n")
        }))
      assert.deepStrictEqual(yield* complete("zag ps wh"), ["whoami\tShow the session that this runs in"])
      const [newest, first, second, ...rest] = yield* complete("zag-ps show ")
      assert.strictEqual(newest, "eeee3333\trunning claude: Fix the build")
      assert.strictEqual(first, "dddd2222\texited (0) claude: Fix the build")
      assert.match(second!, /^cccc1111\tdead claude: \$\(touch hit\) `touch hit`/)
      assert.deepStrictEqual(rest, [])
      assert.deepStrictEqual(yield* complete("zag ps list --status=ki"), ["--status=killed"])
      assert.deepStrictEqual(yield* complete("zag ps show pid:"), [`pid:${process.pid}\trunning claude: Fix the build`])
      assert.match((yield* complete("zag ps list --root bi"))[0]!, /^bin\//)
      assert.match((yield* complete("zag ps run -- mktem"))[0]!, /^mktemp\t/)
      assert.match((yield* complete("zag ps run -- cat processes.j"))[0]!, /^processes\.json/)
      assert.match((yield* complete("zag-ps run -p 'a b' -- cat '\"$(touch hit)' processes.j"))[0]!, /^processes\.json/)
      assert.isFalse(yield* fs.exists(`${directory}/hit`))
    }).pipe(Effect.scoped, Effect.provide(services)))
})
