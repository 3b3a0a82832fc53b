import { ProcessControl } from "@zag/core/ProcessControl"
import type { ProcessList } from "@zag/core/ProcessList"
import { ShowHelp, ValidationError } from "effect/cli/CliError"
import * as Command from "effect/cli/Command"
import * as Clock from "effect/Clock"
import * as Console from "effect/Console"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { answer, Json, processJson, usageJson } from "../../Json.ts"
import * as ProcessText from "../../ProcessText.ts"
import * as Screen from "../../Screen.ts"
import * as Text from "../../Text.ts"
import * as Unreadable from "../../Unreadable.ts"
import { filterOf, filterText } from "./filterFlags.ts"
import { conflict, type ListFlags, listFlags } from "./listFlags.ts"

const ask = Effect.fnUntraced(function*(flags: ListFlags, now: number) {
  return yield* (yield* ProcessControl).list({
    ...(yield* filterOf(flags, now)),
    archived: flags.archived,
    sort: Option.getOrUndefined(flags.sort),
    usage: flags.usage,
    limit: Option.getOrUndefined(flags.limit)
  })
})

/** None at all are no line, not an empty one. */
const printLines = (lines: ReadonlyArray<string>) => lines.length === 0 ? Effect.void : Console.log(lines.join("\n"))

const printTable = Effect.fnUntraced(function*({ processes, usage }: ProcessList, flags: ListFlags, now: number) {
  if (processes.length === 0) return yield* Console.log("No processes found.")
  const columns = flags.noTrunc ? undefined : yield* Screen.columns
  const isTerminal = yield* Screen.isTerminal
  const colors = yield* Screen.colors
  const shown = Option.getOrUndefined(flags.columns)
  yield* Console.log(
    ProcessText.table(processes, { now, columns, isTerminal, colors, shown, usage: flags.usage ? usage : undefined })
  )
})

const watch = Effect.fnUntraced(function*(flags: ListFlags) {
  const { run } = yield* Effect.promise(() => import("../../watch/Watch.ts"))
  yield* run({
    // Durations of the filters count back from each look.
    ask: ({ running, sort }) =>
      Effect.flatMap(
        Clock.currentTimeMillis,
        (now) => ask({ ...flags, running, sort: Option.fromUndefinedOr(sort) }, now)
      ),
    running: flags.running,
    sort: Option.getOrUndefined(flags.sort),
    shown: Option.getOrUndefined(flags.columns),
    narrowed: (now) => [
      ...filterText(flags, now),
      ...Option.toArray(flags.limit).map((limit) => `at most ${limit}`),
      ...(flags.archived ? ["with the archive"] : [])
    ],
    interval: Option.getOrElse(flags.interval, () => Duration.seconds(2))
  })
})

export const handleList = Effect.fn("zag ps list")(function*(flags: ListFlags) {
  const json = yield* Json
  const message = conflict(flags, json)
  if (message !== undefined) {
    return yield* new ShowHelp({ commandPath: ["zag", "ps", "list"], errors: [new ValidationError({ message })] })
  }
  if (flags.watch) return yield* watch(flags)
  const now = yield* Clock.currentTimeMillis
  const list = yield* ask(flags, now)
  yield* Unreadable.warn(list.unreadable)
  if (flags.quiet) return yield* printLines(list.processes.map(({ id }) => Text.singleLine(id)))
  if (!json && !flags.jsonl) return yield* printTable(list, flags, now)
  const objects = list.processes.map((info) => flags.usage ? usageJson(info, list.usage?.get(info)) : processJson(info))
  return yield* flags.jsonl ? printLines(objects.map((object) => JSON.stringify(object))) : answer(objects, () => "")
})

export const commandList = Command.make("list", listFlags, handleList).pipe(
  Command.withAlias("ls"),
  Command.withDescription(
    "List registered processes with their live status, newest first. Filters of one kind: one of them must match; of " +
      "different kinds: all must. Values match exactly; '~opus', in quotes, matches what has opus in it, in upper or lower case. " +
      "A terminal shows running? where it is not known that the process is the one that was registered."
  ),
  Command.withShortDescription("List registered processes, newest first, with their live status"),
  Command.withExamples([
    { command: "zag ps list --running --usage --sort cpu", description: "What runs right now, the busiest first" },
    { command: "zag ps list -p claude -n 5 --json", description: "The five newest processes of Claude, for a script" },
    {
      command: "zag ps list --here --since 2d -m '~opus' -m '~fable'",
      description: "What these models did here in two days"
    },
    { command: "zag ps list --status dead --status unknown -q", description: "The ids of what is to be looked after" }
  ])
)
