/**
 * How failures are told, and the exit codes they end with.
 *
 * 0: done. 1: it could not be done. 2: it was asked wrongly. 128 and the number
 * of a signal: that has ended it. `zag ps run` ends as its command does.
 */
import * as Cause from "effect/Cause"
import { isCliError } from "effect/cli/CliError"
import * as CliOutput from "effect/cli/CliOutput"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Predicate from "effect/Predicate"
import { ExitWith } from "./ExitWith.ts"
import { exitCodeOfSignal, SpawnFailed } from "./ForegroundProcess.ts"

/** Whether `--json` or `--jsonl` was given. A command line that does not parse has no flags yet, so its words are asked. */
export const wantsJson = (words: ReadonlyArray<string>): boolean => {
  const end = words.indexOf("--")
  return words.slice(0, end === -1 ? undefined : end).some((word) => word === "--json" || word === "--jsonl")
}

interface Told {
  readonly code: string
  readonly message: string
}

const tell = (json: boolean, error: Told, text: string) => Console.error(json ? JSON.stringify({ error }) : text)

/** Says it where no effect runs any more. */
export const tellNow = (args: ReadonlyArray<string>, error: Told): void =>
  Effect.runSync(tell(wantsJson(args), error, `Error: ${error.message}`))

/** `ProcessNotFound` is `process_not_found` to scripts. */
const snakeCase = (tag: string): string => tag.replaceAll(/(?<=[a-z])(?=[A-Z])/g, "_").toLowerCase()

const codeOf = (error: unknown): string => {
  const reason = Predicate.hasProperty(error, "reason") ? error.reason : error
  return Predicate.hasProperty(reason, "_tag") && Predicate.isString(reason._tag) ? snakeCase(reason._tag) : "error"
}

/** What scripts are told of an error. */
export const told = (error: Error): Told => ({ code: codeOf(error), message: error.message })

/** Says on stderr why a command failed; a stack is shown only for what should not be possible. */
export const report = (json: boolean) => (cause: Cause.Cause<unknown>): Effect.Effect<void> => {
  const error = Cause.squash(cause)
  // Wrong usage has been told by the presenter below.
  if (Cause.hasInterruptsOnly(cause) || isCliError(error) || error instanceof ExitWith) return Effect.void
  const message = Predicate.isError(error) ? error.message : String(error)
  return Cause.hasFails(cause)
    ? tell(json, { code: codeOf(error), message }, `Error: ${message}`)
    : tell(json, { code: "internal_error", message }, Cause.pretty(cause))
}

/** Help goes to stdout when it was asked for; wrong usage goes to stderr, with where to find help. */
export const presenter = (json: boolean): CliOutput.Presenter => ({
  present: (event) => {
    if (event._tag !== "InvalidInvocation") return CliOutput.defaultPresenter.present(event)
    const message = event.errors.map((error) => error.message).join("\n")
    const help = `For more information, try '${event.commandPath.join(" ")} --help'.`
    return tell(json, { code: "usage", message }, `Error: ${message}\n\nUsage: ${event.helpDoc.usage}\n\n${help}`)
  }
})

/** The exit code of the program; `signal` is what has ended it, if it was interrupted. */
export const exitCodeOf = (exit: Exit.Exit<unknown, unknown>, signal: NodeJS.Signals = "SIGINT"): number => {
  if (Exit.isSuccess(exit)) return 0
  if (Cause.hasInterruptsOnly(exit.cause)) return exitCodeOfSignal(signal)
  const error = Cause.squash(exit.cause)
  if (error instanceof ExitWith) return error.code
  if (error instanceof SpawnFailed) return error.exitCode
  if (isCliError(error)) return error._tag === "ShowHelp" && error.errors.length === 0 ? 0 : 2
  return 1
}
