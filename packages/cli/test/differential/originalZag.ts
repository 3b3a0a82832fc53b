/**
 * What the original `zag` answers: asked now, or asked once and written down.
 */
import { Config, Effect, FileSystem } from "effect"
import { ChildProcess, ChildProcessSpawner } from "effect/process"
import { endedOf } from "../endedOf.ts"
import { idOf, mayRun } from "./questions.ts"
import { livePid } from "./registries.ts"

export interface Answer {
  readonly exitCode: number
  readonly stdout: string
  /** Its first message, without causes. */
  readonly stderr: string
}

/** Asks the original about a file. */
export type Ask<E, R> = (
  file: string | null,
  args: ReadonlyArray<string>,
  env?: Readonly<Record<string, string>>
) => Effect.Effect<Answer, E, R>

// The table has another shape here, so of the original's only its beginning counts.
const withoutRows = (stdout: string): string => stdout.startsWith("ID    ") ? "ID\n" : stdout

const firstMessage = (stderr: string): string => stderr.split(/\n\n(?:Caused by:|Stack backtrace:|Usage:|  tip:)/)[0]!

/** Puts one pid in the place of another, in a file or an answer. */
export const withPid = (text: string, from: number, to: number): string =>
  text.replaceAll(new RegExp(`("pid": ?|^PID: +)${from}\\b`, "gm"), `$1${to}`)

/** Whether a command line would signal a process, or might: such a one is never given to the original. */
const mightSignal = (file: string | null, args: ReadonlyArray<string>, env: Readonly<Record<string, string>>) =>
  (args.includes("stop") || args.includes("kill")) && mayRun(file, idOf(args.at(-1)!, env))

/**
 * The program at `ZAG_BIN`, with a home of its own for each registry. `pid` is
 * that of a process that is there.
 */
export const make = Effect.fnUntraced(function*(pid: number) {
  const fs = yield* FileSystem.FileSystem
  const spawner = yield* ChildProcessSpawner.ChildProcessSpawner
  const bin = yield* Config.String("ZAG_BIN")
  const homes = new Map<string | null, string>()

  const homeOf = Effect.fnUntraced(function*(file: string | null) {
    const known = homes.get(file)
    if (known !== undefined) return known
    const home = yield* fs.makeTempDirectoryScoped({ prefix: "zag-original-" })
    yield* fs.makeDirectory(`${home}/.zag`)
    if (file !== null) yield* fs.writeFileString(`${home}/.zag/processes.json`, withPid(file, livePid, pid))
    homes.set(file, home)
    return home
  })

  return Effect.fnUntraced(function*(
    file: string | null,
    args: ReadonlyArray<string>,
    env: Readonly<Record<string, string>> = {}
  ) {
    if (mightSignal(file, args, env)) return yield* Effect.die(new Error(`This might signal: ${args.join(" ")}`))
    const home = yield* homeOf(file)
    const answer = yield* Effect.scoped(Effect.flatMap(
      spawner.spawn(ChildProcess.make(bin, args, { env: { HOME: home, ...env }, cwd: home, stdin: "ignore" })),
      endedOf
    ))
    return {
      exitCode: answer.exitCode as number,
      stdout: withPid(withoutRows(answer.stdout), pid, livePid),
      stderr: firstMessage(answer.stderr).replaceAll(home, "$HOME")
    } satisfies Answer
  })
})
