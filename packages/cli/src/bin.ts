import * as NodeChildProcessSpawner from "@effect/platform-node/NodeChildProcessSpawner"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePath from "@effect/platform-node/NodePath"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeStdio from "@effect/platform-node/NodeStdio"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stdio from "effect/Stdio"
import * as Cli from "./Cli.ts"
import * as Failure from "./Failure.ts"
import * as LazyTerminal from "./LazyTerminal.ts"
import * as Log from "./Log.ts"
import * as Output from "./Output.ts"

// Node's own, but for the terminal.
const services = NodeChildProcessSpawner.layer.pipe(
  Layer.provideMerge(Layer.mergeAll(NodeFileSystem.layer, NodePath.layer, NodeStdio.layer, LazyTerminal.layer))
)

Output.watch(process.stdout, process.argv)

// The runtime ends what runs at both signals, and does not tell which of them it was.
let signal: NodeJS.Signals = "SIGINT"
const onSigterm = () => {
  signal = "SIGTERM"
}
process.on("SIGTERM", onSigterm)

Stdio.Stdio.pipe(
  Effect.flatMap((stdio) => stdio.args),
  Effect.flatMap(Cli.run),
  Effect.provide(Layer.merge(services, Log.layer)),
  NodeRuntime.runMain({
    disableErrorReporting: true,
    teardown: (exit, onExit) => {
      process.removeListener("SIGTERM", onSigterm)
      onExit(Failure.exitCodeOf(exit, signal))
    }
  })
)
