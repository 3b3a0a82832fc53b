/**
 * Updates that a program asks for at the same time, against as many that wait
 * for each other.
 */
import * as Effect from "effect/Effect"
import { median, ratio, table, takeTurns, timeOf } from "./measure.ts"
import { openStore } from "./openStore.ts"
import { idOf, makeHome } from "./registry.ts"

const count = 1000
const updates = 100

export const burst = Effect.gen(function*() {
  const { directory } = yield* makeHome(count)
  const store = yield* openStore(directory)
  let pid = 1000
  const all = (concurrency: number) =>
    timeOf(Effect.forEach(Array.from({ length: updates }), (_, index) => store.updatePid(idOf(index), pid++), {
      concurrency,
      discard: true
    }))
  const { solo, together } = yield* takeTurns(9, { solo: all(1), together: all(updates) })
  const perSecond = (times: ReadonlyArray<number>) => (updates * 1000 / median(times)).toFixed(0)
  return table(["100 updates of 1,000 entries", "milliseconds", "updates/s", "throughput"], [
    ["one after another", median(solo).toFixed(1), perSecond(solo), "1"],
    ["at the same time", median(together).toFixed(1), perSecond(together), ratio(solo, together).toFixed(1)]
  ])
})
