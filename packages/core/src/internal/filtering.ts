/**
 * Which processes a list shows: the filters that need a look at the entry
 * alone, and those that need one at its process.
 */
import * as Arr from "effect/Array"
import * as Result from "effect/Result"
import type { ProcessEntry } from "../ProcessEntry.ts"
import type { LiveStatus } from "../ProcessInfo.ts"
import * as Labels from "../ProcessLabels.ts"
import type { ListFilter } from "../ProcessList.ts"
import * as Timestamp from "../Timestamp.ts"

type OneOrMore<A> = A | ReadonlyArray<A> | undefined

const valuesOf = <A>(given: OneOrMore<A>): ReadonlyArray<A> => given === undefined ? [] : Arr.ensure(given)

/** `~part` is in the value, in upper or lower case; anything else is the value. */
export const matchesText = (pattern: string): (value: string | null) => boolean => {
  if (!pattern.startsWith("~")) return (value) => value === pattern
  const part = pattern.slice(1).toLowerCase()
  return (value) => value !== null && value.toLowerCase().includes(part)
}

const matchesAny = (given: OneOrMore<string>) => {
  const patterns = valuesOf(given).map(matchesText)
  return patterns.length === 0
    ? undefined
    : (value: string | null): boolean => patterns.some((matches) => matches(value))
}

const withoutSlash = (directory: string): string => directory.replace(/(?<=.)[/\\]+$/, "")

/** The directory itself, spelt with or without a slash at its end. */
export const isDirectory = (directory: string) => {
  const wanted = withoutSlash(directory)
  return (root: string | null): boolean => root !== null && withoutSlash(root) === wanted
}

/** The directory, or one below it. */
export const isWithin = (directory: string) => {
  const wanted = withoutSlash(directory)
  // Every absolute path has a slash, but for those of Windows.
  const separator = wanted.includes("/") ? "/" : "\\"
  const beginning = wanted.endsWith(separator) ? wanted : wanted + separator
  return (root: string | null): boolean =>
    root !== null && (withoutSlash(root) === wanted || root.startsWith(beginning))
}

const isBetween = (since: Timestamp.Instant | undefined, until: Timestamp.Instant | undefined) => {
  if (since === undefined && until === undefined) return undefined
  return (text: string): boolean => {
    const instant = Timestamp.parse(text)
    return instant !== undefined &&
      (since === undefined || Timestamp.InstantOrder(instant, since) >= 0) &&
      (until === undefined || Timestamp.InstantOrder(instant, until) <= 0)
  }
}

/** What a look at the process can find, given what is stored: all but `running` is final. */
export const possibleStatuses = (stored: string): ReadonlyArray<LiveStatus> => {
  if (stored === "running") return ["running", "dead", "unknown"]
  return stored === "exited" || stored === "killed" ? [stored] : ["unknown"]
}

/** The statuses that are asked for; undefined for all. */
const statusesOf = ({ idle, running, status }: ListFilter): ReadonlyArray<LiveStatus> | undefined => {
  const given = valuesOf(status)
  // What has ended is not idle.
  if (running !== true && idle === undefined) return given.length === 0 ? undefined : given
  return given.length === 0 || given.includes("running") ? ["running"] : []
}

/** Whether the labels of a process are asked for; undefined when any are. */
export const matchesLabels = (
  { label }: ListFilter
): Result.Result<((labels: Labels.ProcessLabels) => boolean) | undefined, Labels.InvalidLabel> =>
  Result.map(
    Result.all(valuesOf(label).map(Labels.parseSelector)),
    (selectors) => selectors.length === 0 ? undefined : Labels.matches(selectors)
  )

export interface Filtering {
  /** Whether an entry can be in the list, as far as that can be told without a look at its process; undefined when all can. */
  readonly matchesEntry: ((entry: ProcessEntry) => boolean) | undefined
  /** Whether it is in the list, once its process was looked at; undefined when that makes no difference. */
  readonly matchesStatus: ((status: LiveStatus) => boolean) | undefined
}

/** A condition on a field, where there is one. */
const on = <K extends keyof ProcessEntry>(field: K, matches: ((value: ProcessEntry[K]) => boolean) | undefined) =>
  matches === undefined ? [] : [(entry: ProcessEntry): boolean => matches(entry[field])]

/** Every given field must match; `parent` is what `children` stands for. */
export const make = (filter: ListFilter, parent: string | undefined): Filtering => {
  const statuses = statusesOf(filter)
  // Those that are not asked for cost nothing, of however many entries.
  const conditions: ReadonlyArray<(entry: ProcessEntry) => boolean> = [
    ...on("provider", matchesAny(filter.provider)),
    ...on("model", matchesAny(filter.model)),
    ...on("command", matchesAny(filter.command)),
    ...on("sessionId", matchesAny(filter.session)),
    ...(parent === undefined
      ? []
      : [(entry: ProcessEntry) => entry.parentProcessId === parent || entry.parentSessionId === parent]),
    ...on("root", filter.root === undefined ? undefined : isDirectory(filter.root)),
    ...on("root", filter.rootWithin === undefined ? undefined : isWithin(filter.rootWithin)),
    ...on(
      "status",
      statuses === undefined
        ? undefined
        : (stored) => possibleStatuses(stored).some((status) => statuses.includes(status))
    ),
    ...on("startedAt", isBetween(filter.since, filter.until))
  ]
  return {
    matchesEntry: conditions.length === 0
      ? undefined
      : (entry) => conditions.every((condition) => condition(entry)),
    matchesStatus: statuses === undefined ? undefined : (status) => statuses.includes(status)
  }
}
