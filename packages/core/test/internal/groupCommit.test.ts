import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Latch, Scope } from "effect"
import * as GroupCommit from "../../src/internal/groupCommit.ts"

/** A document that is a text, and commits that wait for the test once they have taken their changes. */
const makeCommitter = Effect.gen(function*() {
  const taken = yield* Latch.make()
  const goOn = yield* Latch.make(true)
  const state: { document: string; readonly commits: Array<string>; failure: string | undefined } = {
    document: "",
    commits: [],
    failure: undefined
  }
  const { change: modify, isBusy } = yield* GroupCommit.make<string, string>((takeAll) =>
    Effect.gen(function*() {
      const apply = takeAll()
      yield* taken.open
      yield* goOn.await
      if (state.failure !== undefined) return yield* Effect.fail(state.failure)
      const after = apply(state.document)
      state.commits.push(after.slice(state.document.length))
      state.document = after
    })
  )
  const append = (text: string) => modify((before) => [text.toUpperCase(), before + text])
  /** From here on a commit waits with what it has taken. */
  const hold = Effect.andThen(goOn.close, taken.close)
  return { append, goOn, hold, isBusy, modify, state, taken }
})

const start = <A, E>(effect: Effect.Effect<A, E>) => Effect.forkChild(effect, { startImmediately: true })

describe("GroupCommit", () => {
  it.effect("makes one change alone at once", () =>
    Effect.gen(function*() {
      const { append, state } = yield* makeCommitter
      assert.strictEqual(yield* append("a"), "A")
      assert.strictEqual(yield* append("b"), "B")
      assert.deepStrictEqual(state.commits, ["a", "b"])
    }))

  it.effect("makes all that came during one commit by the next, in the order they came", () =>
    Effect.gen(function*() {
      const { append, goOn, hold, state, taken } = yield* makeCommitter
      yield* hold
      const first = yield* start(append("a"))
      yield* taken.await
      const others = yield* Effect.forEach(Array.from("bcdefghi"), (text) => start(append(text)))
      yield* goOn.open
      assert.strictEqual(yield* Fiber.join(first), "A")
      assert.deepStrictEqual(yield* Fiber.joinAll(others), Array.from("BCDEFGHI"))
      assert.deepStrictEqual(state.commits, ["a", "bcdefghi"])
    }))

  it.effect("answers nobody before the commit is through", () =>
    Effect.gen(function*() {
      const { append, goOn, hold, taken } = yield* makeCommitter
      yield* hold
      const first = yield* start(append("a"))
      yield* taken.await
      assert.isUndefined(first.pollUnsafe())
      yield* goOn.open
      assert.strictEqual(yield* Fiber.join(first), "A")
    }))

  it.effect("tells what a change throws to its own caller, and makes the others", () =>
    Effect.gen(function*() {
      const { append, goOn, hold, modify, state, taken } = yield* makeCommitter
      yield* hold
      const first = yield* start(append("a"))
      yield* taken.await
      const before = yield* start(append("b"))
      const throwing = yield* start(Effect.exit(modify(() => {
        throw "no"
      })))
      const after = yield* start(append("c"))
      yield* goOn.open
      yield* Fiber.joinAll([first, before, after])
      assert.deepStrictEqual(yield* Fiber.join(throwing), Exit.die("no"))
      assert.strictEqual(state.document, "abc")
    }))

  it.effect("tells everybody of a commit that fails, and nobody else", () =>
    Effect.gen(function*() {
      const { append, goOn, hold, state, taken } = yield* makeCommitter
      yield* hold
      const failing = yield* Effect.forEach(["a", "b"], (text) => start(Effect.flip(append(text))))
      yield* taken.await
      state.failure = "full"
      yield* goOn.open
      assert.deepStrictEqual(yield* Fiber.joinAll(failing), ["full", "full"])
      state.failure = undefined
      assert.strictEqual(yield* append("c"), "C")
      assert.strictEqual(state.document, "c")
    }))

  it.effect("tells everybody when it fails before it takes anything", () =>
    Effect.gen(function*() {
      let locked = true
      const { change: modify } = yield* GroupCommit.make<string, string>((takeAll) =>
        Effect.suspend(() => locked ? Effect.fail("locked") : Effect.sync(() => void takeAll()("")))
      )
      const change = modify((before) => ["done", before])
      assert.deepStrictEqual(
        yield* Effect.forEach([1, 2], () => Effect.flip(change), { concurrency: "unbounded" }),
        ["locked", "locked"]
      )
      locked = false
      assert.strictEqual(yield* change, "done")
    }))

  it.effect("is busy from the first change to the last, and not when those that wait have given up", () =>
    Effect.gen(function*() {
      const { append, goOn, hold, isBusy, taken } = yield* makeCommitter
      assert.isFalse(isBusy())
      yield* hold
      const first = yield* start(append("a"))
      yield* taken.await
      assert.isTrue(isBusy())
      const givenUp = yield* start(append("b"))
      yield* Fiber.interrupt(givenUp)
      assert.isTrue(isBusy())
      yield* goOn.open
      yield* Fiber.join(first)
      yield* Effect.yieldNow
      assert.isFalse(isBusy())
    }))

  it.effect("takes a change back that is given up before its turn", () =>
    Effect.gen(function*() {
      const { append, goOn, hold, state, taken } = yield* makeCommitter
      yield* hold
      const first = yield* start(append("a"))
      yield* taken.await
      const givenUp = yield* start(append("b"))
      const last = yield* start(append("c"))
      yield* Fiber.interrupt(givenUp)
      yield* goOn.open
      yield* Fiber.joinAll([first, last])
      assert.strictEqual(state.document, "ac")
    }))

  it.effect("makes a change whole that is given up after its turn has come, before the scope closes", () =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const { append, goOn, hold, state, taken } = yield* Scope.provide(makeCommitter, scope)
      yield* hold
      const givenUp = yield* start(append("a"))
      yield* taken.await
      yield* Fiber.interrupt(givenUp)
      assert.strictEqual(state.document, "")
      const closing = yield* start(Scope.close(scope, Exit.void))
      yield* goOn.open
      yield* Fiber.join(closing)
      assert.strictEqual(state.document, "a")
    }))
})
