import { ProcessControl } from "@zag/core/ProcessControl"
import { ProcessEntryJson } from "@zag/core/ProcessEntry"
import * as CliError from "effect/cli/CliError"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { answer } from "../../Json.ts"
import * as PruneText from "../../PruneText.ts"
import * as Screen from "../../Screen.ts"
import { count } from "./count.ts"
import { duration } from "./duration.ts"
import { given } from "./given.ts"
import { notTogether } from "./notTogether.ts"

const flags = {
  olderThan: duration(
    "older-than",
    "Only those that ended longer ago; that began longer ago, where nobody knows when they ended"
  ).pipe(Flag.optional),
  keep: count("keep", "Leave so many there: the newest of all that have ended").pipe(Flag.optional),
  status: Flag.Literals("status", ["exited", "killed"]).pipe(
    Flag.withMetavar("STATUS"),
    Flag.withDescription("Only those that ended so"),
    Flag.optional
  ),
  rootGone: given("root-gone", "Only those whose root directory does not exist any more"),
  dryRun: given("dry-run", "Move nothing, and show what would be moved"),
  files: given(
    "files",
    "Also delete the lifecycle markers, spawn logs and ended logs of sessions, of that age. Without --force it only shows what would go"
  ),
  keepLogs: given("keep-logs", "With --files: leave the logs of sessions"),
  force: given("force", "With --files: do it. What is deleted cannot be brought back")
} as const

type Input = Command.Command.Config.Infer<typeof flags>

/** Everything that has ended is seldom what was meant by nothing at all. */
const conditionProblem = ({ keep, olderThan, rootGone, status }: Input): string | undefined =>
  rootGone || Option.isSome(keep) || Option.isSome(olderThan) || Option.isSome(status)
    ? undefined
    : "Say which processes: --older-than DURATION, --keep COUNT, --status exited or killed, or --root-gone; " +
      "all that are given must hold. --keep 0 is all that have ended."

/** A file has an age, and nothing else that it could be chosen by. */
const filesProblem = ({ dryRun, files, force, keep, keepLogs, olderThan, rootGone, status }: Input) => {
  if (!files) return force || keepLogs ? "--force and --keep-logs need --files" : undefined
  if (Option.isNone(olderThan)) return "--files needs --older-than DURATION"
  return Option.isSome(keep) || Option.isSome(status) || rootGone
    ? "--files goes by --older-than alone: it cannot be used with --keep, --status or --root-gone"
    : notTogether({ "--dry-run": dryRun, "--force": force })
}

const check = (input: Input) => {
  const message = conditionProblem(input) ?? filesProblem(input)
  return message === undefined ? Effect.void : Effect.fail(new CliError.ValidationError({ message }))
}

const encode = Schema.encodeSync(Schema.Array(ProcessEntryJson))

export const commandPrune = Command.make(
  "prune",
  flags,
  Effect.fn("zag ps prune")(function*({ files, force, keep, keepLogs, olderThan, rootGone, status, ...flags }) {
    const control = yield* ProcessControl
    const dryRun = flags.dryRun || (files && !force)
    // The files first: where that is refused, nothing is done at all.
    const cleaned = files
      ? yield* (yield* Effect.promise(() => import("../../session/cleanup.ts"))).clean({
        olderThan: Option.getOrThrow(olderThan),
        keepLogs,
        dryRun
      })
      : undefined
    const moved = yield* control.prune({
      olderThan: Option.getOrUndefined(olderThan),
      keep: Option.getOrUndefined(keep),
      status: Option.getOrUndefined(status),
      rootGone,
      dryRun
    })
    const now = yield* Clock.currentTimeMillis
    const columns = yield* Screen.columns
    const json = { dry_run: dryRun, moved: encode(moved) }
    const text = PruneText.answer(moved, { now, columns, dryRun })
    if (cleaned === undefined) return yield* answer(json, () => text)
    yield* answer(
      { ...json, process_entries_removed: moved.length, ...cleaned.json },
      () => [text, ...cleaned.lines, ...(dryRun ? ["Nothing was changed: that takes --force."] : [])].join("\n")
    )
  })
).pipe(
  Command.validate(check),
  Command.withDescription(
    "Move processes that have ended, and those proven dead, from the registry to the archive. Nothing is lost, so " +
      "nothing is asked: zag ps list --archived and zag ps show still find them. What runs, or may run, stays. At " +
      "least one condition must be given, and all that are given must hold. --files is for what zag gc deletes besides, " +
      "for good: the files that sessions leave behind, but none of a session that runs or may run."
  ),
  Command.withShortDescription("Move processes that have ended to the archive"),
  Command.withExamples([
    { command: "zag ps prune --older-than 7d --dry-run", description: "What ended more than a week ago" },
    { command: "zag ps prune --keep 20", description: "Leave the twenty newest of those that have ended" },
    { command: "zag ps prune --older-than 7d --files", description: "What zag gc would clean up; --force does it" }
  ])
)
