/**
 * Who started whom, as much of it as fits into an answer.
 */
import type { TreeMember } from "@zag/core/OsProcess"
import type { ProcessNode, Tree } from "@zag/core/ProcessForest"
import { LiveStatus } from "@zag/core/ProcessInfo"
import * as Schema from "effect/Schema"
import { ageSeconds } from "./shown.ts"

/** More than a model reads with profit, and deeper than agents start agents. */
export const bounds = { nodes: 200, depth: 16 } as const

/** A process of the operating system. */
interface Started {
  readonly pid: number
  readonly command: string
}

/** A registered process, what it runs, and what it has started. */
export interface Node {
  readonly id: string
  readonly provider: string
  readonly prompt: string | null
  readonly live_status: LiveStatus
  readonly age_seconds: number | null
  readonly processes: ReadonlyArray<Started>
  readonly children: ReadonlyArray<Node>
  /** How many of its children are left out; absent when none are. */
  readonly omitted_children?: number
}

export const Node: Schema.Codec<Node> = Schema.Struct({
  id: Schema.String,
  provider: Schema.String,
  prompt: Schema.NullOr(Schema.String),
  live_status: LiveStatus,
  age_seconds: Schema.NullOr(Schema.Finite),
  processes: Schema.Array(Schema.Struct({ pid: Schema.Finite, command: Schema.String })),
  children: Schema.Array(Schema.suspend((): Schema.Codec<Node> => Node)),
  omitted_children: Schema.optionalKey(Schema.Finite)
}).annotate({ identifier: "Node" })

/** Each one before what is below it. */
const flattened = (trees: ReadonlyArray<Tree<TreeMember>>): ReadonlyArray<Started> => {
  const found: Array<Started> = []
  const left = trees.toReversed()
  for (let tree = left.pop(); tree !== undefined; tree = left.pop()) {
    found.push({ pid: tree.value.pid, command: tree.value.command })
    for (const child of tree.children.toReversed()) left.push(child)
  }
  return found
}

/** How many registered processes there are, and how many of the operating system. */
const count = (trees: ReadonlyArray<ProcessNode>): number => {
  let sum = 0
  // It grows while it is read.
  const left = Array.from(trees)
  for (const { children, processes } of left) {
    sum += 1 + flattened(processes).length
    for (const child of children) left.push(child)
  }
  return sum
}

/** The registered ones that are shown: those nearest to the top. */
const nearest = (trees: ReadonlyArray<ProcessNode>): ReadonlySet<ProcessNode> => {
  const chosen = new Set<ProcessNode>()
  let level = trees
  for (let depth = 0; depth < bounds.depth && level.length > 0; depth++) {
    const fitting = level.slice(0, bounds.nodes - chosen.size)
    for (const node of fitting) chosen.add(node)
    level = fitting.flatMap(({ children }) => children)
  }
  return chosen
}

/** The trees within the bounds, and how many nodes of both kinds are left out. */
export const shorten = (
  trees: ReadonlyArray<ProcessNode>,
  now: number
): { readonly trees: ReadonlyArray<Node>; readonly omitted: number } => {
  const chosen = nearest(trees)
  let room = bounds.nodes - chosen.size
  const started = new Map<ProcessNode, ReadonlyArray<Started>>()
  for (const node of chosen) {
    const fitting = flattened(node.processes).slice(0, room)
    started.set(node, fitting)
    room -= fitting.length
  }
  const toNode = (node: ProcessNode): Node => {
    const { children, info } = node
    const kept = children.filter((child) => chosen.has(child))
    return {
      id: info.id,
      provider: info.provider,
      prompt: info.prompt,
      live_status: info.liveStatus,
      age_seconds: ageSeconds(info, now),
      processes: started.get(node) ?? [],
      children: kept.map(toNode),
      ...(kept.length === children.length ? {} : { omitted_children: children.length - kept.length })
    }
  }
  return {
    trees: trees.filter((node) => chosen.has(node)).map(toNode),
    omitted: count(trees) - (bounds.nodes - room)
  }
}
