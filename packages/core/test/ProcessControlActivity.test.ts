/**
 * Which of the processes that run do anything.
 */
import { assert, describe, it } from "@effect/vitest"
import { ProcessControl } from "@zag/core/ProcessControl"
import type { ListFilter } from "@zag/core/ProcessList"
import { ProcessStore } from "@zag/core/ProcessStore"
import { SessionEvents, SessionEventsError } from "@zag/core/SessionEvents"
import { layer } from "@zag/core/testing"
import { Effect, Layer, Option } from "effect"
import { TestClock } from "effect/testing"
import { at, given, inEnvironment } from "./givenProcesses.ts"
import { timeOf } from "./logOnDisk.ts"

const now = Date.UTC(2026, 0, 1, 12)

/** So many seconds before now. */
const ago = (seconds: number) => timeOf(now - seconds * 1000)

const entries = [
  at("a", 1, { sessionId: "busy" }),
  at("b", 2, { sessionId: "silent" }),
  at("c", 3, { sessionId: "very silent" }),
  at("d", 4, { sessionId: "no log" }),
  at("e", 5, { sessionId: null }),
  at("f", 6, { sessionId: "silent", status: "exited", exitCode: 0 }),
  at("g", 7, { sessionId: "very silent" }),
  at("h", 8, { sessionId: "no time" }),
  at("i", 9, { sessionId: "in the future" })
]

// The process of g is gone.
const processes = entries.filter(({ id }) => id !== "g").map(({ pid }) => ({ pid }))

const sessions = {
  busy: { lastEventAt: ago(29.9) },
  silent: { lastEventAt: ago(30) },
  "very silent": { lastEventAt: ago(3600) },
  "no time": { lastEventAt: "yesterday" },
  "in the future": { lastEventAt: ago(-60) }
}

const here = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.andThen(TestClock.setTime(now), effect).pipe(given(entries, { processes, sessions }))

const activityOf = (id: string) =>
  Effect.gen(function*() {
    const control = yield* ProcessControl
    return Option.getOrNull(yield* control.activity(yield* control.show(id)))
  })

const list = (filter: ListFilter) =>
  Effect.gen(function*() {
    const { processes } = yield* (yield* ProcessControl).list(filter)
    return processes.map(({ id }) => id).join("")
  })

describe("the activity of a process", () => {
  it.effect.each(
    [
      ["a", { activity: "working", lastActivityAt: sessions.busy.lastEventAt }],
      ["b", { activity: "idle", lastActivityAt: sessions.silent.lastEventAt }],
      ["c", { activity: "idle", lastActivityAt: sessions["very silent"].lastEventAt }],
      ["i", { activity: "working", lastActivityAt: sessions["in the future"].lastEventAt }],
      ["d", { activity: "unknown", lastActivityAt: null }],
      ["e", { activity: "unknown", lastActivityAt: null }],
      ["h", { activity: "unknown", lastActivityAt: null, why: "its last event has no time, but \"yesterday\"" }],
      ["f", null],
      ["g", null]
    ] as const
  )(
    "is, of %s, %j",
    ([id, activity]) => here(Effect.map(activityOf(id), (found) => assert.deepStrictEqual(found, activity)))
  )

  it.effect("is unknown, with the reason, where the log cannot be read", () =>
    Effect.gen(function*() {
      yield* (yield* ProcessStore).add(entries[0]!)
      const control = yield* ProcessControl
      const info = yield* control.show("a")
      assert.deepStrictEqual(Option.getOrNull(yield* control.activity(info)), {
        activity: "unknown",
        lastActivityAt: null,
        why: "it burns"
      })
      assert.strictEqual(yield* list({ idle: 0 }), "")
    }).pipe(Effect.provide(withEvents(
      Effect.fail(new SessionEventsError({ sessionId: "busy", problem: "it burns" }))
    ))))
})

/** All services, over logs that answer this when they are asked. */
const withEvents = (lastEventAt: Effect.Effect<Option.Option<string>, SessionEventsError>) =>
  // That of all services is another one.
  Layer.fresh(ProcessControl.layer).pipe(
    Layer.provide(Layer.mock(SessionEvents, { lastEventAt: () => lastEventAt })),
    Layer.provideMerge(layer([{ pid: entries[0]!.pid }]))
  )

describe("list with idle", () => {
  it.effect.each<readonly [ListFilter, string]>([
    [{ idle: "30 seconds" }, "cb"],
    [{ idle: "31 seconds" }, "c"],
    [{ idle: "1 hour" }, "c"],
    [{ idle: "2 hours" }, ""],
    [{ idle: 0 }, "cba"],
    [{ idle: 0, limit: 2 }, "cb"],
    [{ idle: 0, sort: { field: "started", direction: "asc" }, limit: 2 }, "ab"],
    [{ idle: 0, status: "dead" }, ""],
    [{ idle: 0, status: ["dead", "running"] }, "cba"],
    [{ idle: 0, session: "silent" }, "b"]
  ])("%j is %s", ([filter, ids]) => here(Effect.map(list(filter), (found) => assert.strictEqual(found, ids))))

  it.effect("means the same to those who are about to signal", () =>
    here(Effect.gen(function*() {
      const { targets } = yield* (yield* ProcessControl).targets({ idle: "1 minute" })
      assert.deepStrictEqual(targets.map(({ id }) => id), ["c"])
    })))

  it.effect("alone makes list read any log", () =>
    Effect.gen(function*() {
      yield* (yield* ProcessStore).add(entries[0]!)
      assert.strictEqual(yield* list({ running: true, usage: true }), "a")
      assert.strictEqual(yield* list({}), "a")
    }).pipe(Effect.provide(withEvents(Effect.die("a log was read"))), inEnvironment({})))
})
