/**
 * Who started whom, as far as the registry knows.
 *
 * @since 0.1.0
 */
import type { TreeMember } from "./OsProcess.ts"
import { newestFirst, type ProcessEntry } from "./ProcessEntry.ts"
import type { ProcessInfo } from "./ProcessInfo.ts"
import type { UnreadableEntry } from "./ProcessStore.ts"

/**
 * A value, and what belongs below it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Tree<A> {
  readonly value: A
  readonly children: ReadonlyArray<Tree<A>>
}

/**
 * An entry, what it has started in the operating system, and the entries below
 * it, newest first.
 *
 * @category models
 * @since 0.1.0
 */
export interface ProcessNode {
  readonly info: ProcessInfo
  /** The living processes of its tree, without its own, nested by parent, and without those of the entries below. */
  readonly processes: ReadonlyArray<Tree<TreeMember>>
  readonly children: ReadonlyArray<ProcessNode>
}

/**
 * The answer of `ProcessControl.tree`, newest first.
 *
 * @category models
 * @since 0.1.0
 */
export interface ProcessTrees {
  readonly trees: ReadonlyArray<ProcessNode>
  /** Entries of the file that could not be read; of the archive too, where that was looked at. */
  readonly unreadable: ReadonlyArray<UnreadableEntry>
}

/**
 * Finds the parent of an entry among others.
 *
 * **Details**
 *
 * It is the entry with the parent id. Where that is not there, as for what was
 * started by a session that registers nothing but itself, it is the newest
 * older entry of the parent session.
 *
 * @category constructors
 * @since 0.1.0
 */
export const parentIn = <A extends ProcessEntry>(
  entries: ReadonlyArray<A>
): (entry: ProcessEntry) => A | undefined => {
  const byId = new Map<string, A>()
  const bySession = new Map<string, Array<A>>()
  for (const entry of entries.toSorted(newestFirst)) {
    if (entry.sessionId === null) continue
    const others = bySession.get(entry.sessionId)
    if (others === undefined) bySession.set(entry.sessionId, [entry])
    else others.push(entry)
  }
  // For a duplicate id the first one counts, as everywhere.
  for (const entry of entries.toReversed()) byId.set(entry.id, entry)
  return (entry) => {
    const parent = entry.parentProcessId === null ? undefined : byId.get(entry.parentProcessId)
    if (parent !== undefined) return parent.id === entry.id ? undefined : parent
    return entry.parentSessionId === null
      ? undefined
      : bySession.get(entry.parentSessionId)?.find((other) => other.id !== entry.id && newestFirst(entry, other) < 0)
  }
}

/**
 * The parents up to the top, the nearest first. Where they go round in a
 * circle, each is there once.
 *
 * @category accessors
 * @since 0.1.0
 */
export const ancestorsOf = <A>(value: A, parentOf: (value: A) => A | undefined): ReadonlyArray<A> => {
  const seen = new Set([value])
  for (let parent = parentOf(value); parent !== undefined && !seen.has(parent); parent = parentOf(parent)) {
    seen.add(parent)
  }
  return Array.from(seen).slice(1)
}

/**
 * The first tree in the forest, from the top down, whose value is so.
 *
 * @category accessors
 * @since 0.1.0
 */
export const findTree = <A>(
  forest: ReadonlyArray<Tree<A>>,
  predicate: (value: A) => boolean
): Tree<A> | undefined => {
  // It grows while it is read.
  const level = Array.from(forest)
  for (const tree of level) {
    if (predicate(tree.value)) return tree
    for (const child of tree.children) level.push(child)
  }
  return undefined
}

/**
 * All values as trees, each in the given order. A circle of parents is opened,
 * so that none is missing and none is there twice.
 *
 * @category constructors
 * @since 0.1.0
 */
export const forestOf = <A>(
  values: ReadonlyArray<A>,
  parentOf: (value: A) => A | undefined
): ReadonlyArray<Tree<A>> => {
  const nodes = new Map(values.map((value) => [value, { value, children: new Array<Tree<A>>() }]))
  const roots: Array<Tree<A>> = []
  // Those whose parents lead to a root.
  const settled = new Set<A>()
  const opened = new Set<A>()
  for (const value of values) {
    const path = new Set<A>()
    let at: A | undefined = value
    while (at !== undefined && !settled.has(at) && !path.has(at)) {
      path.add(at)
      at = parentOf(at)
    }
    if (at !== undefined && path.has(at)) opened.add(at)
    for (const one of path) settled.add(one)
  }
  for (const [value, node] of nodes) {
    const parent = opened.has(value) ? undefined : parentOf(value)
    const siblings = parent === undefined ? undefined : nodes.get(parent)?.children
    ;(siblings ?? roots).push(node)
  }
  return roots
}
