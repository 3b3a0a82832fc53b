import { ProcessControl } from "@zag/core/ProcessControl"
import { ZagHome } from "@zag/core/ZagHome"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Clock from "effect/Clock"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { answer, processJson } from "../../Json.ts"
import * as ProcessText from "../../ProcessText.ts"
import * as Screen from "../../Screen.ts"

/** The filters of `zag ps list`, which `zag ps` alone takes as well. */
export const listFlags = {
  running: Flag.Boolean("running").pipe(
    Flag.withDescription("Only processes that are running now"),
    Flag.withoutNegation,
    Flag.withDefault(false)
  ),
  provider: Flag.String("provider").pipe(
    Flag.withAlias("p"),
    Flag.withMetavar("NAME"),
    Flag.withDescription("Only processes of this provider, such as claude or codex"),
    Flag.optional
  ),
  children: Flag.String("children").pipe(
    Flag.withMetavar("ID"),
    Flag.withDescription("Only processes started by this process or session; self for your own"),
    Flag.optional
  ),
  archived: Flag.Boolean("archived").pipe(
    Flag.withDescription("Also processes that were moved to the archive, long after they had ended"),
    Flag.withoutNegation,
    Flag.withDefault(false)
  ),
  limit: Flag.Int("limit").pipe(
    Flag.withAlias("n"),
    Flag.withMetavar("COUNT"),
    Flag.withDescription("At most so many, the newest; counted after the other filters"),
    Flag.filter((limit) => limit >= 0, () => "a whole number, 0 or more"),
    Flag.optional
  )
} as const

export const handleList = Effect.fn("zag ps list")(function*(flags: Command.Command.Config.Infer<typeof listFlags>) {
  const control = yield* ProcessControl
  const { processes, unreadable } = yield* control.list({
    running: flags.running,
    provider: Option.getOrUndefined(flags.provider),
    children: Option.getOrUndefined(flags.children),
    archived: flags.archived,
    limit: Option.getOrUndefined(flags.limit)
  })
  const { processesFile } = yield* ZagHome
  for (const { index, problem } of unreadable) {
    yield* Console.error(
      `Warning: entry ${index + 1} of ${processesFile} cannot be read and is left as it is: ${problem}`
    )
  }
  const columns = yield* Screen.columns
  const now = yield* Clock.currentTimeMillis
  yield* answer(
    processes.map(processJson),
    () => processes.length === 0 ? "No processes found." : ProcessText.table(processes, { now, columns })
  )
})

export const commandList = Command.make("list", listFlags, handleList).pipe(
  Command.withAlias("ls"),
  Command.withDescription("List registered processes, newest first, with their live status"),
  Command.withExamples([
    { command: "zag ps list --running", description: "What runs right now" },
    { command: "zag ps list -p claude -n 5 --json", description: "The five newest processes of Claude, for a script" }
  ])
)
