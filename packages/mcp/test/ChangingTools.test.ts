import { assert, describe, it } from "@effect/vitest"
import { ProcessStore } from "@zag/core/ProcessStore"
import { ProcessTable } from "@zag/core/testing"
import { Effect, Option, Schema } from "effect"
import { TestClock } from "effect/testing"
import * as ChangingTools from "../src/ChangingTools.ts"
import { Confirmation } from "../src/Confirmation.ts"
import * as Registry from "./Registry.ts"

describe("stop_process", () => {
  it.effect("sends SIGHUP and leaves the entry as it is", () =>
    Effect.gen(function*() {
      const outcome = yield* ChangingTools.stopProcess.handler({ id: "aaaa-1" })
      assert.deepStrictEqual({ ...outcome }, {
        id: "aaaa-1",
        pid: 2001,
        signal: "SIGHUP",
        status: "signalled",
        ended: []
      })
      assert.deepStrictEqual(yield* (yield* ProcessTable).signals, [{ pid: 2001, signal: "SIGHUP" }])
      assert.deepStrictEqual(yield* (yield* ProcessStore).find("aaaa-1"), Option.some(Registry.obedient))
    }).pipe(Effect.provide(Registry.layer)))
})

describe("kill_process", () => {
  it.effect("sends SIGTERM and records the end", () =>
    Effect.gen(function*() {
      const outcome = yield* ChangingTools.killProcess.handler({ id: "aaaa-1", graceSeconds: 5 })
      assert.deepStrictEqual({ ...outcome }, {
        id: "aaaa-1",
        pid: 2001,
        signal: "SIGTERM",
        status: "killed",
        ended: [{ pid: 2001, command: "" }]
      })
      const entry = yield* (yield* ProcessStore).find("aaaa-1")
      assert.strictEqual(Option.getOrThrow(entry).status, "killed")
    }).pipe(Effect.provide(Registry.layer)))

  it.effect("sends SIGKILL once the grace period is over", () =>
    Effect.gen(function*() {
      const outcome = yield* ChangingTools.killProcess.handler({ id: "aaaa-2", graceSeconds: 0 })
      assert.strictEqual(outcome.signal, "SIGKILL")
      assert.deepStrictEqual(yield* (yield* ProcessTable).signals, [
        { pid: 2002, signal: "SIGTERM" },
        { pid: 2002, signal: "SIGKILL" }
      ])
    }).pipe(Effect.provide(Registry.layer)))
})

it.effect.each<readonly [string, typeof ChangingTools.killProcess.handler]>([
  ["stop_process", ({ id }) => ChangingTools.stopProcess.handler({ id })],
  ["kill_process", ChangingTools.killProcess.handler]
])("%s ends the process that was agreed on, and no other", ([, handler]) =>
  Effect.gen(function*() {
    const store = yield* ProcessStore
    const error = yield* handler({ id: "aaaa-1", graceSeconds: 0 }).pipe(
      Effect.provideService(Confirmation, () => Effect.orDie(Effect.asVoid(store.updatePid("aaaa-1", 2002)))),
      Effect.flip
    )
    assert.strictEqual(error._tag === "ProcessControlError" ? error.reason._tag : error._tag, "ProcessChanged")
    assert.deepStrictEqual(yield* (yield* ProcessTable).signals, [])
  }).pipe(Registry.inSession(undefined), Effect.provide(Registry.layer)))

const prune = (input: unknown) =>
  Schema.decodeUnknownEffect(ChangingTools.pruneProcesses.input)(input).pipe(
    Effect.flatMap(ChangingTools.pruneProcesses.handler)
  )

describe("prune_processes", () => {
  const left = Effect.map(
    Effect.flatMap(ProcessStore, ({ list }) => list),
    ({ entries }) => entries.map(({ id }) => id)
  )

  const archived = Effect.map(
    Effect.flatMap(ProcessStore, ({ archived }) => archived),
    ({ entries }) => entries.map(({ id }) => id)
  )

  it.effect("shows what would move, and moves it only when it is told so", () =>
    Effect.gen(function*() {
      const moved = [{ id: "cccc-1", provider: "claude", status: "exited" }]
      assert.deepStrictEqual(yield* prune({ keep: 0 }), { dryRun: true, count: 1, moved })
      assert.include(yield* left, "cccc-1")
      assert.deepStrictEqual(yield* prune({ status: "exited", dry_run: false }), { dryRun: false, count: 1, moved })
      assert.notInclude(yield* left, "cccc-1")
      assert.deepStrictEqual(yield* archived, ["cccc-1"])
    }).pipe(Effect.provide(Registry.layer)))

  it.effect("takes a duration since the end", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(Date.parse("2026-01-02T00:01:00Z"))
      assert.strictEqual((yield* prune({ older_than: "1d1s" })).count, 0)
      assert.strictEqual((yield* prune({ older_than: "23h" })).count, 1)
    }).pipe(Effect.provide(Registry.layer)))

  it.effect.each<readonly [object, RegExp]>([
    [{}, /at least one of older_than, keep, status and root_gone/],
    [{ dry_run: false }, /at least one of/],
    [{ root_gone: false }, /at least one of/],
    [{ keep: -1 }, /0/],
    [{ older_than: "-1d" }, /a duration such as 12h or 7d/],
    [{ status: "running" }, /exited/]
  ])("refuses %j", ([input, message]) =>
    Effect.gen(function*() {
      assert.match(
        String(yield* Effect.flip(Schema.decodeUnknownEffect(ChangingTools.pruneProcesses.input)(input))),
        message
      )
    }))
})
