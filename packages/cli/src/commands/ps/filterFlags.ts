import * as Moment from "@zag/core/Moment"
import { LiveStatus } from "@zag/core/ProcessInfo"
import { parseSelector } from "@zag/core/ProcessLabels"
import type { ListFilter } from "@zag/core/ProcessList"
import * as Timestamp from "@zag/core/Timestamp"
import type * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import * as Result from "effect/Result"
import * as TimeText from "../../TimeText.ts"
import { duration } from "./duration.ts"
import { given } from "./given.ts"
import { label } from "./label.ts"
import { notTogether } from "./notTogether.ts"
import { text } from "./text.ts"

/** May be given several times; a process of any of the values is shown. */
const anyOf = <A>(flag: Flag.Flag<A>) => Flag.atLeast(flag, 0)

const time = (name: string, description: string) =>
  text(name, "TIME", description).pipe(
    Flag.filterMap(Moment.parse, () => "a duration such as 2h or 7d, a date such as 2026-11-24, or an RFC 3339 time"),
    Flag.optional
  )

/** The flags by which processes are chosen. Different ones must all match. */
export const filterFlags = {
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
  label: label(
    "KEY[=VALUE]",
    "Only processes with this label; without =VALUE any value will do. Several of one key: one of them; of different keys: all",
    (selector) => Result.map(parseSelector(selector), () => selector)
  ),
  since: time(
    "since",
    "Only processes registered since then: 2h ago, 2026-11-24T08:00:00Z, or 2026-11-24, that is 0:00 local time"
  ),
  until: time("until", "Only processes registered until then"),
  idle: duration(
    "idle",
    "Only running processes in the log of whose session nothing was written for so long, heartbeats included"
  ).pipe(Flag.optional)
} as const

export type FilterFlags = Command.Command.Config.Infer<typeof filterFlags>

/** The shell is in a directory that was removed. */
export class NoCurrentDirectory extends Data.TaggedError("NoCurrentDirectory")<{ readonly flag: string }> {
  override get message(): string {
    return `The current directory, which ${this.flag} needs, does not exist any more. ` +
      "Change to one that does, or name one with --root and its whole path"
  }
}

const absolute = (path: Path.Path, flag: string, directory: string) =>
  Effect.try({ try: () => path.resolve(directory), catch: () => new NoCurrentDirectory({ flag }) })

/** The filter that the flags stand for; durations count back from `now`, in milliseconds since the Unix epoch. */
export const filterOf = Effect.fnUntraced(function*(flags: FilterFlags, now: number) {
  const path = yield* Path.Path
  const root = Option.getOrUndefined(flags.root)
  return {
    running: flags.running,
    status: flags.status,
    provider: flags.provider,
    model: flags.model,
    command: flags.command,
    session: Option.getOrUndefined(flags.session),
    root: root === undefined ? undefined : yield* absolute(path, "--root", root),
    rootWithin: flags.here ? yield* absolute(path, "--here", ".") : undefined,
    children: Option.getOrUndefined(flags.children),
    label: flags.label,
    since: Option.getOrUndefined(flags.since)?.(now),
    until: Option.getOrUndefined(flags.until)?.(now),
    idle: Option.getOrUndefined(flags.idle)
  } satisfies ListFilter
})

/** What the flags choose, in words, but for `running`. */
export const filterText = (flags: FilterFlags, now: number): ReadonlyArray<string> => {
  const timeText = (moment: Moment.Moment) => TimeText.toSecond(Timestamp.format(moment(now)))
  const values: Readonly<Record<string, ReadonlyArray<string>>> = {
    status: flags.status,
    provider: flags.provider,
    model: flags.model,
    command: flags.command,
    session: Option.toArray(flags.session),
    root: Option.toArray(flags.root),
    children: Option.toArray(flags.children),
    label: flags.label,
    since: Option.toArray(flags.since).map(timeText),
    until: Option.toArray(flags.until).map(timeText),
    idle: Option.toArray(flags.idle).map(Duration.format)
  }
  return [
    ...(flags.here ? ["here"] : []),
    ...Object.entries(values).flatMap(([name, values]) => values.length === 0 ? [] : [`${name} ${values.join(", ")}`])
  ]
}

/** Says so where two of them cannot go together. */
export const filterConflict = (flags: FilterFlags): string | undefined =>
  notTogether({ "--root": Option.isSome(flags.root), "--here": flags.here })
