/**
 * Which processes belong to the tree of an agent.
 *
 * The parent alone does not tell: a child may leave its group, its session or
 * its parent. What it cannot leave is what it inherited at birth, so every one
 * of these ties counts.
 */
import type { PidState, ProcessId, TreeMember, TreeQuery } from "../OsProcess.ts"

/** A process as one look at the system shows it. */
export interface ProcessRow extends Omit<TreeMember, "command"> {
  /** It has ended, and its parent has not asked how. */
  readonly ended: boolean
  /** It carries the id that was asked for; `tagged` says that it belongs to this user as well. */
  readonly carries: boolean
  /** Its command line, where the look at the system shows that as well. */
  readonly command?: string
}

/** The program that asks. */
export interface Caller {
  readonly pid: number
  readonly ancestors: ReadonlyArray<number>
}

const isSame = (one: ProcessId, other: ProcessId): boolean =>
  one.pid === other.pid && one.startTicks === other.startTicks

/** What tells two processes that had one pid apart: the kernel's own clock, or else the time of day. */
export const ticksOf = (state: PidState): number | undefined =>
  state._tag === "Running" ? state.startTicks ?? state.startTime : undefined

/** A process, its parent, and so on, without the process itself. */
export const chainOf = (pid: number, parentOf: (pid: number) => number | undefined): ReadonlyArray<number> => {
  const chain: Array<number> = []
  for (
    let parent = parentOf(pid);
    parent !== undefined && parent > 0 && !chain.includes(parent);
    parent = parentOf(parent)
  ) chain.push(parent)
  return chain
}

/**
 * What is left to know of a tree when a look at the system has failed: those
 * who are asked for, or were seen before, and whose pid is still somebody's.
 * Nobody counts as gone because of the failure.
 */
export const rowsWithoutLook = (
  { known, target }: TreeQuery,
  isThere: (pid: number) => boolean
): ReadonlyArray<ProcessRow> => {
  const rows = new Map<number, ProcessRow>()
  const unknown = { parent: 0, group: 0, session: 0, tagged: false }
  for (const one of [...target === undefined ? [] : [{ ...target, ...unknown }], ...known]) {
    if (isThere(one.pid)) rows.set(one.pid, { ...one, ended: false, carries: false })
  }
  return Array.from(rows.values())
}

/** The rows of the tree, in the order given. */
export const treeOf = <Row extends ProcessRow>(
  rows: ReadonlyArray<Row>,
  { id, known, self, target }: TreeQuery,
  caller: Caller
): ReadonlyArray<Row> => {
  const byPid = new Map(rows.map((row) => [row.pid, row]))
  // The system itself and the program that asks are nobody's tree: all orphans are children of the first process.
  const root = target === undefined || target.pid <= 1 || target.pid === caller.pid ? undefined : target
  // The number of a group or session is not given out again while anything is in it, so those whose leader is gone
  // still count; unless there is somebody else by that number.
  const isTaken = (leader: ProcessId) => {
    const row = byPid.get(leader.pid)
    return row !== undefined && !isSame(row, leader)
  }
  const remembered = known.filter((member) => member.pid > 1 && !isTaken(member))
  const roots = root === undefined ? remembered : [root, ...remembered]

  const sessions = new Set<number>()
  let group: number | undefined
  const row = root === undefined || isTaken(root) ? undefined : byPid.get(root.pid)
  for (const leader of row === undefined ? remembered : [row, ...remembered]) {
    // Whoever is in a session was born into it, below its leader. A group may have been joined from elsewhere, as in
    // a pipeline, so only that of the target counts.
    if (leader.session === leader.pid) sessions.add(leader.pid)
    if (leader.pid === root?.pid && leader.group === leader.pid) group = leader.pid
  }

  const children = Map.groupBy(rows, (row) => row.parent)
  const bySession = Map.groupBy(rows, (row) => row.session)
  const tree = new Set<number>()
  const next = rows.filter((row) =>
    (row.carries && id !== "") || row.group === group || sessions.has(row.session) ||
    roots.some((one) => isSame(one, row))
  )
  for (let row = next.pop(); row !== undefined; row = next.pop()) {
    if (row.pid <= 1 || tree.has(row.pid)) continue
    tree.add(row.pid)
    next.push(...children.get(row.pid) ?? [])
    if (row.session === row.pid) next.push(...bySession.get(row.pid) ?? [])
  }

  const spared = new Set([caller.pid, ...caller.ancestors])
  if (self && root !== undefined) spared.delete(root.pid)
  return rows.filter((row) => tree.has(row.pid) && !row.ended && !spared.has(row.pid))
}

export const memberOf = (
  { group, parent, pid, session, startTicks, tagged }: ProcessRow,
  command: string
): TreeMember => ({ pid, startTicks, parent, group, session, tagged, command })

/** What a person can recognize of a command line: no control characters, and not a whole prompt. */
export const commandText = (words: string): string => {
  // oxlint-disable-next-line no-control-regex -- these are what must go
  const text = words.replaceAll(/[\u0000-\u001f\u007f-\u009f\s]+/g, " ").trim()
  return text.length <= 100 ? text : `${text.slice(0, 99).toWellFormed().replace(/\ufffd$/, "")}…`
}
