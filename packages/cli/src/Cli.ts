/**
 * The command tree of `zag`, and how a command line is run by it.
 */
import { Asker } from "@zag/core/Asker"
import * as Zag from "@zag/core/node/processes"
import * as CliConfig from "effect/cli/CliConfig"
import * as CliOutput from "effect/cli/CliOutput"
import * as Command from "effect/cli/Command"
import * as GlobalFlag from "effect/cli/GlobalFlag"
import * as Effect from "effect/Effect"
import { userInfo } from "node:os"
import PackageJson from "../package.json" with { type: "json" }
import { commandPs } from "./commands/ps.ts"
import * as Failure from "./Failure.ts"
import { Json } from "./Json.ts"
import * as OtherZag from "./OtherZag.ts"
import * as ShellCompletion from "./ShellCompletion.ts"
import * as Words from "./Words.ts"

const commandZag = Command.make("zag").pipe(
  Command.withDescription(
    "The agent processes of this machine, as zag registers them. Any other command is handed over to the original zag, " +
      "which runs agents, if there is one further down your PATH (cargo install zag-cli)."
  ),
  Command.withExamples([
    { command: "source <(zag --completions bash)", description: "In ~/.bashrc: completion by the tab key" },
    { command: "source <(zag --completions zsh)", description: "The same in ~/.zshrc, after compinit" },
    {
      command: "zag --completions fish > ~/.config/fish/completions/zag.fish",
      description: "The same for fish, once"
    }
  ]),
  Command.withSubcommands([commandPs]),
  Command.withGlobalFlags([Json, ShellCompletion.Script])
)

const runWith = <E, R>(zag: Command.Command<"zag", {}, {}, E, R>) => {
  const run = Command.runWith(zag, { version: PackageJson.version })
  return Effect.fnUntraced(function*(args: ReadonlyArray<string>) {
    if (OtherZag.isAskedFor(args)) return yield* OtherZag.handOver(args)
    return yield* run(Words.withValuesApart(args))
  }, (effect, args) => {
    const json = Failure.wantsJson(args)
    return effect.pipe(
      Effect.tapCause(Failure.report(json)),
      Effect.provideService(CliOutput.Presenter, Failure.presenter(json)),
      Effect.provideService(CliConfig.CliConfig, {
        builtIns: [GlobalFlag.Help, GlobalFlag.Version]
      })
    )
  })
}

/**
 * Runs a command line on services that the caller provides. What went wrong
 * has been told on stderr when it fails; `Failure.exitCodeOf` is then the exit
 * code.
 */
export const runNoDeps = runWith(commandZag)

/** Runs a command line on this machine. The services are built by the command that needs them: `--help` touches nothing. */
export const run = (args: ReadonlyArray<string>) => Effect.provideService(runOnThisMachine(args), Asker, asker())

const runOnThisMachine = runWith(Command.provide(commandZag, Zag.layer))

const asker = (): string => {
  try {
    return `zag ${userInfo().username}`
  } catch {
    // A container need not know the name of its user.
    return `zag uid ${process.getuid?.()}`
  }
}
