import { fromLabels, parseLabel } from "@zag/core/ProcessLabels"
import { endingOf, ProcessRegistration } from "@zag/core/ProcessRegistration"
import type { ProcessStoreError } from "@zag/core/ProcessStoreError"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Config from "effect/Config"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import * as Detached from "../../Detached.ts"
import { ExitWith, timeIsUp } from "../../ExitWith.ts"
import * as ForegroundProcess from "../../ForegroundProcess.ts"
import { answer } from "../../Json.ts"
import * as TimeLimit from "../../TimeLimit.ts"
import { duration } from "./duration.ts"
import { label } from "./label.ts"

const optionalText = (name: string, metavar: string, description: string) =>
  Flag.String(name).pipe(Flag.withMetavar(metavar), Flag.withDescription(description), Flag.optional)

const flags = {
  provider: optionalText("provider", "NAME", "The agent, such as claude or codex; the name of COMMAND by default")
    .pipe(Flag.withAlias("p")),
  model: optionalText("model", "NAME", "The model that it uses").pipe(Flag.withAlias("m")),
  session: optionalText("session", "ID", "The session that it belongs to"),
  name: optionalText("name", "NAME", "A name for the session"),
  root: optionalText("root", "DIR", "The project directory that it works on"),
  prompt: optionalText("prompt", "TEXT", "What it was asked to do; the first 100 characters are kept"),
  label: label("KEY=VALUE", "A label to find it by, with zag ps list --label; can be given several times", parseLabel),
  detach: Flag.Boolean("detach").pipe(
    Flag.withAlias("d"),
    Flag.withDescription(
      "Run it in the background: print its id once it has started, write what it says to logs/ps/ID.log in the " +
        "directory of the registry, and give it nothing to read"
    ),
    Flag.withDefault(false)
  ),
  timeout: duration("timeout", "End it and all that it started, as zag ps kill does, after this time; 0 is never").pipe(
    Flag.optional
  ),
  command: Argument.String("command").pipe(
    Argument.withMetavar("COMMAND"),
    Argument.withDescription("The command to run and its arguments, after --"),
    Argument.variadic({ min: 1 })
  )
} as const

/** A relative home would be another one where the agent goes to another directory. */
const home = Effect.gen(function*() {
  const path = yield* Path.Path
  const directory = yield* Effect.orDie(Config.withDefault(Config.String("ZAG_HOME"), ""))
  return directory === "" || path.isAbsolute(directory) ? {} : { ZAG_HOME: path.resolve(directory) }
})

/** What cannot be recorded must not end the agent, nor hide how it ended. */
const warn = (error: ProcessStoreError) => Console.error(`Warning: ${error.message}`)

type Input = Command.Command.Config.Infer<typeof flags>

/** Runs it as a child of this program; `onStarted` is told when it runs, and as what. */
const runHere = Effect.fnUntraced(
  function*<E, R>(input: Input, onStarted: (id: string, pid: number) => Effect.Effect<void, E, R>) {
    const [command = "", ...args] = input.command
    const path = yield* Path.Path
    const { register } = yield* ProcessRegistration
    // Before there is an entry, so that a signal cannot leave one that stays `running`.
    const place = yield* ForegroundProcess.make
    const registration = yield* register({
      provider: Option.getOrElse(input.provider, () => path.basename(command)),
      model: Option.getOrUndefined(input.model),
      prompt: Option.getOrUndefined(input.prompt),
      sessionId: Option.getOrUndefined(input.session),
      sessionName: Option.getOrUndefined(input.name),
      root: Option.getOrUndefined(input.root),
      labels: fromLabels(input.label)
    })
    const environment = { ...Detached.environment, ...registration.environment, ...yield* home }
    const child = yield* place.start(command, args, environment).pipe(
      Effect.tapError(({ exitCode }) => Effect.catch(registration.finish({ status: "killed", exitCode }), warn))
    )
    yield* Effect.catch(registration.attach(child.pid), warn)
    yield* onStarted(registration.id, child.pid)
    const limit = { limit: input.timeout, name: path.basename(command) }
    const { exit, timedOut } = yield* TimeLimit.awaitExit(child, registration.id, limit)
    const ending = endingOf(exit)
    yield* Effect.catch(registration.finish(timedOut ? { ...ending, status: "killed" } : ending), warn)
    return yield* new ExitWith({ code: timedOut ? timeIsUp : ForegroundProcess.exitCodeOf(exit) })
  },
  Effect.scoped
)

const handleRun = Effect.fn("zag ps run")(
  function*(input: Input) {
    if (!input.detach) return yield* runHere(input, () => Effect.void)
    const starting = yield* Detached.startingLog
    if (Option.isSome(starting)) {
      return yield* runHere(input, (id, pid) => Detached.report(starting.value, id, pid))
    }
    const started = yield* Detached.start
    yield* answer(started, () => started.id)
  },
  // The child decides when this ends, not a signal to this program.
  Effect.uninterruptible
)

export const commandRun = Command.make("run", flags, handleRun).pipe(
  Command.withDescription(
    "Run a command as a registered process. It gets standard input and output, the signals sent to zag, and the ZAG_* " +
      "variables by which it knows itself; zag ends with its exit code, with 128 and the number of the signal that " +
      "ended it, or with 124 when its time was up. At a terminal it shares the process group of zag, as one job; away " +
      "from one it leads a session of its own, and signals reach all of its group."
  ),
  Command.withShortDescription("Run a command as a registered process"),
  Command.withExamples([
    {
      command: "zag ps run -p claude --prompt \"Fix the build\" -- claude -p \"Fix the build\"",
      description: "Run Claude Code so that zag ps shows it"
    },
    {
      command: "zag ps run -d --timeout 1h -- codex exec \"Fix the build\"",
      description: "Run Codex in the background, for an hour at most"
    }
  ])
)
