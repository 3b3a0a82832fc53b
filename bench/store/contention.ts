/**
 * Several programs on one registry, which begin at the same moment.
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { linesOf } from "./children.ts"
import { median, table } from "./measure.ts"
import * as Plain from "./plain.ts"
import { makeHome } from "./registry.ts"

const existing = 100
const programs = 8
const inserts = 50
const rounds = 5

const race = Effect.fnUntraced(function*(kind: string) {
  const { directory, file } = yield* makeHome(existing)
  const start = yield* Deferred.make<void>()
  let ready = 0
  const results = yield* Effect.forEach(
    Array.from({ length: programs }, (_, number) => number),
    (number) =>
      Effect.flatMap(
        linesOf("contender.ts", [kind, directory, String(number), String(inserts)], Deferred.await(start)),
        Stream.runFold(() => "", (_, line) => {
          if (line === "ready" && ++ready === programs) Deferred.doneUnsafe(start, Effect.void)
          return line
        })
      ),
    { concurrency: programs }
  )
  const times = results.map((line) => line.split(" ").map(Number))
  const seconds = (Math.max(...times.map(([, end]) => end!)) - Math.min(...times.map(([begin]) => begin!))) / 1000
  const { processes } = yield* Effect.promise(() => Plain.read(file))
  return {
    perSecond: programs * inserts / seconds,
    longest: Math.max(...times.map(([, , longest]) => longest!)),
    kept: new Set(processes.map(({ id }) => id)).size - existing
  }
})

type Outcome = Effect.Success<ReturnType<typeof race>>

export const contention = Effect.gen(function*() {
  const outcomes: Record<"lockfile" | "store", Array<Outcome>> = { lockfile: [], store: [] }
  for (let round = 0; round < rounds; round++) {
    for (const kind of ["lockfile", "store"] as const) outcomes[kind].push(yield* Effect.scoped(race(kind)))
  }
  const throughput = (kind: keyof typeof outcomes) =>
    median(outcomes[kind].map(({ perSecond }, round) => perSecond / outcomes.lockfile[round]!.perSecond)).toFixed(2)
  const row = (name: string, kind: keyof typeof outcomes) => [
    name,
    median(outcomes[kind].map(({ perSecond }) => perSecond)).toFixed(0),
    throughput(kind),
    median(outcomes[kind].map(({ longest }) => longest)).toFixed(0),
    Math.max(...outcomes[kind].map(({ longest }) => longest)).toFixed(0),
    Math.min(...outcomes[kind].map(({ kept }) => kept)).toFixed(0)
  ]
  return table(
    ["8 programs, 50 inserts each", "inserts/s", "throughput", "longest wait, ms", "longest of all", "kept of 400"],
    [row("`proper-lockfile` and `write-file-atomic`", "lockfile"), row("store", "store")]
  )
})
