/**
 * What is kept of each signal.
 */
import { assert, describe, it } from "@effect/vitest"
import { Asker } from "@zag/core/Asker"
import { AuditRecord } from "@zag/core/AuditRecord"
import type { PidState } from "@zag/core/OsProcess"
import { ProcessControl } from "@zag/core/ProcessControl"
import { Sidecar } from "@zag/core/Sidecar"
import { SidecarError, SidecarUnusable } from "@zag/core/SidecarError"
import { ProcessTable } from "@zag/core/testing"
import { Effect, Fiber, Layer } from "effect"
import { TestClock } from "effect/testing"
import { entryOf } from "./entryOf.ts"
import { given } from "./givenProcesses.ts"
import { logged } from "./logged.ts"

const began: PidState = { _tag: "Running", startTime: Date.UTC(2026, 0, 1), startTicks: 7 }

const it50 = entryOf({ id: "it", pid: 50, startedAt: "2026-01-01T00:00:00Z" })

const audited = Effect.flatMap(Sidecar, ({ audited }) => audited(10))

const brief = Effect.map(
  audited,
  (records) => records.map(({ outcome, pid, signal }) => `${signal} ${pid} ${outcome}`).toReversed()
)

describe("the audit", () => {
  it.effect("says when, by whom and to whom a signal was sent", () =>
    Effect.gen(function*() {
      const control = yield* ProcessControl
      yield* control.list()
      yield* Effect.provideService(control.stop("it"), Asker, "zag me")
      assert.deepStrictEqual(yield* audited, [
        new AuditRecord({
          time: "1970-01-01T00:00:00+00:00",
          asker: "zag me",
          askerProcessId: "mine",
          id: "it",
          pid: 50,
          startTicks: 7,
          verified: true,
          signal: "SIGHUP",
          outcome: "sent"
        })
      ])
    }).pipe(given([it50], { processes: [{ pid: 50, state: began }], env: { ZAG_PROCESS_ID: "mine" } })))

  it.effect("says that nobody knew who the process of an entry of zag was", () =>
    Effect.gen(function*() {
      yield* (yield* ProcessControl).stop("it")
      const [record] = yield* audited
      assert.deepInclude({ ...record }, { verified: false, askerProcessId: null, asker: "a program", startTicks: null })
    }).pipe(given([it50], { processes: [{ pid: 50 }] })))

  it.effect("has each signal to each process of a tree", () =>
    Effect.gen(function*() {
      const killing = yield* Effect.forkChild((yield* ProcessControl).kill("it", { grace: "5 seconds" }))
      yield* TestClock.adjust("10 seconds")
      yield* Fiber.join(killing)
      assert.deepStrictEqual(yield* brief, ["SIGTERM 50 sent", "SIGTERM 51 sent", "SIGKILL 51 sent"])
    }).pipe(given([it50], { processes: [{ pid: 50 }, { pid: 51, parent: 50, ignores: ["SIGTERM"] }] })))

  it.effect("has what was tried in vain", () =>
    Effect.gen(function*() {
      yield* Effect.flip((yield* ProcessControl).kill("it"))
      assert.deepStrictEqual(yield* brief, ["SIGTERM 50 not_permitted"])
    }).pipe(given([it50], { processes: [{ pid: 50, foreign: true }] })))

  it.effect("has what was sent before whoever asked was interrupted", () =>
    Effect.gen(function*() {
      const killing = yield* Effect.forkChild((yield* ProcessControl).kill("it"))
      const table = yield* ProcessTable
      yield* Effect.repeat(Effect.yieldNow, { until: () => Effect.map(table.signals, ({ length }) => length > 0) })
      yield* Fiber.interrupt(killing)
      assert.deepStrictEqual(yield* brief, ["SIGTERM 50 sent"])
    }).pipe(given([it50], { processes: [{ pid: 50, ignores: ["SIGTERM"] }] })))

  it.effect("has nothing of a signal that was refused", () =>
    Effect.gen(function*() {
      yield* Effect.flip((yield* ProcessControl).kill("it"))
      assert.deepStrictEqual(yield* audited, [])
    }).pipe(given([entryOf({ id: "it", pid: 1 })], { processes: [{ pid: 1 }] })))

  it.effect("is missed with a warning, and the answer stays, when it cannot be written", () =>
    Effect.gen(function*() {
      const sidecar = yield* Sidecar
      const full = new SidecarError({ reason: new SidecarUnusable({ path: "db", problem: "disk full", cause: "" }) })
      const broken = Sidecar.of({ ...sidecar, audit: () => Effect.fail(full) })
      const messages = yield* logged(
        Effect.flatMap(ProcessControl, ({ stop }) => stop("it")).pipe(
          Effect.map(({ status }) => assert.strictEqual(status, "signalled")),
          Effect.provide(ProcessControl.layer.pipe(Layer.provide(Layer.succeed(Sidecar, broken))), { local: true })
        )
      )
      assert.include(messages.join("\n"), "The audit does not have the signals to process it: ")
    }).pipe(given([it50], { processes: [{ pid: 50 }] })))
})
