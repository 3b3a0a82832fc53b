/**
 * A terminal with a shell in it, on a tmux server of its own.
 */
import { Effect, FileSystem, Stream } from "effect"
import { ChildProcess, ChildProcessSpawner } from "effect/process"
// @effect-diagnostics-next-line nodeBuiltinImport:off -- what to skip is asked while tests are collected, not in one
import { spawnSync } from "node:child_process"
import { makeHome, until } from "./spawnZag.ts"

/** Whether these programs are installed. */
export const areInstalled = (...programs: ReadonlyArray<string>): boolean =>
  programs.every((program) => spawnSync("sh", ["-c", `command -v ${program}`]).status === 0)

/** How `agent COMMAND` of the shell runs the command: as it is, or by `zag ps run`. */
export type Way = "alone" | "by zag"

const size = { columns: 80, rows: 24 } as const

export const makeTerminal = (way: Way) =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const spawner = yield* ChildProcessSpawner.ChildProcessSpawner
    const { directory, entries, entry, run, zag } = yield* makeHome

    // One name for both ways, so that the screens can be compared.
    yield* fs.makeDirectory(`${directory}/bin`)
    yield* fs.writeFileString(
      `${directory}/bin/agent`,
      `#!/bin/sh\nexec ${way === "alone" ? "" : `${zag} ps run -- `}"$@"\n`,
      { mode: 0o755 }
    )

    const tmux = (...args: ReadonlyArray<string>) =>
      Effect.scoped(Effect.gen(function*() {
        const handle = yield* spawner.spawn(ChildProcess.make(
          "tmux",
          ["-S", `${directory}/tmux`, "-f", "/dev/null", ...args],
          {
            env: {
              HOME: directory,
              ZAG_HOME: directory,
              ZAG_PROCESS_ID: undefined,
              ZAG_SESSION_ID: undefined,
              TMUX: undefined,
              LC_ALL: "C.UTF-8",
              TERM: "xterm"
            },
            extendEnv: true,
            cwd: directory
          }
        ))
        return yield* Stream.mkString(Stream.decodeText(handle.stdout))
      }))

    yield* Effect.acquireRelease(
      tmux(
        "new-session",
        "-d",
        "-x",
        `${size.columns}`,
        "-y",
        `${size.rows}`,
        // A shell that is not interactive would take the prompt out of the environment.
        `PATH='${directory}/bin':"$PATH" HISTFILE= PS1='outer> ' exec bash --norc --noprofile -i`
      ),
      () => Effect.ignore(tmux("kill-server"))
    )

    const screen = Effect.map(tmux("capture-pane", "-p"), (text) => text.replace(/\n+$/, ""))

    const shows = (what: RegExp) =>
      until(Effect.map(screen, (text) => what.test(text))).pipe(
        Effect.timeoutOrElse({
          duration: "60 seconds",
          orElse: () => Effect.flatMap(screen, (text) => Effect.die(new Error(`Not shown: ${what}\n${text}`)))
        })
      )

    const key = (name: string) => tmux("send-keys", name)

    /** Types it, and does not press the key at the end of a line. */
    const literal = (text: string) => tmux("send-keys", "-l", text)

    const type = (line: string) => Effect.andThen(literal(line), key("Enter"))

    const resize = (columns: number, rows: number) => tmux("resize-window", "-x", `${columns}`, "-y", `${rows}`)

    const display = (format: string) => Effect.map(tmux("display-message", "-p", format), (text) => text.trimEnd())

    /** The pid of what runs in the foreground of the shell. */
    const programPid = Effect.gen(function*() {
      const shell = yield* display("#{pane_pid}")
      return Number((yield* fs.readFileString(`/proc/${shell}/task/${shell}/children`)).trim().split(" ")[0])
    })

    yield* shows(/^outer>$/m)
    return { directory, entries, entry, run, zag, tmux, screen, shows, key, literal, type, resize, display, programPid }
  })
