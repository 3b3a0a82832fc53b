/**
 * What one load, one list and one update take of memory at their peak.
 */
import * as Effect from "effect/Effect"
import { outputOf } from "./children.ts"
import { median, ratio, table, takeTurns } from "./measure.ts"
import { makeHome } from "./registry.ts"

const count = 10_000

export const memory = Effect.gen(function*() {
  const { directory } = yield* makeHome(count)
  const peak = (kind: string) =>
    Effect.map(outputOf("memoryChild.ts", [kind, directory]), (kilobytes) => Number(kilobytes) / 1024)
  const peaks = yield* takeTurns(7, { nothing: peak("nothing"), plain: peak("plain"), store: peak("store") })
  const row = (
    name: string,
    kind: keyof typeof peaks
  ) => [name, median(peaks[kind]).toFixed(0), ratio(peaks[kind], peaks.plain).toFixed(2)]
  return table(["10,000 entries", "peak, MB", "ratio"], [
    row("the modules alone", "nothing"),
    row("by hand", "plain"),
    row("store", "store")
  ])
})
