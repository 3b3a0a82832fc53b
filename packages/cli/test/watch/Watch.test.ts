import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { ProcessStore } from "@zag/core/ProcessStore"
import * as Testing from "@zag/core/testing"
import { ZagHome } from "@zag/core/ZagHome"
import { Duration, Effect, Layer, Stdio } from "effect"
import { TestConsole } from "effect/testing"
import { entryOf } from "../../../core/test/entryOf.ts"
import * as Watch from "../../src/watch/Watch.ts"
import { infoOf } from "../infoOf.ts"
import { until } from "../spawnZag.ts"

const services = Testing.layer().pipe(
  Layer.provideMerge(Stdio.layerTest({ stdoutIsTerminal: Effect.succeed(false) })),
  Layer.provideMerge(ZagHome.layerAt("/home/zag")),
  Layer.provideMerge(NodeServices.layer),
  Layer.merge(TestConsole.layer)
)

describe("Watch", () => {
  it.live("shows what happens right after it has looked, whichever look that is", () =>
    Effect.gen(function*() {
      const store = yield* ProcessStore
      let looks = 0
      // The registry changes when this has looked, and before anybody knows what it has seen.
      const ask = Effect.fnUntraced(function*() {
        const { entries } = yield* store.load
        if (++looks <= 3) yield* Effect.orDie(store.add(entryOf({ id: `new-${looks}` })))
        return { processes: entries.map((entry) => infoOf({ ...entry })), unreadable: [] }
      }, Effect.orDie)
      yield* Effect.forkScoped(Watch.run({
        ask,
        running: false,
        sort: undefined,
        shown: ["id"],
        narrowed: () => [],
        interval: Duration.hours(1)
      }))
      yield* until(Effect.map(TestConsole.logLines, (lines) => lines.join("\n").includes("new-3")))
      assert.isAbove(looks, 3)
    }).pipe(Effect.scoped, Effect.provide(services)))
})
