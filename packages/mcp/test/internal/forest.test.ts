import { assert, describe, it } from "@effect/vitest"
import type { ProcessNode } from "@zag/core/ProcessForest"
import { ProcessInfo } from "@zag/core/ProcessInfo"
import { bounds, type Node, shorten } from "../../src/internal/forest.ts"
import { entry } from "../Registry.ts"

const member = (pid: number) => ({
  value: { pid, startTicks: undefined, parent: 1, group: 0, session: 0, tagged: false, command: `run ${pid}` },
  children: []
})

const node = (
  id: string,
  children: ReadonlyArray<ProcessNode> = [],
  pids: ReadonlyArray<number> = []
): ProcessNode => ({
  info: new ProcessInfo({ ...entry({ id, pid: 2001 }), liveStatus: "running", verified: true, labels: {} }),
  processes: pids.map(member),
  children
})

const range = (length: number) => Array.from({ length }, (_, index) => index)

/** How many nodes of both kinds are shown, and how many levels deep. */
const measured = (trees: ReadonlyArray<Node>): readonly [nodes: number, depth: number] => {
  const below = trees.map(({ children, processes }) => {
    const [nodes, depth] = measured(children)
    return [nodes + processes.length + 1, depth + 1] as const
  })
  return [below.reduce((sum, [nodes]) => sum + nodes, 0), Math.max(0, ...below.map(([, depth]) => depth))]
}

describe("shorten", () => {
  it("shows all of what fits, and says so", () => {
    const { omitted, trees } = shorten([node("a", [node("b")], [7, 8])], 0)
    assert.strictEqual(omitted, 0)
    assert.deepStrictEqual(measured(trees), [4, 2])
    assert.notProperty(trees[0], "omitted_children")
    assert.deepStrictEqual(trees[0]?.processes, [{ pid: 7, command: "run 7" }, { pid: 8, command: "run 8" }])
  })

  it("shows the first of too many, and counts the others", () => {
    const { omitted, trees } = shorten(range(bounds.nodes + 7).map((index) => node(`${index}`)), 0)
    assert.strictEqual(omitted, 7)
    assert.deepStrictEqual(trees.map(({ id }) => id), range(bounds.nodes).map(String))
  })

  it("shows what is near the top before what is deep, and registered processes before others", () => {
    const many = range(bounds.nodes).map((index) => node(`below ${index}`))
    const { omitted, trees } = shorten([node("a", many, range(9)), node("b", [node("c")])], 0)
    assert.deepStrictEqual(trees.map(({ id }) => id), ["a", "b"])
    // Those below the second do not fit any more.
    assert.deepStrictEqual(trees.map(({ omitted_children: left }) => left), [2, 1])
    assert.deepStrictEqual(trees[0]?.processes, [])
    assert.strictEqual(measured(trees)[0], bounds.nodes)
    assert.strictEqual(omitted, 2 + 1 + 9)
  })

  it("ends at a depth, and tells below which id there is more", () => {
    const deep = range(5000).reduce((below, index) => node(`${index}`, [below]), node("last"))
    const { omitted, trees } = shorten([deep], 0)
    assert.strictEqual(measured(trees)[1], bounds.depth)
    assert.strictEqual(omitted, 5001 - bounds.depth)
    let at = trees[0]
    while (at?.children[0] !== undefined) at = at.children[0]
    assert.strictEqual(at?.omitted_children, 1)
  })
})
