/**
 * The original `zag`, which runs agents. This program has its name, so what it
 * does not know itself it hands over to the next `zag` on the path.
 */
import * as Config from "effect/Config"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import * as Executable from "./Executable.ts"
import { ExitWith } from "./ExitWith.ts"
import * as ForegroundProcess from "./ForegroundProcess.ts"

const getIt = "Get it with `cargo install zag-cli`, and leave it behind this one on your PATH."

export class NoOtherZag extends Data.TaggedError("NoOtherZag")<{ readonly word: string }> {
  override get message(): string {
    return `There is no \`zag ${this.word}\` here: this zag lists and ends registered agents, with \`zag ps\`. ` +
      `The original zag runs them, and is not further down your PATH. ${getIt}`
  }
}

/** The command that is asked for; undefined where it is one of this program, or only a flag. */
const commandOfOther = (args: ReadonlyArray<string>): string | undefined => {
  const word = args.find((arg) => !arg.startsWith("-"))
  return word === "ps" || args.includes("--completions") ? undefined : word
}

export const isAskedFor = (args: ReadonlyArray<string>): boolean => commandOfOther(args) !== undefined

/** The process that handed over; whoever it was handed to must not hand over again. */
const variable = "ZAG_HANDED_OVER_BY"

// The same process where one program takes the place of another, its child elsewhere.
const wasHandedOver = Effect.map(
  Effect.orDie(Config.option(Config.String(variable))),
  Option.exists((pid) => pid === String(process.pid) || pid === String(process.ppid))
)

const windows = process.platform === "win32"

// It tells what cannot be run, as of any command. `process.execve` has no way to fail, but ends this program with a stack.
const shell = "/bin/sh"

/** The first `zag` on the path that can be executed and is not this program, by whatever name. */
const find = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const directories = Option.getOrElse(yield* Effect.orDie(Config.option(Config.String("PATH"))), () => "")
  const own = yield* Effect.orElseSucceed(fs.realPath(process.argv[1] ?? ""), () => undefined)
  for (const directory of directories.split(windows ? ";" : ":")) {
    // An empty one is the current directory, from which nothing is run unasked.
    if (directory === "") continue
    const file = path.join(directory, windows ? "zag.exe" : "zag")
    const target = Option.getOrUndefined(yield* Effect.option(fs.realPath(file)))
    if (target === undefined || target === own) continue
    if (Executable.isExecutable(target)) return Option.some(file)
  }
  return Option.none<string>()
})

/** Runs the original with these arguments in the place of this program, and ends as it does. */
export const handOver = Effect.fn("OtherZag.handOver")(
  function*(args: ReadonlyArray<string>) {
    const other = (yield* wasHandedOver) ? Option.none<string>() : yield* find
    if (Option.isNone(other)) return yield* new NoOtherZag({ word: commandOfOther(args) ?? "" })
    const environment = { [variable]: String(process.pid) }
    if (!windows && process.execve !== undefined && Executable.isExecutable(shell)) {
      // Nothing is left of this program, and so nothing is in between. It answers only where Node does not allow it.
      const exec = ["sh", "-c", "exec \"$0\" \"$@\"", other.value, ...args]
      yield* Effect.ignore(
        Effect.try(() => process.execve!(shell, exec, { ...process.env, ...environment } as NodeJS.ProcessEnv))
      )
    }
    const place = yield* ForegroundProcess.make
    const child = yield* place.start(other.value, args, environment)
    return yield* new ExitWith({ code: ForegroundProcess.exitCodeOf(yield* child.exit) })
  },
  Effect.scoped,
  // The child decides when this ends, not a signal to this program.
  Effect.uninterruptible
)
