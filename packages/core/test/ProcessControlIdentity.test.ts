/**
 * Who a process is, beyond its pid, from its registration to the signal.
 */
import { assert, describe, it } from "@effect/vitest"
import type { PidState } from "@zag/core/OsProcess"
import { ProcessControl } from "@zag/core/ProcessControl"
import { ProcessRegistration } from "@zag/core/ProcessRegistration"
import { ProcessStore } from "@zag/core/ProcessStore"
import { Sidecar } from "@zag/core/Sidecar"
import { ProcessTable, testSpace } from "@zag/core/testing"
import { Effect, Option } from "effect"
import { entryOf } from "./entryOf.ts"
import { given } from "./givenProcesses.ts"

const began = (startTicks: number): PidState => ({
  _tag: "Running",
  startTime: Date.UTC(2026, 0, 1),
  startTicks
})

const it50 = entryOf({ id: "it", pid: 50, startedAt: "2026-01-01T00:00:00Z" })

const show = Effect.flatMap(ProcessControl, (control) => control.show("it"))

const signals = Effect.flatMap(ProcessTable, ({ signals }) => signals)

const refusals = ["stop", "kill"] as const

describe("a registered process", () => {
  it.effect("is verified from its registration on, also after it was pointed at another pid", () =>
    Effect.gen(function*() {
      const control = yield* ProcessControl
      const { attach, id } = yield* (yield* ProcessRegistration).register({ provider: "claude" })
      assert.deepInclude(yield* control.show(id), { liveStatus: "running", verified: true })
      yield* attach(50)
      assert.deepInclude(yield* control.show(id), { liveStatus: "running", verified: true, pid: 50 })
      const identities = yield* (yield* Sidecar).identities([id])
      assert.deepStrictEqual(identities.get(id), {
        host: testSpace.host,
        machineId: testSpace.machineId,
        bootId: testSpace.bootId,
        pidNamespace: testSpace.pidNamespace,
        pid: 50,
        startTicks: 7
      })
    }).pipe(
      Effect.scoped,
      given([], { processes: [{ pid: 1000, state: began(5) }, { pid: 50, state: began(7) }] })
    ))

  it.effect("is not verified when somebody else has pointed it at another pid, until that one was seen", () =>
    Effect.gen(function*() {
      const { id } = yield* (yield* ProcessRegistration).register({ provider: "claude" })
      yield* (yield* ProcessStore).updatePid(id, 50)
      const control = yield* ProcessControl
      assert.deepInclude(yield* control.show(id), { liveStatus: "running", verified: false, pid: 50 })
      assert.deepInclude(yield* control.show(id), { liveStatus: "running", verified: true, pid: 50 })
    }).pipe(
      Effect.scoped,
      given([], {
        processes: [{ pid: 1000, state: began(5) }, {
          pid: 50,
          state: { _tag: "Running", startTime: 0, startTicks: 7 }
        }]
      })
    ))
})

describe("a process of an entry of zag", () => {
  it.effect("is known again once it was listed", () =>
    Effect.gen(function*() {
      const control = yield* ProcessControl
      const [first] = (yield* control.list()).processes
      assert.deepInclude(first, { liveStatus: "running", verified: false })
      const [second] = (yield* control.list()).processes
      assert.deepInclude(second, { liveStatus: "running", verified: true })
    }).pipe(given([it50], { processes: [{ pid: 50, state: began(7) }] })))

  for (const how of refusals) {
    it.effect(`gets no signal by ${how} when its pid was given away, however soon that was`, () =>
      Effect.gen(function*() {
        yield* show
        const table = yield* ProcessTable
        // Within the minute in which the times say nothing.
        yield* table.set({ pid: 50, state: began(8) })
        assert.strictEqual((yield* show).liveStatus, "dead")
        const control = yield* ProcessControl
        const error = yield* Effect.flip(control[how]("it"))
        assert.include(error.message, "is not running (status: dead): pid 50 was given to another process")
        assert.deepStrictEqual(yield* signals, [])
      }).pipe(given([it50], { processes: [{ pid: 50, state: began(7) }] })))

    it.effect(`gets no signal by ${how} from another pid namespace, where its pid is somebody else's`, () =>
      Effect.gen(function*() {
        yield* show
        yield* (yield* ProcessTable).move({ ...testSpace, pidNamespace: "pid:[2]" })
        assert.strictEqual((yield* show).liveStatus, "unknown")
        const error = yield* Effect.flip((yield* ProcessControl)[how]("it"))
        assert.include(
          error.message,
          "Refused to signal process it (pid 50): it runs in another pid namespace (a container) of host"
        )
        assert.deepStrictEqual(yield* signals, [])
      }).pipe(given([it50], { processes: [{ pid: 50, state: began(7) }] })))

    it.effect(`gets no signal by ${how} from another machine`, () =>
      Effect.gen(function*() {
        yield* show
        yield* (yield* ProcessTable).move({ ...testSpace, bootId: "other", host: "there" })
        const error = yield* Effect.flip((yield* ProcessControl)[how]("it"))
        assert.include(error.message, "Refused to signal process it (pid 50): it runs on another machine, host")
        assert.deepStrictEqual(yield* signals, [])
      }).pipe(given([it50], { processes: [{ pid: 50, state: began(7) }] })))

    it.effect(`gets no signal by ${how} after the machine was booted`, () =>
      Effect.gen(function*() {
        yield* show
        yield* (yield* ProcessTable).move({ ...testSpace, bootId: "later" })
        const error = yield* Effect.flip((yield* ProcessControl)[how]("it"))
        assert.include(error.message, "is not running (status: dead): the machine was booted since")
        assert.deepStrictEqual(yield* signals, [])
      }).pipe(given([it50], { processes: [{ pid: 50, state: began(7) }] })))
  }

  it.effect("is waited for no longer when its pid was given away", () =>
    Effect.gen(function*() {
      yield* show
      yield* (yield* ProcessTable).set({ pid: 50, state: began(8) })
      const [outcome] = yield* (yield* ProcessControl).wait(["it"], { timeout: 0 })
      assert.strictEqual(outcome?.liveStatus, "dead")
    }).pipe(given([it50], { processes: [{ pid: 50, state: began(7) }] })))
})

describe("ProcessControl.reconcile", () => {
  const dead = Effect.flatMap(ProcessTable, (table) => table.end(50))
  const stored = Effect.flatMap(ProcessStore, (store) => Effect.map(store.find("it"), Option.getOrThrow))

  it.effect("records the end of a process that was known and is gone, once", () =>
    Effect.gen(function*() {
      const { reconcile } = yield* ProcessControl
      yield* show
      assert.deepStrictEqual(yield* reconcile, [])
      yield* dead
      assert.deepStrictEqual((yield* reconcile).map(({ id }) => id), ["it"])
      assert.deepInclude(yield* stored, { status: "exited", exitCode: null })
      assert.isNotNull((yield* stored).exitedAt)
      assert.deepStrictEqual(yield* reconcile, [])
    }).pipe(given([it50], { processes: [{ pid: 50, state: began(7) }] })))

  it.effect("leaves alone what nobody knew: it may run in a container", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* (yield* ProcessControl).reconcile, [])
      assert.strictEqual((yield* stored).status, "running")
    }).pipe(given([it50])))

  it.effect("leaves alone what runs in another container", () =>
    Effect.gen(function*() {
      yield* show
      yield* dead
      yield* (yield* ProcessTable).move({ ...testSpace, pidNamespace: "pid:[2]" })
      assert.deepStrictEqual(yield* (yield* ProcessControl).reconcile, [])
    }).pipe(given([it50], { processes: [{ pid: 50, state: began(7) }] })))

  it.effect("is done by the next registration, and a plain look does not", () =>
    Effect.gen(function*() {
      yield* show
      yield* dead
      yield* (yield* ProcessControl).list()
      assert.strictEqual((yield* stored).status, "running")
      yield* (yield* ProcessRegistration).register({ provider: "claude" })
      assert.strictEqual((yield* stored).status, "exited")
    }).pipe(Effect.scoped, given([it50], { processes: [{ pid: 50, state: began(7) }] })))

  it.effect("is done by the next kill", () =>
    Effect.gen(function*() {
      yield* show
      yield* dead
      yield* (yield* ProcessControl).kill("other")
      assert.strictEqual((yield* stored).status, "exited")
    }).pipe(
      given([it50, entryOf({ id: "other", pid: 60 })], { processes: [{ pid: 50, state: began(7) }, { pid: 60 }] })
    ))

  it.effect("leaves room for how it ended, when whoever launched it knows", () =>
    Effect.gen(function*() {
      yield* show
      yield* dead
      yield* (yield* ProcessControl).reconcile
      yield* (yield* ProcessStore).updateStatus("it", "killed", 7)
      assert.deepInclude(yield* stored, { status: "killed", exitCode: 7 })
    }).pipe(given([it50], { processes: [{ pid: 50, state: began(7) }] })))
})
