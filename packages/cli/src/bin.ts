import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stdio from "effect/Stdio"
import * as Cli from "./Cli.ts"
import * as Failure from "./Failure.ts"
import * as Log from "./Log.ts"
import * as Output from "./Output.ts"

Output.watch(process.stdout, process.argv)

Stdio.Stdio.pipe(
  Effect.flatMap((stdio) => stdio.args),
  Effect.flatMap(Cli.run),
  Effect.provide(Layer.merge(NodeServices.layer, Log.layer)),
  NodeRuntime.runMain({
    disableErrorReporting: true,
    teardown: (exit, onExit) => onExit(Failure.exitCodeOf(exit))
  })
)
