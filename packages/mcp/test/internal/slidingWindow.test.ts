import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect } from "effect"
import { TestClock } from "effect/testing"
import * as SlidingWindow from "../../src/internal/slidingWindow.ts"

describe("a sliding window", () => {
  it.effect("has room for so many within any stretch of its length", () =>
    Effect.gen(function*() {
      const { hasRoom, take } = SlidingWindow.make(2, Duration.seconds(10))
      assert.isTrue(yield* take)
      yield* TestClock.adjust("9 seconds")
      assert.isTrue(yield* take)
      assert.isFalse(yield* hasRoom)
      assert.isFalse(yield* take)
      yield* TestClock.adjust("1 second")
      // The first is out of it, the second is not.
      assert.isTrue(yield* hasRoom)
      assert.isTrue(yield* take)
      assert.isFalse(yield* take)
    }))

  it.effect("does not count those for which it had no room", () =>
    Effect.gen(function*() {
      const { take } = SlidingWindow.make(1, Duration.seconds(10))
      yield* take
      yield* TestClock.adjust("5 seconds")
      yield* take
      yield* TestClock.adjust("5 seconds")
      assert.isTrue(yield* take)
    }))
})
