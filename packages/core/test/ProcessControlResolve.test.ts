import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { ProcessControl } from "@zag/core/ProcessControl"
import { Sidecar } from "@zag/core/Sidecar"
import { layerOsProcess, layerSessions, ProcessTable, testSpace } from "@zag/core/testing"
import { Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { at, given, inEnvironment } from "./givenProcesses.ts"
import { layerStore, makeHome } from "./storeOnDisk.ts"

const entries = [
  at("c945cd70-1d4c", 1),
  at("c945cd71-0000", 2),
  at("abc", 3),
  at("abcd", 4),
  at("", 5),
  at("self", 6),
  at("dup", 7, { provider: "first" })
]

const resolve = (handle: string) => Effect.flatMap(ProcessControl, (control) => control.resolve(handle))

const failure = (handle: string) =>
  Effect.gen(function*() {
    const error = yield* Effect.flip(resolve(handle))
    return error._tag === "ProcessControlError" ? error.reason : assert.fail(error._tag)
  })

describe("ProcessControl.resolve", () => {
  it.effect.each<readonly [string, string, string]>([
    ["the whole id", "c945cd70-1d4c", "c945cd70-1d4c"],
    ["the beginning of one id", "c945cd70", "c945cd70-1d4c"],
    ["a whole id that is the beginning of another", "abc", "abc"],
    ["an empty id, when there is one", "", ""]
  ])("finds %s", ([, handle, id]) =>
    Effect.gen(function*() {
      assert.strictEqual((yield* resolve(handle)).id, id)
    }).pipe(given(entries)))

  it.effect("does not choose between ids with one beginning, and names them", () =>
    Effect.gen(function*() {
      const reason = yield* failure("c945")
      if (reason._tag !== "AmbiguousHandle") return assert.fail(reason._tag)
      assert.deepStrictEqual(new Set(reason.candidates), new Set(["c945cd70-1d4c", "c945cd71-0000"]))
      for (const id of reason.candidates) assert.include(reason.message, id)
    }).pipe(given(entries)))

  it.effect("names no more than five of many ids", () =>
    Effect.gen(function*() {
      assert.include((yield* failure("x")).message, " and 2 more")
    }).pipe(given(Array.from({ length: 7 }, (_, n) => at(`x${n}`, n)))))

  it.effect.each(["945cd70", "C945CD70-1D4C", "c945cd70-1d4c-", " abc", "nobody", "Self"])(
    "does not find %j",
    (handle) =>
      Effect.gen(function*() {
        const reason = yield* failure(handle)
        assert.strictEqual(reason._tag, "ProcessNotFound")
        assert.strictEqual(reason.message, `Process not found: ${handle}`)
      }).pipe(given(entries))
  )

  it.effect("does not take an empty handle for the beginning of every id", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* failure(""))._tag, "ProcessNotFound")
    }).pipe(given([at("abc", 1)])))

  it.effect("takes `self` for the entry of the caller, before an entry of that id", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* resolve("self")).id, "abc")
    }).pipe(given(entries, { env: { ZAG_PROCESS_ID: "abc" } })))

  it.effect("does not take the id in `self` for the beginning of another", () =>
    Effect.gen(function*() {
      const reason = yield* failure("self")
      assert.strictEqual(reason._tag, "ProcessNotFound")
      assert.include(reason.message, "c945cd70")
    }).pipe(given(entries, { env: { ZAG_PROCESS_ID: "c945cd70" } })))

  it.effect.each<Record<string, string>>([{}, { ZAG_PROCESS_ID: "" }])(
    "has no `self` outside a session: %j",
    (env) =>
      Effect.gen(function*() {
        const reason = yield* failure("self")
        assert.strictEqual(reason._tag, "NotInSession")
        assert.include(reason.message, "ZAG_PROCESS_ID is not set")
      }).pipe(given(entries, { env }))
  )

  it.effect("shows what it finds with its live status", () =>
    Effect.gen(function*() {
      const control = yield* ProcessControl
      assert.deepInclude(yield* control.show("abc"), { id: "abc", liveStatus: "running" })
      assert.deepInclude(yield* control.show("abcd"), { id: "abcd", liveStatus: "dead" })
      assert.strictEqual((yield* Effect.flip(control.show("c9")))._tag, "ProcessControlError")
    }).pipe(given(entries, { processes: [{ pid: 103 }] })))
})

const notFound = (handle: string) => `Process not found: ${handle}: no process that runs is registered with this pid`

const identified = (id: string, pid: number, startTicks: number) => ({
  id,
  identity: { ...testSpace, pid, startTicks }
})

const began = (startTicks: number) => ({ _tag: "Running" as const, startTime: undefined, startTicks })

describe("ProcessControl.resolve of pid:N", () => {
  it.effect("finds the entry whose process runs, before others that had the pid", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* resolve("pid:42")).id, "new")
    }).pipe(given([
      at("done", 1, { pid: 42, status: "exited" }),
      at("booted", 2, { pid: 42, startedAt: "2020-01-01T00:00:00Z" }),
      at("new", 3, { pid: 42 }),
      at("other", 4, { pid: 421 })
    ], { processes: [{ pid: 42, state: { _tag: "Running", startTime: Date.UTC(2026, 0, 1) } }] })))

  it.effect("prefers the one that is known to be the process", () =>
    Effect.gen(function*() {
      yield* (yield* Sidecar).identify([identified("known", 42, 7), identified("was", 42, 6)])
      assert.strictEqual((yield* resolve("pid:42")).id, "known")
    }).pipe(given([at("was", 1, { pid: 42 }), at("known", 2, { pid: 42 }), at("zag", 3, { pid: 42 })], {
      processes: [{ pid: 42, state: began(7) }]
    })))

  it.effect.each<readonly [string, boolean]>([["run", true], ["are gone", false]])(
    "does not choose between several that %s",
    ([, runs]) =>
      Effect.gen(function*() {
        assert.strictEqual(
          (yield* failure("pid:42")).message,
          "Ambiguous process: pid:42 is that of a, b. Give the id."
        )
      }).pipe(given([at("a", 1, { pid: 42 }), at("b", 2, { pid: 42 }), at("c", 3, { pid: 42, status: "killed" })], {
        processes: runs ? [{ pid: 42 }] : []
      }))
  )

  it.effect("finds one whose process has just gone: its end can be waited for", () =>
    Effect.gen(function*() {
      const control = yield* ProcessControl
      assert.deepInclude(yield* control.show("pid:42"), { id: "gone", liveStatus: "dead" })
    }).pipe(given([at("gone", 1, { pid: 42 })])))

  it.effect("does not find the entry of a process whose pid is somebody else's now", () =>
    Effect.gen(function*() {
      yield* (yield* Sidecar).identify([identified("was", 42, 6)])
      assert.strictEqual((yield* failure("pid:42")).message, notFound("pid:42"))
      const control = yield* ProcessControl
      assert.strictEqual((yield* Effect.flip(control.kill("pid:42"))).message, notFound("pid:42"))
      assert.deepStrictEqual(yield* (yield* ProcessTable).signals, [])
    }).pipe(given([at("was", 1, { pid: 42 })], { processes: [{ pid: 42, state: began(7), processId: "was" }] })))

  it.effect("does not find a process of another container", () =>
    Effect.gen(function*() {
      yield* (yield* Sidecar).identify([identified("there", 42, 7)])
      yield* (yield* ProcessTable).move({ ...testSpace, pidNamespace: "pid:[2]" })
      assert.strictEqual((yield* failure("pid:42")).message, notFound("pid:42"))
    }).pipe(given([at("there", 1, { pid: 42 })], { processes: [{ pid: 42, state: began(7) }] })))

  it.effect.each(["pid:43", "pid:4", "pid:0", "pid:99999999999999999999"])(
    "does not find %s",
    (handle) =>
      Effect.gen(function*() {
        const reason = yield* failure(handle)
        assert.strictEqual(reason._tag, "ProcessNotFound")
        assert.include(reason.message, `Process not found: ${handle}: `)
      }).pipe(given([at("a", 1, { pid: 42 }), at("pid:43", 2)], { processes: [{ pid: 42 }] }))
  )

  it.effect.each(["pid:", "pid:abc", "pid:-42", "pid:4.2", "pid:42 ", "pid:0x2a"])(
    "says that %j is no pid",
    (handle) =>
      Effect.gen(function*() {
        assert.strictEqual(
          (yield* failure(handle)).message,
          `Process not found: ${handle}: a pid is a number, as in pid:4242`
        )
      }).pipe(given([at("a", 1, { pid: 42 })], { processes: [{ pid: 42 }] }))
  )

  it.effect("stops, kills and waits for what it finds", () =>
    Effect.gen(function*() {
      const control = yield* ProcessControl
      assert.deepInclude(yield* control.kill("pid:42"), { id: "a", pid: 42 })
      assert.deepInclude(yield* control.stop("pid:43"), { id: "b", pid: 43, signal: "SIGHUP" })
      const table = yield* ProcessTable
      assert.deepStrictEqual(yield* table.signals, [{ pid: 42, signal: "SIGTERM" }, { pid: 43, signal: "SIGHUP" }])
      assert.deepInclude((yield* control.wait(["pid:43"]))[0], { id: "b", hasEnded: true })
    }).pipe(
      TestClock.withLive,
      given([at("a", 1, { pid: 42 }), at("b", 2, { pid: 43 })], {
        processes: [{ pid: 42 }, { pid: 43 }]
      })
    ))

  it.effect.each([0, 1, 999, 4_294_967_295])(
    "refuses a signal to %d as for every other handle",
    (pid) =>
      Effect.gen(function*() {
        const control = yield* ProcessControl
        for (const operation of [control.stop(`pid:${pid}`), control.kill(`pid:${pid}`)]) {
          const error = yield* Effect.flip(operation)
          assert.strictEqual(error._tag === "ProcessControlError" ? error.reason._tag : error._tag, "SignalRefused")
        }
        assert.deepStrictEqual(yield* (yield* ProcessTable).signals, [])
      }).pipe(given([at("never", 1, { pid })], { processes: [{ pid }] }))
  )
})

describe("ProcessControl.ancestors", () => {
  it.effect("are the parents up to the top, also where they go round in a circle", () =>
    Effect.gen(function*() {
      const control = yield* ProcessControl
      const ids = (handle: string) => Effect.map(control.ancestors(handle), (found) => found.map(({ id }) => id))
      assert.deepStrictEqual(yield* ids("c"), ["b", "a"])
      assert.deepStrictEqual(yield* ids("a"), [])
      assert.deepStrictEqual(yield* ids("x"), ["y"])
      assert.strictEqual((yield* Effect.flip(control.ancestors("nobody"))).message, "Process not found: nobody")
    }).pipe(given([
      at("c", 3, { parentProcessId: "b" }),
      at("b", 2, { parentProcessId: "gone", parentSessionId: "s" }),
      at("a", 1, { sessionId: "s" }),
      at("x", 4, { parentProcessId: "y" }),
      at("y", 5, { parentProcessId: "x" })
    ])))
})

const good = `{"id":"good","pid":7,"provider":"p","model":"m","command":"c","started_at":"","status":"running"}`

const on = (content: string) =>
  Layer.unwrap(
    Effect.map(makeHome(content), ({ directory }) =>
      ProcessControl.layer.pipe(
        Layer.provide([layerStore(directory), layerOsProcess(), Sidecar.layerMemory, layerSessions()])
      ))
  ).pipe(
    Layer.provide(NodeServices.layer)
  )

describe("ProcessControl on a registry with entries that are none", () => {
  it.effect("lists the others, and says which those are", () =>
    Effect.gen(function*() {
      const { processes, unreadable } = yield* (yield* ProcessControl).list({ limit: 1, provider: "p" })
      assert.deepStrictEqual(processes.map(({ id }) => id), ["good"])
      assert.deepStrictEqual(unreadable.map(({ index }) => index), [0, 2])
    }).pipe(Effect.provide(on(`{"processes":[{"id":"bad"},${good},null]}`)), inEnvironment({})))

  it.effect.each<readonly [string, string]>([
    [`[${good}]`, "Process not found: bad"],
    [`[${good},{"id":"bad"}]`, "Process not found: bad (1 entry of the registry cannot be read)"],
    [`[{"id":"bad"},null]`, "Process not found: bad (2 entries of the registry cannot be read)"]
  ])("says how many entries it could not ask, with %s", ([processes, message]) =>
    Effect.gen(function*() {
      assert.strictEqual((yield* Effect.flip(resolve("bad"))).message, message)
    }).pipe(Effect.provide(on(`{"processes":${processes}}`)), inEnvironment({})))

  it.effect("fails as the store fails when the registry cannot be read", () =>
    Effect.gen(function*() {
      const control = yield* ProcessControl
      for (const operation of [control.list(), control.show("a"), control.stop("a"), control.kill("a")]) {
        const error = yield* Effect.flip(
          Effect.asVoid(operation as Effect.Effect<unknown, Effect.Error<typeof operation>>)
        )
        assert.strictEqual(error._tag, "ProcessStoreError")
      }
    }).pipe(Effect.provide(on("{")), inEnvironment({})))
})
