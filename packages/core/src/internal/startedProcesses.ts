/**
 * Trees of entries, and what each of them has started in the operating system.
 */
import * as Effect from "effect/Effect"
import { type OsProcess, refuse, type TreeMember } from "../OsProcess.ts"
import { forestOf, type ProcessNode, type Tree } from "../ProcessForest.ts"
import type { ProcessInfo } from "../ProcessInfo.ts"
import { ticksOf } from "./processTree.ts"

interface Found {
  readonly node: ProcessNode
  /** All pids that are shown in it, or stand for it. */
  readonly pids: ReadonlySet<number>
}

export const make = (os: OsProcess["Service"]) => {
  const membersOf = Effect.fnUntraced(function*({ id, liveStatus, pid }: ProcessInfo) {
    // The tree of pid 1 is everything.
    if (liveStatus !== "running" || refuse(pid, os.pid) !== undefined) return []
    const state = yield* os.inspect(pid)
    // Whoever only looks may see what it runs in itself.
    return state._tag === "Running"
      ? yield* os.tree({ target: { pid, startTicks: ticksOf(state) }, id, self: true, known: [] })
      : []
  })

  /** What the entries below have started is theirs, and not there a second time. */
  const find = (tree: Tree<ProcessInfo>): Effect.Effect<Found> =>
    Effect.gen(function*() {
      const below = yield* Effect.forEach(tree.children, find)
      const taken = new Set(below.flatMap(({ pids }) => Array.from(pids)))
      const members = yield* membersOf(tree.value)
      const own = members.filter(({ pid }) => pid !== tree.value.pid && !taken.has(pid))
      const node = { info: tree.value, processes: nested(own), children: below.map(({ node }) => node) }
      for (const { pid } of members) taken.add(pid)
      if (tree.value.liveStatus === "running") taken.add(tree.value.pid)
      return { node, pids: taken }
    })

  return Effect.fnUntraced(function*(trees: ReadonlyArray<Tree<ProcessInfo>>) {
    return (yield* Effect.forEach(trees, find)).map(({ node }) => node)
  })
}

const nested = (members: ReadonlyArray<TreeMember>): ReadonlyArray<Tree<TreeMember>> => {
  const byPid = new Map(members.map((member) => [member.pid, member]))
  return forestOf(members.toSorted((self, that) => self.pid - that.pid), ({ parent }) => byPid.get(parent))
}
