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
  dryRun: given("dry-run", "Move nothing, and show what would be moved")
} as const

type Input = Command.Command.Config.Infer<typeof flags>

/** Everything that has ended is seldom what was meant by nothing at all. */
const wantCondition = ({ keep, olderThan, rootGone, status }: Input) =>
  rootGone || Option.isSome(keep) || Option.isSome(olderThan) || Option.isSome(status)
    ? Effect.void
    : Effect.fail(
      new CliError.ValidationError({
        message:
          "Say which processes: --older-than DURATION, --keep COUNT, --status exited or killed, or --root-gone; " +
          "all that are given must hold. --keep 0 is all that have ended."
      })
    )

const encode = Schema.encodeSync(Schema.Array(ProcessEntryJson))

export const commandPrune = Command.make(
  "prune",
  flags,
  Effect.fn("zag ps prune")(function*({ dryRun, keep, olderThan, rootGone, status }) {
    const control = yield* ProcessControl
    const moved = yield* control.prune({
      olderThan: Option.getOrUndefined(olderThan),
      keep: Option.getOrUndefined(keep),
      status: Option.getOrUndefined(status),
      rootGone,
      dryRun
    })
    const now = yield* Clock.currentTimeMillis
    const columns = yield* Screen.columns
    yield* answer({ dry_run: dryRun, moved: encode(moved) }, () => PruneText.answer(moved, { now, columns, dryRun }))
  })
).pipe(
  Command.validate(wantCondition),
  Command.withDescription(
    "Move processes that have ended, and those proven dead, from the registry to the archive. Nothing is lost, so " +
      "nothing is asked: zag ps list --archived and zag ps show still find them. What runs, or may run, stays. At " +
      "least one condition must be given, and all that are given must hold."
  ),
  Command.withShortDescription("Move processes that have ended to the archive"),
  Command.withExamples([
    { command: "zag ps prune --older-than 7d --dry-run", description: "What ended more than a week ago" },
    { command: "zag ps prune --keep 20", description: "Leave the twenty newest of those that have ended" }
  ])
)
