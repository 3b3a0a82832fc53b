import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { ProcessControl } from "@zag/core/ProcessControl"
import { Sidecar } from "@zag/core/Sidecar"
import { layerOsProcess } from "@zag/core/testing"
import { Effect, Layer } from "effect"
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

const good = `{"id":"good","pid":7,"provider":"p","model":"m","command":"c","started_at":"","status":"running"}`

const on = (content: string) =>
  Layer.unwrap(
    Effect.map(makeHome(content), ({ directory }) =>
      ProcessControl.layer.pipe(Layer.provide([layerStore(directory), layerOsProcess(), Sidecar.layerMemory])))
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
