/**
 * A process with a tree, in a table: for what would be dangerous with real
 * processes.
 */
import { assert } from "@effect/vitest"
import { ProcessControl } from "@zag/core/ProcessControl"
import { ProcessControlError } from "@zag/core/ProcessControlError"
import { ProcessStore } from "@zag/core/ProcessStore"
import { ProcessTable, type TestProcess } from "@zag/core/testing"
import { Effect, Fiber, Option } from "effect"
import { TestClock } from "effect/testing"
import { entryOf } from "./entryOf.ts"
import { given } from "./givenProcesses.ts"

export const entry = entryOf({ id: "it", pid: 50, startedAt: "2026-01-01T00:00:00Z" })

export const givenTree = (processes: ReadonlyArray<TestProcess>, env: Record<string, string> = {}) =>
  given([entry], { processes, env })

export const began = (startTicks: number) => ({ _tag: "Running", startTime: undefined, startTicks }) as const

export const kill = (handle = "it", options?: Parameters<ProcessControl["Service"]["kill"]>[1]) =>
  Effect.flatMap(ProcessControl, (control) => control.kill(handle, options))

export const reason = Effect.fnUntraced(function*<A, E, R>(effect: Effect.Effect<A, E, R>) {
  const error = yield* Effect.flip(effect)
  return error instanceof ProcessControlError ? error.reason : assert.fail("another error")
})

export const signals = Effect.flatMap(ProcessTable, (table) => table.signals)

export const signalled = Effect.map(signals, (sent) => sent.map(({ pid, signal }) => `${signal} ${pid}`))

export const storedStatus = Effect.gen(function*() {
  return Option.getOrThrow(yield* (yield* ProcessStore).find("it")).status
})

/** Runs while the time that it waits for passes. */
export const inTime = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const fiber = yield* Effect.forkChild(effect)
    for (let second = 0; second < 10; second++) yield* TestClock.adjust("1 second")
    return yield* Fiber.join(fiber)
  })
