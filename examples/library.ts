import { NodeRuntime, NodeServices } from "@effect/platform-node"
import * as Zag from "@zag/core/node"
import { ProcessControl } from "@zag/core/ProcessControl"
import { endingOf, ProcessRegistration } from "@zag/core/ProcessRegistration"
import { Console, Effect, Layer } from "effect"
import { ChildProcess } from "effect/process"

// Launches an agent, registers it for as long as it runs, and shows what is running meanwhile.
const program = Effect.gen(function*() {
  const { register } = yield* ProcessRegistration
  const control = yield* ProcessControl

  const registration = yield* register({ provider: "claude", model: "sonnet", prompt: "Fix the build" })
  const agent = yield* ChildProcess.make("sleep", ["1"], { env: registration.environment, extendEnv: true })
  yield* registration.attach(agent.pid)

  const { processes } = yield* control.list({ running: true })
  yield* Console.log(processes.map(({ id, pid, provider }) => `${id} ${pid} ${provider}`).join("\n"))

  const code = yield* agent.exitCode
  yield* registration.finish(endingOf({ code, signal: null }))
})

program.pipe(
  Effect.scoped,
  Effect.provide(Zag.layer.pipe(Layer.provideMerge(NodeServices.layer))),
  NodeRuntime.runMain
)
