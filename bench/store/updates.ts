/**
 * One durable update at a time: by a store that is in use, and by one that was
 * just built, has read nothing and has no database open.
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import { median, ratio, table, takeTurns, timeOf } from "./measure.ts"
import { openStore } from "./openStore.ts"
import * as Plain from "./plain.ts"
import { idOf, makeHome } from "./registry.ts"

const sizes = [
  { count: 100, rounds: 31, repeats: 20 },
  { count: 1000, rounds: 21, repeats: 10 },
  { count: 10_000, rounds: 9, repeats: 5 }
]

const measure = Effect.fnUntraced(function*(count: number, rounds: number, repeats: number) {
  let pid = 1000
  const id = () => idOf(pid * 7 % count)
  const inHome = Effect.fnUntraced(function*(update: (file: string, id: string, pid: number) => Promise<void>) {
    const { file } = yield* makeHome(count)
    return Effect.suspend(() => {
      pid++
      return Effect.promise(() => update(file, id(), pid))
    })
  })
  const plain = yield* inHome(Plain.updatePid)
  const durable = yield* inHome(Plain.updatePidDurably)

  const bareFile = (yield* makeHome(count)).file
  const text = Plain.print(yield* Effect.promise(() => Plain.read(bareFile)))
  const bare = Effect.sync(() => Plain.replaceBare(bareFile, text))

  const { directory } = yield* makeHome(count)
  const store = yield* openStore(directory)
  const warm = Effect.suspend(() => store.updatePid(id(), pid++))

  const others = (yield* makeHome(count)).directory
  // Closing takes the 30 ms in which the store looks whether `zag` has undone its change; nobody waits for its answer.
  const cold = Effect.gen(function*() {
    const scope = yield* Scope.make()
    const store = yield* Scope.provide(openStore(others), scope)
    const time = yield* timeOf(Effect.suspend(() => store.updatePid(id(), pid++)))
    yield* Scope.close(scope, Exit.void)
    return time
  })

  const repeated = <E, R>(effect: Effect.Effect<unknown, E, R>) =>
    Effect.map(timeOf(Effect.repeat(effect, { times: repeats - 1 })), (time) => time / repeats)

  return {
    count,
    warm: yield* takeTurns(rounds, {
      bare: repeated(bare),
      plain: repeated(plain),
      durable: repeated(durable),
      ours: repeated(warm)
    }),
    cold: yield* takeTurns(rounds, {
      bare: timeOf(bare),
      plain: timeOf(plain),
      durable: timeOf(durable),
      ours: cold
    })
  }
})

export const updates = Effect.gen(function*() {
  const rows: Array<ReadonlyArray<string>> = []
  for (const { count, repeats, rounds } of sizes) {
    const measured = yield* Effect.scoped(measure(count, rounds, repeats))
    for (const kind of ["warm", "cold"] as const) {
      const { bare, durable, ours, plain } = measured[kind]
      rows.push([
        `${count}, ${kind}`,
        ...[plain, durable, bare, ours].map((times) => median(times).toFixed(2)),
        ratio(bare, plain).toFixed(2),
        ratio(ours, plain).toFixed(2),
        ratio(ours, durable).toFixed(2)
      ])
    }
  }
  return table([
    "entries",
    "by hand",
    "with directory",
    "bare",
    "store",
    "ratio of bare",
    "ratio",
    "ratio with directory"
  ], rows)
})
