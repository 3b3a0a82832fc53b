import * as Command from "effect/cli/Command"
import * as ShellCompletion from "../ShellCompletion.ts"
import { commandAudit } from "./ps/audit.ts"
import { commandCancel } from "./ps/cancel.ts"
import { commandDoctor } from "./ps/doctor.ts"
import { commandEnv } from "./ps/env.ts"
import { commandEvents } from "./ps/events.ts"
import { commandKill } from "./ps/kill.ts"
import { commandList, handleList } from "./ps/list.ts"
import { listFlags } from "./ps/listFlags.ts"
import { commandLogs } from "./ps/logs.ts"
import { commandPrune } from "./ps/prune.ts"
import { commandRun } from "./ps/run.ts"
import { commandShow } from "./ps/show.ts"
import { commandStatus } from "./ps/status.ts"
import { commandStop } from "./ps/stop.ts"
import { commandTree } from "./ps/tree.ts"
import { commandWait } from "./ps/wait.ts"
import { commandWhoami } from "./ps/whoami.ts"

// Declared, as it is in the tree itself.
const tree = (): Command.Command.Any => commandPs

export const commandPs = Command.make("ps", listFlags, handleList).pipe(
  Command.withDescription("See and end the agent processes of this machine; without a subcommand, list them"),
  Command.withShortDescription("See and end agent processes"),
  Command.withSubcommands([
    commandList,
    commandShow,
    commandStop,
    commandKill,
    commandWait,
    commandRun,
    commandDoctor,
    commandAudit,
    commandWhoami,
    commandPrune,
    commandLogs,
    commandTree,
    commandEvents,
    commandEnv,
    commandStatus,
    commandCancel,
    ShellCompletion.command(tree)
  ])
)
