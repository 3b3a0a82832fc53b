/**
 * The tools with which an agent looks at registered processes, and ends them.
 *
 * Nothing here knows of a protocol or a transport: any Effect program can mount
 * the tools in a server of its own.
 *
 * @since 0.1.0
 */
import { killProcess, pruneProcesses, stopProcess } from "./ChangingTools.ts"
import { getProcess, listProcesses, processesTable, processTree, waitProcess, whoami } from "./ReadingTools.ts"
import type * as Tool from "./Tool.ts"

/**
 * Every tool, in the order in which a client shows them.
 *
 * @category tools
 * @since 0.1.0
 */
export const all: ReadonlyArray<Tool.Tool> = [
  listProcesses,
  getProcess,
  processTree,
  whoami,
  waitProcess,
  processesTable,
  stopProcess,
  killProcess,
  pruneProcesses
]
