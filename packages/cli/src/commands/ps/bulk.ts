import { ProcessControl } from "@zag/core/ProcessControl"
import type { ProcessTargets } from "@zag/core/ProcessList"
import { ValidationError } from "effect/cli/CliError"
import type * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Prompt from "effect/cli/Prompt"
import * as Clock from "effect/Clock"
import * as Console from "effect/Console"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { ExitWith } from "../../ExitWith.ts"
import { answer, Json, processJson } from "../../Json.ts"
import * as ProcessText from "../../ProcessText.ts"
import * as Screen from "../../Screen.ts"
import * as Text from "../../Text.ts"
import { filterConflict, filterFlags, filterOf } from "./filterFlags.ts"
import { given } from "./given.ts"

/** The flags by which a command is done to many processes, instead of to those that are named. */
export const bulkFlags = {
  all: given("all", "All running processes that match the filters, but for the sessions that this runs in"),
  ...filterFlags,
  dryRun: given("dry-run", "With --all: signal nothing, and show what would be signalled"),
  yes: given("yes", "With --all: do not ask").pipe(Flag.withAlias("y"))
} as const

export type BulkFlags = Command.Command.Config.Infer<typeof bulkFlags>

const isGiven = (value: BulkFlags[keyof BulkFlags]): boolean =>
  typeof value === "boolean"
    ? value
    : Array.isArray(value)
    ? value.length > 0
    : Option.isSome(value as Option.Option<unknown>)

/** The processes are either named, or chosen by `--all`. */
export const wantTargets = (flags: BulkFlags, named: number) => {
  const { all } = flags
  const others = (Object.keys(bulkFlags) as ReadonlyArray<keyof BulkFlags>).filter((name) => name !== "all")
  const message = all && named > 0
    ? "An id and --all cannot be used together"
    : !all && named === 0
    ? "Say which processes: by id, or --all with filters"
    : !all && others.some((name) => isGiven(flags[name]))
    ? "Filters, --dry-run and --yes need --all"
    : filterConflict(flags)
  return message === undefined ? Effect.void : Effect.fail(new ValidationError({ message }))
}

/** There was nobody to ask. */
export class ConfirmationNeeded extends Data.TaggedError("ConfirmationNeeded")<{ readonly what: string }> {
  override get message(): string {
    return `Nothing was signalled: there is no terminal to ask at. Say --yes to have ${this.what}.`
  }
}

/** What is about to be done to processes. */
export interface Deed {
  /** As a question begins: `Kill`. */
  readonly ask: string
  /** What becomes of them: `killed`. */
  readonly done: string
}

const count = (processes: ReadonlyArray<unknown>): string =>
  processes.length === 1 ? "1 process" : `${processes.length} processes`

const preview = Effect.fnUntraced(function*({ spared, targets }: ProcessTargets, deed: Deed, now: number) {
  const options = {
    now,
    columns: yield* Screen.columns,
    isTerminal: yield* Screen.isTerminal,
    colors: yield* Screen.colors
  }
  return [
    ...(targets.length === 0
      ? ["No running process matches."]
      : [ProcessText.table(targets, options), `${count(targets)} would be ${deed.done}.`]),
    ...spared.map(({ id }) => `Spared: ${Text.singleLine(id)}, which this runs in; to end it as well, say self.`)
  ].join("\n")
})

const ask = Effect.fnUntraced(function*(targets: ReadonlyArray<unknown>, deed: Deed) {
  if (!(yield* Screen.canAsk)) return yield* new ConfirmationNeeded({ what: `${count(targets)} ${deed.done}` })
  const isConfirmed = yield* Prompt.run(Prompt.Confirm({ message: `${deed.ask} ${count(targets)}?` })).pipe(
    Effect.catch(() => Effect.succeed(false))
  )
  if (!isConfirmed) {
    yield* Console.error("Nothing was signalled.")
    return yield* new ExitWith({ code: 1 })
  }
})

/**
 * What the flags choose, once it was shown and confirmed. None when there is
 * nothing to be done, which was said then.
 */
export const choose = Effect.fnUntraced(function*(flags: BulkFlags, deed: Deed) {
  const now = yield* Clock.currentTimeMillis
  const found = yield* (yield* ProcessControl).targets(yield* filterOf(flags, now))
  const { targets } = found
  const json = yield* Json
  if (flags.dryRun || targets.length === 0) {
    const text = yield* preview(found, deed, now)
    yield* answer(targets.map(processJson), () => text)
    return []
  }
  if (!json) yield* Console.error(yield* preview(found, deed, now))
  if (!flags.yes) yield* ask(targets, deed)
  return targets
})
