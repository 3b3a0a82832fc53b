import type { TreeMember } from "@zag/core/OsProcess"
import { ProcessControl } from "@zag/core/ProcessControl"
import type { ProcessNode, Tree } from "@zag/core/ProcessForest"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { answer, processJson } from "../../Json.ts"
import * as Screen from "../../Screen.ts"
import * as TreeText from "../../TreeText.ts"
import * as Unreadable from "../../Unreadable.ts"
import { handle } from "./handle.ts"

const startedJson = ({ children, value: { command, pid } }: Tree<TreeMember>): object => ({
  pid,
  command,
  children: children.map(startedJson)
})

const nodeJson = ({ children, info, processes }: ProcessNode): object => ({
  ...processJson(info),
  processes: processes.map(startedJson),
  children: children.map(nodeJson)
})

export const commandTree = Command.make(
  "tree",
  { id: handle.pipe(Argument.optional) },
  Effect.fn("zag ps tree")(function*({ id }) {
    const control = yield* ProcessControl
    const { trees, unreadable } = yield* control.tree(Option.getOrUndefined(id))
    yield* Unreadable.warn(unreadable)
    const now = yield* Clock.currentTimeMillis
    const columns = yield* Screen.columns
    yield* answer(
      trees.map(nodeJson),
      () => trees.length === 0 ? "No processes found." : TreeText.forest(trees, { now, columns })
    )
  })
).pipe(
  Command.withDescription(
    "Show who started whom: every registered process below the one that started it, newest first, and below each that " +
      "runs the processes of the operating system that it has started. With an id, that one and all below it."
  ),
  Command.withShortDescription("Show who started whom"),
  Command.withExamples([{ command: "zag ps tree self", description: "What your own session has started" }])
)
