import type { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { isAlive, services, until } from "./spawnZag.ts"
import { areInstalled, makeTerminal, type Way } from "./tmux.ts"

type Terminal = Effect.Success<ReturnType<typeof makeTerminal>>

type Steps = (terminal: Terminal) => Effect.Effect<unknown, unknown, NodeServices.NodeServices>

const by = (way: Way, steps: Steps) =>
  Effect.scoped(Effect.gen(function*() {
    const terminal = yield* makeTerminal(way)
    const seen = yield* steps(terminal)
    assert.lengthOf(yield* terminal.entries, way === "alone" ? 0 : 1)
    return seen
  }))

/** Does the same with `zag` and without, and wants the same screens. */
const same = (name: string, steps: Steps) =>
  it.live(name, () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* by("by zag", steps), yield* by("alone", steps))
    }).pipe(Effect.provide(services)))

/** Says `ready`, and does not mind SIGTERM. */
const stubborn = `sh -c 'trap "" TERM; echo ready; while :; do sleep 0.1; done'`

const byZag = (name: string, steps: Steps) =>
  it.live(
    name,
    () => makeTerminal("by zag").pipe(Effect.flatMap(steps), Effect.scoped, Effect.provide(services))
  )

/** Says `ready`, then how often it was interrupted, and ends at the last time. */
const counting = (times: number) =>
  `agent sh -c 'n=0; trap "n=\\$((n+1)); echo interrupted \\$n" INT; echo ready; until [ $n = ${times} ]; do sleep 0.1; done'`

const inner = (terminal: Terminal) =>
  Effect.andThen(
    terminal.type("agent env PS1='inner> ' bash --norc --noprofile"),
    terminal.shows(/^inner>$/m)
  )

const leave = (terminal: Terminal) => Effect.andThen(terminal.type("exit"), terminal.shows(/exit\nouter>$/))

/** Waits until the file `said` of a directory has this text. */
const says = (directory: string, text: string) =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const said = Effect.catch(fs.readFileString(`${directory}/said`), () => Effect.succeed(""))
    yield* until(Effect.map(said, (said) => said === text))
  })

describe.skipIf(!areInstalled("tmux", "bash"))("zag ps run at a terminal: bash", () => {
  same("Ctrl-C interrupts what runs in the shell, which stays", (terminal) =>
    Effect.gen(function*() {
      const { key, screen, shows, type } = terminal
      yield* inner(terminal)
      yield* type(`sh -c 'echo sleeping; exec sleep 100'`)
      yield* shows(/^sleeping$/m)
      yield* key("C-c")
      yield* shows(/\^C\ninner> ?$/)
      yield* type("echo stays $?")
      yield* shows(/^stays 130$/m)
      yield* type("exit 5")
      yield* shows(/^outer> ?$/m)
      yield* type("echo ended with $?")
      yield* shows(/^ended with 5\nouter>$/m)
      return yield* screen
    }))

  same("has jobs of its own", (terminal) =>
    Effect.gen(function*() {
      const { key, screen, shows, type } = terminal
      yield* inner(terminal)
      yield* type(`sh -c 'echo sleeping; exec sleep 100'`)
      yield* shows(/^sleeping$/m)
      yield* key("C-z")
      yield* shows(/Stopped.*\ninner>$/)
      yield* type("fg")
      yield* shows(/inner> fg\nsh -c .*$/)
      yield* key("C-c")
      yield* shows(/\^C\ninner>$/)
      yield* leave(terminal)
      return yield* screen
    }))

  same("sees the new size", (terminal) =>
    Effect.gen(function*() {
      const { resize, screen, shows, type } = terminal
      yield* inner(terminal)
      yield* type("stty size")
      yield* shows(/^24 80$/m)
      yield* resize(100, 30)
      yield* type("stty size; echo $((COLUMNS+0))")
      yield* shows(/^30 100$/m)
      yield* type("echo $COLUMNS")
      yield* shows(/^100\ninner>$/m)
      yield* leave(terminal)
      return yield* screen
    }))

  same("suspend gives the terminal back to the shell around it", (terminal) =>
    Effect.gen(function*() {
      const { screen, shows, type } = terminal
      yield* inner(terminal)
      yield* type("suspend")
      yield* shows(/Stopped.*\nouter>$/)
      yield* type("fg")
      yield* shows(/outer> fg\nagent .*\ninner>$/)
      yield* leave(terminal)
      return yield* screen
    }))
})

describe.skipIf(!areInstalled("tmux", "bash"))("zag ps run at a terminal: jobs", () => {
  same("Ctrl-C reaches the agent once", ({ key, screen, shows, type }) =>
    Effect.gen(function*() {
      yield* type(counting(2))
      yield* shows(/^ready$/m)
      yield* key("C-c")
      yield* shows(/interrupted 1$/m)
      yield* key("C-c")
      yield* shows(/interrupted 2\nouter>$/)
      return yield* screen
    }))

  same("Ctrl-C reaches an agent in a pipeline once", ({ key, screen, shows, type }) =>
    Effect.gen(function*() {
      yield* type(`echo | ${counting(1)}`)
      yield* shows(/^ready$/m)
      yield* key("C-c")
      yield* shows(/interrupted 1\nouter>$/)
      return yield* screen
    }))

  same(
    "Ctrl-C reaches an agent away from the terminal once",
    ({ directory, key, shows, type }) =>
      Effect.gen(function*() {
        yield* type(`${counting(1)} < /dev/null > said 2>&1`)
        yield* says(directory, "ready\n")
        yield* key("C-c")
        yield* shows(/outer>$/)
        yield* says(directory, "ready\ninterrupted 1\n")
      })
  )

  same(
    "Ctrl-Z stops an agent away from the terminal",
    ({ directory, key, screen, shows, type }) =>
      Effect.gen(function*() {
        yield* type(`agent sh -c 'echo ready; sleep 1; echo done' < /dev/null > said 2>&1`)
        yield* says(directory, "ready\n")
        yield* key("C-z")
        yield* shows(/Stopped[^]*\nouter>$/)
        yield* type("fg")
        yield* says(directory, "ready\ndone\n")
        yield* shows(/outer> fg[^]*\nouter>$/)
        return yield* screen
      })
  )

  same("an agent that stops itself gives the terminal back", ({ screen, shows, type }) =>
    Effect.gen(function*() {
      yield* type(`agent sh -c 'echo up; kill -STOP $$; echo on'`)
      yield* shows(/Stopped.*\nouter>$/)
      yield* type("fg")
      yield* shows(/on\nouter>$/)
      return yield* screen
    }))

  same(
    "an agent that somebody else continues ends, and so does its job",
    ({ directory, entries, shows, type }) =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        yield* type(`agent sh -c 'echo $$ > said; kill -STOP $$; echo on'`)
        yield* shows(/Stopped[^]*\nouter>$/)
        const pid = Number(yield* fs.readFileString(`${directory}/said`))
        assert.isAbove(pid, 1)
        process.kill(pid, "SIGCONT")
        yield* until(Effect.map(isAlive(pid), (alive) => !alive))
        yield* until(Effect.map(entries, (entries) => entries.every(({ exit_code }) => exit_code === 0)))
        yield* type("wait; echo waited")
        yield* shows(/^waited\nouter>$/m)
      })
  )
})

describe.skipIf(!areInstalled("tmux", "bash"))("zag ps run at a terminal: an agent that does not mind SIGTERM", () => {
  byZag("ends when its time is up", ({ entries, shows, type, zag }) =>
    Effect.gen(function*() {
      yield* type(`${zag} ps run --timeout 1 -- ${stubborn}; echo ended with $?`)
      yield* shows(/was ended after 1s \(--timeout\)\nended with 124\nouter>$/)
      assert.deepInclude((yield* entries)[0], { status: "killed", exit_code: 1 })
    }))

  byZag("ends by zag ps kill, and its wrapper says how", ({ entry, run, shows, type }) =>
    Effect.gen(function*() {
      yield* type(`agent ${stubborn}`)
      yield* shows(/^ready$/m)
      const { id } = yield* entry(({ status }) => status === "running")
      assert.strictEqual((yield* run(["ps", "kill", "--grace", "100ms", id])).exitCode, 0)
      yield* shows(/outer>$/)
      yield* type("wait; echo waited")
      yield* shows(/^waited\nouter>$/m)
      yield* entry(({ exit_code, status }) => status === "killed" && exit_code === 1)
    }))
})

describe.skipIf(!areInstalled("tmux", "bash", "vim"))("zag ps run at a terminal: vim", () => {
  same(
    "edits, stops, goes on and redraws",
    ({ directory, key, resize, screen, shows, type }) =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        yield* type("agent vim -u NONE -i NONE -N text")
        yield* shows(/"text"/)
        yield* type("ihello")
        yield* key("Escape")
        yield* shows(/^hello\n\n~/m)
        yield* key("C-z")
        yield* shows(/Stopped.*\nouter>$/)
        const stopped = yield* screen
        yield* type("fg")
        yield* shows(/^hello\n\n~/)
        yield* resize(100, 30)
        yield* type(":set columns? lines?")
        yield* shows(/columns=100\s+lines=30/)
        const resized = yield* screen
        yield* key("Enter")
        yield* type(":wq")
        yield* shows(/outer>$/)
        return { stopped, resized, text: yield* fs.readFileString(`${directory}/text`) }
      })
  )
})

describe.skipIf(!areInstalled("tmux", "bash", "top"))("zag ps run at a terminal: top", () => {
  same("stops, goes on and ends", ({ key, screen, shows, type }) =>
    Effect.gen(function*() {
      yield* type("agent top -d 1")
      yield* shows(/load average[^]*PID USER/)
      yield* key("C-z")
      yield* shows(/Stopped.*\nouter>$/)
      yield* type("clear; echo away")
      yield* shows(/^away\nouter>$/)
      yield* type("fg")
      yield* shows(/load average[^]*PID USER/)
      yield* key("C-c")
      yield* shows(/outer>$/)
      yield* type("clear; echo $?")
      yield* shows(/^\d+\nouter>$/)
      return yield* screen
    }))
})
