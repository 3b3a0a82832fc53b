/**
 * Times that can be compared: whatever is measured takes turns, so that a
 * machine that slows down slows all of it.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"

export const median = (values: ReadonlyArray<number>): number => values.toSorted((a, b) => a - b)[values.length >> 1]!

/** Milliseconds that an effect takes, and what it answers. */
export const timed = Effect.fnUntraced(function*<A, E, R>(effect: Effect.Effect<A, E, R>) {
  const before = yield* Clock.currentTimeNanos
  const answer = yield* effect
  return [Number((yield* Clock.currentTimeNanos) - before) / 1e6, answer] as const
})

/** Only the milliseconds. */
export const timeOf = <E, R>(effect: Effect.Effect<unknown, E, R>): Effect.Effect<number, E, R> =>
  Effect.map(timed(effect), ([time]) => time)

/** Answers the time of one run, by whatever means. */
export type Contestant<E, R> = Effect.Effect<number, E, R>

/**
 * The times of all rounds, one list for each contestant. Each goes first as
 * often as the others, and begins when nothing is left to do for the one before.
 */
export const takeTurns = Effect.fnUntraced(function*<const Name extends string, E, R>(
  rounds: number,
  contestants: Readonly<Record<Name, Contestant<E, R>>>
) {
  const names = Object.keys(contestants) as Array<Name>
  const times = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Name, Array<number>>
  // The first rounds compile the code and are not counted.
  for (let round = -2; round < rounds; round++) {
    for (let turn = 0; turn < names.length; turn++) {
      const name = names[(turn + round + 2) % names.length]!
      // The store looks at the file again for 30 ms after a write.
      yield* Effect.sleep("40 millis")
      const time = yield* contestants[name]
      if (round >= 0) times[name].push(time)
    }
  }
  return times
})

/** The median of what one is to the other in each round. */
export const ratio = (ours: ReadonlyArray<number>, theirs: ReadonlyArray<number>): number =>
  median(ours.map((time, round) => time / theirs[round]!))

export const table = (head: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): string =>
  [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n")
