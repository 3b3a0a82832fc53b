import { assert, describe, it } from "@effect/vitest"
import { OsProcess } from "@zag/core/OsProcess"
import { ProcessControl } from "@zag/core/ProcessControl"
import { ProcessRegistration } from "@zag/core/ProcessRegistration"
import { SessionControl } from "@zag/core/SessionControl"
import { layer, layerOsProcess, ProcessTable } from "@zag/core/testing"
import { ConfigProvider, Effect } from "effect"

describe("layerOsProcess", () => {
  it.effect.each([0, 1, -1, 1.5, 2_147_483_648, 4_294_967_295, Number.NaN, 1000])(
    "sends nothing to %d",
    (pid) =>
      Effect.gen(function*() {
        const os = yield* OsProcess
        for (const signal of ["SIGHUP", "SIGTERM", "SIGKILL"] as const) {
          const error = yield* Effect.flip(os.signal(pid, signal))
          assert.strictEqual(error.reason._tag, "PidRefused")
        }
        assert.deepStrictEqual(yield* (yield* ProcessTable).signals, [])
      }).pipe(Effect.provide(layerOsProcess([{ pid }])))
  )

  it.effect("runs the test itself and its ancestor, unless the table says otherwise", () =>
    Effect.gen(function*() {
      const running = { _tag: "Running", startTime: undefined } as const
      const inspected = Effect.flatMap(OsProcess, (os) => os.inspectAll([os.pid, 999]))
      assert.deepStrictEqual(yield* Effect.provide(inspected, layerOsProcess()), [running, running])
      assert.deepStrictEqual(
        yield* Effect.provide(inspected, layerOsProcess([{ pid: 1000, state: { _tag: "Zombie" } }, { pid: 42 }])),
        [{ _tag: "Zombie" }, running]
      )
      assert.deepStrictEqual(
        yield* Effect.provide(
          Effect.flatMap(ProcessTable, ({ end }) => Effect.andThen(end(999), inspected)),
          layerOsProcess()
        ),
        [running, { _tag: "Gone" }]
      )
    }))

  it.effect("answers as a system would: no such process, not permitted, gone after a signal", () =>
    Effect.gen(function*() {
      const os = yield* OsProcess
      const table = yield* ProcessTable
      assert.strictEqual((yield* Effect.flip(os.signal(40, "SIGTERM"))).reason._tag, "NoSuchProcess")
      assert.strictEqual((yield* Effect.flip(os.signal(41, "SIGTERM"))).reason._tag, "NotPermitted")
      assert.deepStrictEqual(yield* os.inspect(41), { _tag: "Running", startTime: undefined })
      yield* os.signal(42, "SIGTERM")
      assert.deepStrictEqual(yield* os.inspect(42), { _tag: "Gone" })
      yield* os.signal(43, "SIGTERM")
      assert.deepStrictEqual(yield* os.inspect(43), { _tag: "Running", startTime: undefined })
      yield* os.signal(43, "SIGKILL")
      assert.deepStrictEqual(yield* os.inspect(43), { _tag: "Gone" })
      yield* table.set({ pid: 43, state: { _tag: "Zombie" } })
      assert.deepStrictEqual(yield* os.inspect(43), { _tag: "Zombie" })
      yield* table.end(43)
      assert.deepStrictEqual(yield* os.inspect(43), { _tag: "Gone" })
      assert.deepStrictEqual(yield* table.signals, [
        { pid: 42, signal: "SIGTERM" },
        { pid: 43, signal: "SIGTERM" },
        { pid: 43, signal: "SIGKILL" }
      ])
    }).pipe(
      Effect.provide(layerOsProcess([{ pid: 41, foreign: true }, { pid: 42 }, { pid: 43, ignores: ["SIGTERM"] }]))
    ))
})

describe("fromPlatform", () => {
  it.effect("looks at many one by one where the system has no cheaper way", () =>
    Effect.gen(function*() {
      const os = yield* OsProcess
      const pids = [43, 41, 40, 41, 0, NaN]
      const each = yield* Effect.forEach(pids, os.inspect)
      assert.deepStrictEqual(yield* os.inspectAll(pids), each)
      assert.deepStrictEqual(each.map(({ _tag }) => _tag), ["Zombie", "Running", "Gone", "Running", "Gone", "Gone"])
    }).pipe(Effect.provide(layerOsProcess([{ pid: 41 }, { pid: 43, state: { _tag: "Zombie" } }]))))
})

describe("layer", () => {
  it.effect("lets a program be tested whole, without a file or a process", () =>
    Effect.gen(function*() {
      const control = yield* ProcessControl
      const { attach, id } = yield* (yield* ProcessRegistration).register({ provider: "claude" })
      yield* attach(42)
      assert.deepInclude(yield* control.kill(id), { pid: 42, signal: "SIGTERM", status: "killed" })
      assert.deepStrictEqual(yield* (yield* ProcessTable).signals, [{ pid: 42, signal: "SIGTERM" }])
      assert.strictEqual((yield* control.show(id)).liveStatus, "killed")
    }).pipe(
      Effect.provide(layer([{ pid: 42 }])),
      Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromEnv({ env: {} }))
    ))

  it.effect("shows a registration of the program under test as running", () =>
    Effect.gen(function*() {
      const { id } = yield* (yield* ProcessRegistration).register({ provider: "claude" })
      assert.strictEqual((yield* (yield* ProcessControl).show(id)).liveStatus, "running")
    }).pipe(
      Effect.provide(layer()),
      Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromEnv({ env: {} }))
    ))

  it.effect("has the sessions of its processes", () =>
    Effect.gen(function*() {
      const { environment, status } = yield* SessionControl
      yield* (yield* ProcessRegistration).register({ provider: "claude", sessionId: "s1" })
      assert.strictEqual((yield* status("s1")).status, "running")
      assert.deepInclude(yield* environment("s1"), { ZAG_SESSION_ID: "s1", ZAG_PROVIDER: "claude" })
      // There is no repository whose newest session this could be.
      assert.strictEqual((yield* Effect.flip(environment()))._tag, "NoSessions")
    }).pipe(
      Effect.provide(layer()),
      Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromEnv({ env: {} }))
    ))

  it.effect("is new for every test", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual((yield* (yield* ProcessControl).list()).processes, [])
      assert.deepStrictEqual(yield* (yield* ProcessTable).signals, [])
    }).pipe(Effect.provide(layer())))
})
