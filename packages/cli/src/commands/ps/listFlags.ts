import { LiveStatus } from "@zag/core/ProcessInfo"
import { OrderField, type ProcessOrder } from "@zag/core/ProcessOrder"
import type * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Option from "effect/Option"
import * as ProcessColumn from "../../ProcessColumn.ts"
import * as TimeText from "../../TimeText.ts"
import { count } from "./count.ts"
import { given } from "./given.ts"

const text = (name: string, metavar: string, description: string) =>
  Flag.String(name).pipe(Flag.withMetavar(metavar), Flag.withDescription(description))

/** May be given several times; a process of any of the values is shown. */
const anyOf = <A>(flag: Flag.Flag<A>) => Flag.atLeast(flag, 0)

const time = (name: string, description: string) =>
  text(name, "TIME", description).pipe(
    Flag.filterMap(TimeText.parse, () => "a duration such as 2h or 7d, a date such as 2026-11-24, or an RFC 3339 time"),
    Flag.optional
  )

const isField = (word: string): word is OrderField => OrderField.literals.some((field) => field === word)

const order = (value: string): Option.Option<ProcessOrder> => {
  const [field = "", direction, ...rest] = value.split(":")
  if (!isField(field) || rest.length > 0) return Option.none()
  if (direction === undefined) return Option.some({ field })
  return direction === "asc" || direction === "desc" ? Option.some({ field, direction }) : Option.none()
}

const columns = (value: string): Option.Option<ReadonlyArray<ProcessColumn.Name>> => {
  const names = value.split(",").map((name) => name.trim().toLowerCase())
  return names.every(ProcessColumn.isName) ? Option.some(names) : Option.none()
}

const fields = OrderField.literals.join(", ")
const columnNames = ProcessColumn.names.join(", ")

/** The flags of `zag ps list`, which `zag ps` alone takes as well. */
export const listFlags = {
  running: given("running", "Only processes that are running now"),
  status: Flag.Literals("status", LiveStatus.literals).pipe(
    Flag.withDescription("Only processes with this live status; several of one filter: any of them"),
    anyOf
  ),
  provider: text("provider", "NAME", "Only processes of this provider, such as claude or codex; '~NAME': in part").pipe(
    Flag.withAlias("p"),
    anyOf
  ),
  model: text("model", "NAME", "Only processes with this model; '~opus': with opus in its name").pipe(
    Flag.withAlias("m"),
    anyOf
  ),
  command: anyOf(text("command", "NAME", "Only processes of this command, such as run or exec; '~NAME': in part")),
  session: text("session", "ID", "Only processes of this session; '~ID': in part").pipe(Flag.optional),
  root: text("root", "DIR", "Only processes with exactly this project directory").pipe(Flag.optional),
  here: given("here", "Only processes with the current directory, or one below it, as their project directory"),
  children: text("children", "ID", "Only processes started by this process or session; self for your own").pipe(
    Flag.optional
  ),
  since: time(
    "since",
    "Only processes registered since then: 2h ago, 2026-11-24T08:00:00Z, or 2026-11-24, that is 0:00 local time"
  ),
  until: time("until", "Only processes registered until then"),
  limit: count("limit", "At most so many, the first in order; counted after the filters").pipe(
    Flag.withAlias("n"),
    Flag.optional
  ),
  sort: text(
    "sort",
    "FIELD[:asc|desc]",
    `By ${fields}. Times and usage downwards by default, all else upwards. Default: started, the newest first`
  ).pipe(
    Flag.filterMap(order, () => `FIELD, FIELD:asc or FIELD:desc, with one of the fields ${fields}`),
    Flag.optional
  ),
  columns: text("columns", "LIST", `The columns of the table, separated by commas: ${columnNames}`).pipe(
    Flag.filterMap(columns, () => `names separated by commas, of ${columnNames}`),
    Flag.optional
  ),
  quiet: given("quiet", "Print the ids only, one on each line").pipe(Flag.withAlias("q")),
  jsonl: given("jsonl", "Print one JSON object for each process, one on each line"),
  noTrunc: given("no-trunc", "Show every value whole on a terminal as well"),
  archived: given("archived", "Also processes that were moved to the archive, long after they had ended"),
  usage: given("usage", "Also CPU, over the life of each running process, and its resident memory")
} as const

export type ListFlags = Command.Command.Config.Infer<typeof listFlags>

const needsUsage = (name: string): boolean => name === "cpu" || name === "mem"

/** Says so of the first two of these flags that were given. */
const notTogether = (flags: Readonly<Record<string, boolean>>): string | undefined => {
  const [first, second] = Object.keys(flags).filter((flag) => flags[flag])
  return second === undefined ? undefined : `${first} and ${second} cannot be used together`
}

const withoutUsage = ({ columns, sort }: ListFlags): string | undefined => {
  if (Option.isSome(sort) && needsUsage(sort.value.field)) return `--sort ${sort.value.field} needs --usage`
  const column = Option.getOrElse(columns, () => []).find(needsUsage)
  return column === undefined ? undefined : `The column ${column} needs --usage`
}

/** Which of the flags cannot go together, if any. */
export const conflict = (flags: ListFlags, json: boolean): string | undefined =>
  notTogether({
    "--json": json,
    "--jsonl": flags.jsonl,
    "--quiet": flags.quiet,
    "--columns": Option.isSome(flags.columns)
  }) ?? notTogether({ "--root": Option.isSome(flags.root), "--here": flags.here }) ??
    (flags.usage ? undefined : withoutUsage(flags))
