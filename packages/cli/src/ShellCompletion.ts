/**
 * Completion by the tab key: the script that a shell loads, and the command
 * that it asks then.
 */
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Completions from "effect/cli/Completions"
import * as Flag from "effect/cli/Flag"
import * as GlobalFlag from "effect/cli/GlobalFlag"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { Json } from "./Json.ts"

/** `--completions SHELL`: prints the script. */
export const Script = GlobalFlag.Action({
  flag: Flag.Literals("completions", ["bash", "zsh", "fish"]).pipe(
    Flag.withMetavar("SHELL"),
    Flag.withDescription(
      "Print the completion of commands, flags and ids for a shell"
    ),
    Flag.optional
  ),
  run: Effect.fnUntraced(function*(shell) {
    if (Option.isNone(shell)) return
    const { scripts } = yield* Effect.promise(() => import("./completion/scripts.ts"))
    yield* Console.log(scripts[shell.value].trimEnd())
  })
})

/** The flags that may stand anywhere. */
const globals = () =>
  Completions.fromCommand(
    Command.make("globals", {
      help: GlobalFlag.Help.flag,
      version: GlobalFlag.Version.flag,
      json: Json.flag,
      completions: Script.flag
    })
  ).flags

/** `__complete -- WORD…`: what the last word can be, in the grammar of `zag ps`. */
export const command = (ps: () => Command.Command.Any) =>
  Command.make(
    "__complete",
    { words: Argument.variadic(Argument.String("words")) },
    Effect.fn("zag ps __complete")(function*({ words }) {
      const { answer } = yield* Effect.promise(() => import("./completion/Completion.ts"))
      yield* answer(Completions.fromCommand(ps()), globals(), words)
    })
  ).pipe(Command.unlisted)
