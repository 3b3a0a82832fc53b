/**
 * The terminal of this process, made when it is first used: it opens stdin,
 * which takes a while and most commands never read.
 */
import * as NodeTerminal from "@effect/platform-node/NodeTerminal"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import * as Terminal from "effect/Terminal"

export const layer: Layer.Layer<Terminal.Terminal> = Layer.effect(
  Terminal.Terminal,
  Effect.gen(function*() {
    const scope = yield* Effect.scope
    const terminal = yield* Effect.cached(Scope.provide(NodeTerminal.make(), scope))
    return Terminal.make({
      columns: Effect.flatMap(terminal, ({ columns }) => columns),
      rows: Effect.flatMap(terminal, ({ rows }) => rows),
      size: Effect.flatMap(terminal, ({ size }) => size),
      readInput: Effect.flatMap(terminal, ({ readInput }) => readInput),
      readLine: Effect.flatMap(terminal, ({ readLine }) => readLine),
      display: (text) => Effect.flatMap(terminal, ({ display }) => display(text))
    })
  })
)
