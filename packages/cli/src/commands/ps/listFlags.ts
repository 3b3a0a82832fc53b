import * as ProcessOrder from "@zag/core/ProcessOrder"
import type * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Option from "effect/Option"
import * as ProcessColumn from "../../ProcessColumn.ts"
import { count } from "./count.ts"
import { duration } from "./duration.ts"
import { filterConflict, filterFlags } from "./filterFlags.ts"
import { given } from "./given.ts"
import { notTogether } from "./notTogether.ts"
import { text } from "./text.ts"

const columns = (value: string): Option.Option<ReadonlyArray<ProcessColumn.Name>> => {
  const names = value.split(",").map((name) => name.trim().toLowerCase())
  return names.every(ProcessColumn.isName) ? Option.some(names) : Option.none()
}

const fields = ProcessOrder.OrderField.literals.join(", ")
const columnNames = ProcessColumn.names.join(", ")

/** The flags of `zag ps list`, which `zag ps` alone takes as well. */
export const listFlags = {
  ...filterFlags,
  limit: count("limit", "At most so many, the first in order; counted after the filters").pipe(
    Flag.withAlias("n"),
    Flag.optional
  ),
  sort: text(
    "sort",
    "FIELD[:asc|desc]",
    `By ${fields}. Times and usage downwards by default, all else upwards. Default: started, the newest first`
  ).pipe(
    Flag.filterMap(ProcessOrder.parse, () => `FIELD, FIELD:asc or FIELD:desc, with one of the fields ${fields}`),
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
  watch: given("watch", "Show the list as it changes, on the whole screen; ? shows the keys").pipe(Flag.withAlias("w")),
  interval: duration("interval", "With --watch: how often to look whether those that run still do, 2s by default").pipe(
    Flag.optional
  ),
  usage: given("usage", "Also CPU, over the life of each running process, and its resident memory")
} as const

export type ListFlags = Command.Command.Config.Infer<typeof listFlags>

const needsUsage = (name: string): boolean => name === "cpu" || name === "mem"

const withoutUsage = ({ columns, sort }: ListFlags): string | undefined => {
  if (Option.isSome(sort) && needsUsage(sort.value.field)) return `--sort ${sort.value.field} needs --usage`
  const column = Option.getOrElse(columns, () => []).find(needsUsage)
  return column === undefined ? undefined : `The column ${column} needs --usage`
}

const withWatch = ({ interval, jsonl, quiet, watch }: ListFlags, json: boolean): string | undefined => {
  if (!watch) return Option.isSome(interval) ? "--interval needs --watch" : undefined
  return json || jsonl || quiet ? "--watch is for people; zag ps events --json tells a script what changes" : undefined
}

/** Which of the flags cannot go together, if any. */
export const conflict = (flags: ListFlags, json: boolean): string | undefined =>
  notTogether({
    "--json": json,
    "--jsonl": flags.jsonl,
    "--quiet": flags.quiet,
    "--columns": Option.isSome(flags.columns)
  }) ?? filterConflict(flags) ?? withWatch(flags, json) ??
    (flags.usage ? undefined : withoutUsage(flags))
