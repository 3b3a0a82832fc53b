import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, FileSystem, Stream } from "effect"
import { fileURLToPath } from "node:url"
import { besideTwoAgents } from "./exchange.ts"
import { runCli } from "./runCli.ts"
import { endIfAlive, isAlive, makeHome, services, stateOf, until } from "./spawnZag.ts"
import { areInstalled, makeTerminal } from "./tmux.ts"

const entry = (id: string, fields: object = {}) => ({
  id,
  pid: 2 ** 31 - 2,
  provider: "claude",
  model: "sonnet",
  command: "run",
  prompt: `do ${id}`,
  started_at: "2026-11-22T10:00:00Z",
  status: "exited",
  exit_code: 0,
  ...fields
})

const registry = (...entries: ReadonlyArray<object>) => JSON.stringify({ processes: entries })

/** Replaces the registry of a home, as other programs do it. */
const writing = Effect.fnUntraced(function*(directory: string) {
  const fs = yield* FileSystem.FileSystem
  const file = `${directory}/processes.json`
  return (...entries: ReadonlyArray<object>) =>
    Effect.andThen(fs.writeFileString(`${file}.new`, registry(...entries)), fs.rename(`${file}.new`, file))
})

/** A terminal in which the live screen shows the processes `one` and `two`. */
const watching = (flags = "") =>
  Effect.gen(function*() {
    const terminal = yield* makeTerminal("alone")
    const { directory, shows, type, zag } = terminal
    const write = yield* writing(directory)
    yield* write(entry("one"), entry("two", { started_at: "2026-11-22T10:00:01Z" }))
    yield* type("echo before; stty -a > modes-before")
    yield* shows(/^before$/m)
    yield* type(`${zag} ps -w ${flags}; echo "ended with $?"; stty -a > modes-after`)
    yield* shows(/^zag ps: \d exited/)
    return { ...terminal, write }
  })

const test = (
  name: string,
  flags: string,
  steps: (terminal: Effect.Success<ReturnType<typeof watching>>) => Effect.Effect<
    unknown,
    unknown,
    Effect.Services<ReturnType<typeof watching>>
  >
) => it.live(name, () => watching(flags).pipe(Effect.flatMap(steps), Effect.scoped, Effect.provide(services)))

describe.skipIf(!areInstalled("tmux", "bash"))("zag ps -w", () => {
  test(
    "shows what another program changes within half a second",
    "--interval 1h",
    ({ screen, write }) =>
      Effect.gen(function*() {
        // On a busy machine one of several tries is enough.
        const took: Array<number> = []
        for (let i = 0; i < 5; i++) {
          const id = `new-${i}`
          const before = yield* Clock.currentTimeMillis
          yield* write(entry("one"), entry("two"), entry(id))
          yield* until(Effect.map(screen, (text) => text.includes(id)))
          took.push((yield* Clock.currentTimeMillis) - before)
        }
        assert.isBelow(Math.min(...took), 500, took.join(", "))
      })
  )

  test("sorts, filters and shows details by keys", "", ({ key, shows }) =>
    Effect.gen(function*() {
      yield* shows(/^two +\d+ +exited[^]*^one /m)
      yield* key("r")
      yield* shows(/^one +\d+ +exited[^]*^two /m)
      yield* key("Down")
      yield* key("Enter")
      yield* shows(/^Process ID: +two$/m)
      yield* key("Escape")
      yield* shows(/^one /m)
      for (const letter of "/one") yield* key(letter)
      yield* shows(/^\/one_/m)
      yield* key("Enter")
      yield* shows(/^zag ps: [^]*with "one"\nID [^\n]*\none [^\n]*\n\n/)
      yield* key("a")
      yield* shows(/^zag ps: no processes \| running only/)
    }))

  test("fits a terminal that changes its size", "", ({ resize, screen, shows, write }) =>
    Effect.gen(function*() {
      yield* write(...Array.from({ length: 50 }, (_, i) => entry(`id-${i}`)))
      yield* shows(/50 exited/)
      yield* resize(20, 6)
      yield* until(Effect.map(screen, (text) => text.split("\n").length === 6 && /\nq quit .{0,13}$/.test(text)))
      yield* resize(80, 6)
      yield* shows(/^q quit  .{71}…$/m)
      yield* resize(120, 30)
      yield* shows(/r reverse$/)
    }))

  test(
    "goes on when a registry that was damaged is repaired",
    "--interval 1h",
    ({ directory, shows, write }) =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        yield* fs.writeFileString(`${directory}/processes.json`, "{")
        yield* shows(/^Failed to parse process store/m)
        yield* shows(/^one /m)
        yield* write(entry("three"))
        yield* shows(/^zag ps: 1 exited[^]*^three /m)
      })
  )

  it.live("kills the selected process when that is confirmed, and only then", () =>
    Effect.gen(function*() {
      const { entries, key, run, shows, type, zag } = yield* makeTerminal("alone")
      yield* run(["ps", "run", "-d", "-p", "codex", "--", "sleep", "300"])
      yield* until(Effect.map(entries, (all) => all[0] !== undefined && all[0].pid > 0))
      const { pid } = (yield* entries)[0]!
      yield* type(`${zag} ps -w`)
      yield* shows(/^zag ps: 1 running/)
      yield* key("k")
      yield* shows(/^Kill \w{8} \(pid \d+, codex\)\?/m)
      yield* key("n")
      yield* shows(/^Nothing was signalled\.$/m)
      assert.isTrue(yield* isAlive(pid))
      yield* key("k")
      yield* shows(/^y: end it/m)
      yield* key("y")
      yield* shows(/^Process killed: \d+ /m)
      yield* shows(/^zag ps: 1 killed/)
      assert.isFalse(yield* isAlive(pid))
    }).pipe(Effect.scoped, Effect.provide(services)))

  it.live("kills nothing when the answer came before the question", () =>
    Effect.gen(function*() {
      const { entries, key, literal, run, shows, type, zag } = yield* makeTerminal("alone")
      yield* run(["ps", "run", "-d", "--", "sleep", "300"])
      yield* until(Effect.map(entries, (all) => all[0] !== undefined && all[0].pid > 0))
      const { pid } = (yield* entries)[0]!
      yield* Effect.addFinalizer(() => Effect.orDie(endIfAlive(pid)))
      yield* type(`${zag} ps -w`)
      yield* shows(/^zag ps: 1 running/)
      // What was pasted by mistake.
      yield* literal("ky")
      yield* shows(/^y: end it/m)
      yield* key("n")
      yield* shows(/^Nothing was signalled\.$/m)
      assert.isTrue(yield* isAlive(pid))
    }).pipe(Effect.scoped, Effect.provide(services)))

  it.live("kills nothing that takes the place of a process while the question is open", () =>
    Effect.gen(function*() {
      const { bothLive, exchange, key, shows, type, zag } = yield* besideTwoAgents
      yield* type(`${zag} ps -w -p codex`)
      yield* shows(/^zag ps: 1 running/)
      yield* key("k")
      yield* shows(/^y: end it/m)
      yield* exchange
      yield* key("y")
      yield* shows(/is not the one that was looked at/)
      assert.isTrue(yield* bothLive)
    }).pipe(Effect.scoped, Effect.provide(services)))

  it.live("is left at once, and what it is killing is killed all the same", () =>
    Effect.gen(function*() {
      const { display, entries, key, shows, type, zag } = yield* makeTerminal("alone")
      const stubborn = "trap \"\" TERM; touch ready; while :; do sleep 0.1; done"
      yield* type(`${zag} ps run -d -- sh -c '${stubborn}'; until [ -e ready ]; do sleep 0.1; done; echo it is`)
      yield* shows(/^it is$/m)
      const { pid } = (yield* entries)[0]!
      yield* Effect.addFinalizer(() => Effect.orDie(endIfAlive(pid)))
      yield* type(`${zag} ps -w; echo "ended with $?"`)
      yield* shows(/^zag ps: 1 running/)
      yield* key("k")
      yield* shows(/^y: end it/m)
      const before = yield* Clock.currentTimeMillis
      yield* key("y")
      yield* shows(/^Ending /m)
      yield* key("q")
      yield* until(Effect.map(display("#{alternate_on}"), (on) => on === "0"))
      const [entry] = yield* entries
      // It has five seconds; on a machine that is busy for longer nobody can say more.
      if ((yield* Clock.currentTimeMillis) - before < 5000) assert.strictEqual(entry?.status, "running")
      yield* shows(/^ended with 0$/m)
      assert.strictEqual((yield* entries)[0]?.status, "killed")
    }).pipe(Effect.scoped, Effect.provide(services)))

  test(
    "says what narrows the list",
    "-p claude -n 1",
    ({ shows }) => shows(/^zag ps: 1 exited \| by started ↓ \| provider claude \| at most 1$/m)
  )

  for (const by of ["Ctrl-Z", "SIGTSTP"]) {
    test(`gives the terminal to the shell at ${by}, and takes it again`, "", (terminal) =>
      Effect.gen(function*() {
        const { directory, display, key, programPid, shows, type, write } = terminal
        const fs = yield* FileSystem.FileSystem
        const pid = yield* programPid
        yield* key("Down")
        if (by === "Ctrl-Z") yield* key("C-z")
        else process.kill(pid, "SIGTSTP")
        yield* shows(/Stopped/)
        assert.strictEqual(yield* stateOf(pid), "T")
        assert.strictEqual(yield* display("#{alternate_on} #{cursor_flag}"), "0 1")
        yield* type("stty -a > modes-meanwhile; echo meanwhile")
        yield* shows(/^before$[^]*^meanwhile$/m)
        assert.strictEqual(
          yield* fs.readFileString(`${directory}/modes-meanwhile`),
          yield* fs.readFileString(`${directory}/modes-before`)
        )
        yield* write(entry("one"), entry("three"))
        yield* type("fg; echo \"left with $?\"")
        yield* shows(/^zag ps: 2 exited[^]*^three /m)
        assert.strictEqual(yield* display("#{alternate_on} #{cursor_flag}"), "1 0")
        // It has the keys again, and knows what was selected.
        yield* key("Enter")
        yield* shows(/^Process ID: +one$/m)
        yield* key("Escape")
        yield* shows(/^three /m)
        yield* key("q")
        yield* shows(/^left with 0$/m)
        assert.strictEqual(yield* display("#{alternate_on} #{cursor_flag}"), "0 1")
      }))
  }

  it.live("takes the terminal again when it was stopped without knowing", () =>
    Effect.gen(function*() {
      const { key, programPid, shows, type } = yield* watching()
      const pid = yield* programPid
      process.kill(pid, "SIGSTOP")
      yield* shows(/Stopped/)
      yield* type("fg")
      yield* until(Effect.map(stateOf(pid), (state) => state !== "T"))
      yield* key("?")
      yield* shows(/^Any key goes back\.$/m)
    }).pipe(Effect.scoped, Effect.provide(services)))

  it.live("stops with the script that it runs in", () =>
    Effect.gen(function*() {
      const { key, shows, type, zag } = yield* makeTerminal("alone")
      yield* type(`sh -c "${zag} ps -w; echo after"`)
      yield* shows(/^zag ps: no processes/)
      yield* key("C-z")
      yield* shows(/Stopped +sh /)
      yield* type("fg")
      yield* shows(/^zag ps: no processes/)
      yield* key("q")
      yield* shows(/^after$/m)
    }).pipe(Effect.scoped, Effect.provide(services)))

  it.live("fits a terminal that does not know its size", () =>
    Effect.gen(function*() {
      const { shows, type, zag } = yield* makeTerminal("alone")
      yield* type(`stty rows 0 cols 0; ${zag} ps -w`)
      yield* shows(/^zag ps: no processes/)
    }).pipe(Effect.scoped, Effect.provide(services)))

  it.live("leaves the terminal as it was at a defect, and tells of it", () =>
    Effect.gen(function*() {
      const { display, shows, type } = yield* makeTerminal("alone")
      const program = fileURLToPath(new URL("fixtures/watchDefect.ts", import.meta.url))
      yield* type(`stty -a > before; '${process.execPath}' --conditions=@zag/source '${program}'`)
      yield* shows(/Error: the second look/)
      assert.strictEqual(yield* display("#{alternate_on} #{cursor_flag}"), "0 1")
      yield* type("stty -a | cmp - before && echo as it was")
      yield* shows(/^as it was$/m)
    }).pipe(Effect.scoped, Effect.provide(services)))

  it.live("ends with its terminal", () =>
    Effect.gen(function*() {
      const { programPid, tmux } = yield* watching()
      const pid = yield* programPid
      yield* tmux("kill-server")
      yield* until(Effect.map(isAlive(pid), (alive) => !alive))
    }).pipe(Effect.scoped, Effect.provide(services)))

  const leaves: ReadonlyArray<readonly [name: string, leave: string, code: number]> = [
    ["q", "q", 0],
    ["Escape", "Escape", 0],
    ["Ctrl-C", "C-c", 0],
    ["SIGTERM", "TERM", 143],
    ["SIGINT", "INT", 130],
    ["SIGHUP", "HUP", 0]
  ]

  for (const [name, leave, code] of leaves) {
    test(`leaves the terminal as it was at ${name}`, "", (terminal) =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        const { directory, display, key, programPid, screen, shows } = terminal
        assert.strictEqual(yield* display("#{alternate_on} #{cursor_flag}"), "1 0")
        if (/^[A-Z]{3,4}$/.test(leave)) process.kill(yield* programPid, `SIG${leave}` as NodeJS.Signals)
        else yield* key(leave)
        yield* shows(new RegExp(`^ended with ${code}$`, "m"))
        assert.strictEqual(yield* display("#{alternate_on} #{cursor_flag}"), "0 1")
        assert.match(yield* screen, /^before$/m)
        yield* until(fs.exists(`${directory}/modes-after`))
        yield* until(Effect.map(fs.readFileString(`${directory}/modes-after`), (modes) => modes.endsWith("\n")))
        assert.strictEqual(
          yield* fs.readFileString(`${directory}/modes-after`),
          yield* fs.readFileString(`${directory}/modes-before`)
        )
      }))
  }
})

describe("zag ps -w without a terminal", () => {
  it.live("prints the list, and again when it has changed", () =>
    Effect.gen(function*() {
      const { directory, start } = yield* makeHome
      const write = yield* writing(directory)
      yield* write(entry("one"))
      const { handle } = yield* start(["ps", "-w", "--interval", "50ms", "--columns", "id,status"])
      let stdout = ""
      yield* handle.stdout.pipe(
        Stream.decodeText(),
        Stream.runForEach((text) =>
          Effect.gen(function*() {
            stdout += text
            if (stdout.includes("two")) process.kill(handle.pid, "SIGINT")
            else if (stdout.includes("one")) yield* write(entry("one"), entry("two"))
          })
        )
      )
      assert.strictEqual(stdout, "ID   STATUS\none  exited (0)\n\nID   STATUS\ntwo  exited (0)\none  exited (0)\n")
    }).pipe(Effect.scoped, Effect.provide(services)))

  it.live("goes on when a registry that was damaged is repaired", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const { directory, file, start } = yield* makeHome
      const write = yield* writing(directory)
      yield* write(entry("one"))
      const { handle } = yield* start(["ps", "-w", "--interval", "50ms", "--columns", "id"])
      let said = ""
      yield* handle.all.pipe(
        Stream.decodeText(),
        Stream.runForEach((text) =>
          Effect.gen(function*() {
            said += text
            if (said.includes("two")) process.kill(handle.pid, "SIGINT")
            else if (said.includes("Warning")) yield* write(entry("two"))
            else if (said.includes("one")) yield* fs.writeFileString(file, "{")
          })
        )
      )
      assert.match(said, /^ID\none\nWarning: Failed to parse process store: .*\n\nID\ntwo\n$/)
    }).pipe(Effect.scoped, Effect.provide(services)))

  it.live.skipIf(!areInstalled("tmux", "bash"))(
    "ends quietly when nobody reads it any more",
    () =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        const { directory, shows, type, zag } = yield* makeTerminal("alone")
        const write = yield* writing(directory)
        yield* write(entry("one"))
        yield* type(`${zag} ps -w --columns id 2> told | sed -u 2q; echo "ended with \${PIPESTATUS[0]}"`)
        yield* shows(/^one$/m)
        yield* write(entry("two"))
        yield* shows(/^ended with 0$/m)
        assert.strictEqual(yield* fs.readFileString(`${directory}/told`), "")
      }).pipe(Effect.scoped, Effect.provide(services))
  )

  it.effect.each<readonly [ReadonlyArray<string>, string]>([
    [["-w", "--json"], "--watch is for people; zag ps events --json tells a script what changes"],
    [["-w", "--jsonl"], "--watch is for people"],
    [["--watch", "-q"], "--watch is for people"],
    [["--interval", "1s"], "--interval needs --watch"]
  ])("%j is wrong", ([flags, message]) =>
    Effect.gen(function*() {
      const { exitCode, stderr } = yield* runCli(["ps", ...flags])
      assert.strictEqual(exitCode, 2)
      assert.include(stderr, message)
    }))
})
