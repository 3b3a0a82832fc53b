/**
 * Who started whom, as people read it.
 */
import type { TreeMember } from "@zag/core/OsProcess"
import type { ProcessNode, Tree } from "@zag/core/ProcessForest"
import * as ProcessColumn from "./ProcessColumn.ts"
import * as ProcessText from "./ProcessText.ts"
import * as Text from "./Text.ts"

interface Branch {
  readonly line: string
  readonly below: ReadonlyArray<Branch>
}

const ofProcess = ({ children, value: { command, pid } }: Tree<TreeMember>): Branch => ({
  line: Text.singleLine(`${pid} ${command}`),
  below: children.map(ofProcess)
})

const ofEntry = (now: number, idLength: number) => ({ children, info, processes }: ProcessNode): Branch => ({
  line: [
    info.id.slice(0, idLength),
    ProcessColumn.statusText(info.liveStatus, info.exitCode),
    info.provider,
    `pid ${info.pid}`,
    ProcessColumn.age(info.startedAt, now),
    info.prompt ?? ""
  ].map(Text.singleLine).join("  ").trimEnd(),
  below: [...processes.map(ofProcess), ...children.map(ofEntry(now, idLength))]
})

const linesBelow = (branches: ReadonlyArray<Branch>, indent: string): ReadonlyArray<string> =>
  branches.flatMap(({ below, line }, index) => {
    const [fork, rail] = index === branches.length - 1 ? ["└─ ", "   "] : ["├─ ", "│  "]
    return [indent + fork + line, ...linesBelow(below, indent + rail)]
  })

const idsIn = (nodes: ReadonlyArray<ProcessNode>): ReadonlyArray<string> =>
  nodes.flatMap(({ children, info }) => [info.id, ...idsIn(children)])

/** A line for each entry, below its parent, and for each process that it has started; as wide as `columns`, if given. */
export const forest = (
  trees: ReadonlyArray<ProcessNode>,
  { columns, now }: { readonly now: number; readonly columns: number | undefined }
): string => {
  const idLength = columns === undefined ? Infinity : ProcessText.uniqueLength(idsIn(trees))
  const lines = trees.flatMap((tree) => {
    const { below, line } = ofEntry(now, idLength)(tree)
    return [line, ...linesBelow(below, "")]
  })
  return Text.fitted(lines, columns).join("\n")
}
