/**
 * A list that was read before, and the first one after a change.
 */
import * as Effect from "effect/Effect"
import { median, ratio, table, takeTurns, timeOf } from "./measure.ts"
import { openStore } from "./openStore.ts"
import * as Plain from "./plain.ts"
import { idOf, makeHome } from "./registry.ts"

const count = 10_000
const shown = 50

export const listing = Effect.gen(function*() {
  const { directory, file } = yield* makeHome(count)
  const store = yield* openStore(directory)
  yield* store.list
  const first = Effect.map(store.list, ({ entries }) => entries.slice(0, shown))
  let pid = 1000
  const { changed, plain, warm } = yield* takeTurns(15, {
    plain: timeOf(Effect.promise(() => Plain.newest(file, shown))),
    warm: timeOf(first),
    changed: Effect.andThen(Effect.suspend(() => store.updatePid(idOf(0), pid++)), timeOf(first))
  })
  const row = (
    name: string,
    times: ReadonlyArray<number>
  ) => [name, median(times).toFixed(2), ratio(times, plain).toFixed(4)]
  return table([`newest ${shown} of 10,000`, "milliseconds", "ratio"], [
    row("by hand: read, parse, sort", plain),
    row("list of an unchanged registry", warm),
    row("list after a change of its own", changed)
  ])
})
