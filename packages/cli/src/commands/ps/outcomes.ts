import type { ProcessControlError } from "@zag/core/ProcessControlError"
import type { ProcessEntry } from "@zag/core/ProcessEntry"
import type { ProcessStoreError } from "@zag/core/ProcessStoreError"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { ExitWith } from "../../ExitWith.ts"
import * as Failure from "../../Failure.ts"
import { Json } from "../../Json.ts"
import * as Output from "../../Output.ts"

type Problem = ProcessControlError | ProcessStoreError

/** What came of one of several processes. */
export interface Outcome {
  readonly id: string
  readonly failed: boolean
  /** For scripts. */
  readonly json: object
}

export interface Options<A> {
  readonly act: (process: string | ProcessEntry) => Effect.Effect<A, Problem>
  readonly text: (done: A) => string
  /** Whether one that has ended by itself meanwhile is as good. */
  readonly endedIsFine: boolean
}

// Each looks at all processes of the system again and again.
const atOnce = 16

const hasEnded = (error: Problem): boolean => error.reason._tag === "NotRunning"

/**
 * Does something to each process, named or chosen, and tells people of each when
 * it is done.
 */
export const ofEach = Effect.fnUntraced(function*<A extends object>(
  processes: ReadonlyArray<string | ProcessEntry>,
  options: Options<A>
) {
  const json = yield* Json
  const say = (line: Effect.Effect<void>) => json ? Effect.void : line
  return yield* Output.toTheEnd(Effect.forEach(
    processes,
    (process) => {
      const id = typeof process === "string" ? process : process.id
      return Effect.matchEffect(options.act(process), {
        onSuccess: (done) => Effect.as(say(Console.log(options.text(done))), outcome(id, done)),
        onFailure: (error) =>
          options.endedIsFine && hasEnded(error)
            ? Effect.as(say(Console.log(`Process has ended: ${id}`)), outcome(id, { id, status: "ended" }))
            : Effect.as(say(Console.error(`Error: ${error.message}`)), {
              id,
              failed: true,
              json: { id, error: Failure.told(error) }
            })
      })
    },
    { concurrency: atOnce }
  ))
})

const outcome = (id: string, json: object): Outcome => ({ id, failed: false, json })

/** The answer for scripts: people were told of each already. */
export const answerJson = (objects: ReadonlyArray<object>) =>
  Effect.flatMap(Json, (json) => json ? Console.log(JSON.stringify(objects)) : Effect.void)

/** Ends the program with 1 when one of them failed. */
export const exit = (outcomes: ReadonlyArray<Outcome>) =>
  outcomes.some(({ failed }) => failed) ? Effect.fail(new ExitWith({ code: 1 })) : Effect.void
