/**
 * Labels, from the registration of a process to the lists that it is in.
 */
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it, layer } from "@effect/vitest"
import { ProcessControl } from "@zag/core/ProcessControl"
import { fromLabels, type ProcessLabels } from "@zag/core/ProcessLabels"
import type { ListFilter } from "@zag/core/ProcessList"
import { ProcessRegistration } from "@zag/core/ProcessRegistration"
import { ProcessStore } from "@zag/core/ProcessStore"
import { Sidecar } from "@zag/core/Sidecar"
import { SidecarError, SidecarUnusable } from "@zag/core/SidecarError"
import { layerOsProcess, layerSessions } from "@zag/core/testing"
import { ZagHome } from "@zag/core/ZagHome"
import { Context, Effect, FileSystem, Layer, Scope } from "effect"
import { entryOf } from "./entryOf.ts"
import { at, given, inEnvironment } from "./givenProcesses.ts"
import { Labels } from "./labels.ts"
import { until } from "./realProcess.ts"
import { openSidecar } from "./sidecarOnDisk.ts"
import { makeHome, makeOld, namesIn, stateOf } from "./storeOnDisk.ts"

const register = (labels: ProcessLabels) =>
  Effect.flatMap(ProcessRegistration, ({ register }) => register({ provider: "claude", labels }))

const label = (id: string, labels: ProcessLabels) =>
  Effect.flatMap(Sidecar, (sidecar) => sidecar.label({ id, labels, identity: undefined }))

const labelsOf = (id: string) =>
  Effect.gen(function*() {
    const control = yield* ProcessControl
    const { labels } = yield* control.show(id)
    const { processes } = yield* control.list({ archived: true })
    assert.deepStrictEqual(processes.find((info) => info.id === id)?.labels, labels)
    return labels
  })

const list = (filter: ListFilter) =>
  Effect.gen(function*() {
    const { processes } = yield* (yield* ProcessControl).list(filter)
    return processes.map(({ id }) => id).join("")
  })

describe("a registration with labels", () => {
  it.effect.prop("is shown and listed with all of them", { labels: Labels }, ({ labels }) =>
    Effect.gen(function*() {
      const { id } = yield* register(labels)
      const shown = yield* labelsOf(id)
      assert.deepStrictEqual(Object.entries(shown), Object.entries(fromLabels(Object.entries(labels))))
    }).pipe(Effect.scoped, given([])), { arbitrary: { runs: 30 } })

  it.effect("has none when it is given none", () =>
    Effect.gen(function*() {
      const { id } = yield* (yield* ProcessRegistration).register({ provider: "claude" })
      assert.deepStrictEqual(yield* labelsOf(id), {})
    }).pipe(Effect.scoped, given([])))

  it.effect("is verified as any other", () =>
    Effect.gen(function*() {
      const { id } = yield* register({ k: "v" })
      const control = yield* ProcessControl
      assert.deepInclude(yield* control.show(id), { verified: true, labels: { k: "v" } })
    }).pipe(
      Effect.scoped,
      given([], { processes: [{ pid: 1000, state: { _tag: "Running", startTime: undefined, startTicks: 5 } }] })
    ))

  it.effect("is refused with a label that can be none, and enters nothing", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(register({ good: "1", "b ad": "2" }))
      assert.strictEqual(error.reason._tag, "InvalidLabel")
      assert.strictEqual(
        error.message,
        "Invalid label \"b ad=2\": expected a key without whitespace and control characters"
      )
      assert.deepStrictEqual((yield* (yield* ProcessStore).load).entries, [])
    }).pipe(Effect.scoped, given([])))

  it.effect("is refused when they cannot be recorded, and goes on without an identity", () =>
    Effect.gen(function*() {
      const sidecar = yield* Sidecar
      const full = new SidecarError({ reason: new SidecarUnusable({ path: "db", problem: "disk full" }) })
      const broken = { ...sidecar, identify: () => Effect.fail(full), label: () => Effect.fail(full) }
      const { register } = yield* Effect.provide(
        ProcessRegistration,
        Layer.provide(Layer.fresh(ProcessRegistration.layer), Layer.succeed(Sidecar, Sidecar.of(broken))),
        { local: true }
      )
      const error = yield* Effect.flip(register({ provider: "claude", labels: { k: "v" } }))
      assert.strictEqual(
        error.message,
        "The labels could not be recorded, so nothing was registered: db cannot be used: disk full"
      )
      assert.deepStrictEqual((yield* (yield* ProcessStore).load).entries, [])
      const { id } = yield* register({ provider: "claude" })
      assert.deepStrictEqual((yield* (yield* ProcessStore).load).entries.map((entry) => entry.id), [id])
    }).pipe(Effect.scoped, given([])))

  it.live("is never seen without them", () =>
    Effect.gen(function*() {
      const store = yield* ProcessStore
      const sidecar = yield* Sidecar
      const seen: Array<unknown> = []
      const watched = ProcessStore.of({
        ...store,
        add: (entry) =>
          Effect.andThen(
            Effect.map(Effect.orDie(sidecar.labels([entry.id])), (labels) => void seen.push(labels.get(entry.id))),
            store.add(entry)
          )
      })
      const { register } = yield* Effect.provide(
        ProcessRegistration,
        Layer.provide(Layer.fresh(ProcessRegistration.layer), Layer.succeed(ProcessStore, watched)),
        { local: true }
      )
      const { id } = yield* register({ provider: "claude", labels: { k: "v" } })
      // It comes back when it is taken out, which has taken its labels as well.
      yield* store.remove(id)
      yield* until(Effect.map(store.load, ({ entries }) => entries.length === 1))
      assert.deepStrictEqual(seen, [{ k: "v" }, { k: "v" }])
    }).pipe(Effect.scoped, given([])))
})

describe("ProcessControl.list by labels", () => {
  const labelled = Effect.all([
    label("1", { team: "red", stage: "test" }),
    label("2", { team: "blue" }),
    label("3", { team: "red", stage: "" })
  ])

  const entries = [at("1", 1), at("2", 2), at("3", 3, { status: "exited" }), at("4", 4)]

  it.effect.each<readonly [string | ReadonlyArray<string>, string]>([
    ["team", "321"],
    ["team=red", "31"],
    ["team=r", ""],
    ["stage=", "3"],
    [[], "4321"],
    [["team=red", "team=blue"], "321"],
    [["team=red", "stage"], "31"],
    [["team=red", "team=blue", "stage=test"], "1"],
    ["nobody", ""]
  ])("%j", ([label, ids]) =>
    Effect.gen(function*() {
      yield* labelled
      assert.strictEqual(yield* list({ label }), ids)
    }).pipe(given(entries)))

  it.effect("with the other filters, and before the limit", () =>
    Effect.gen(function*() {
      yield* labelled
      assert.strictEqual(yield* list({ label: "team", limit: 2 }), "32")
      assert.strictEqual(yield* list({ label: "team", status: "exited" }), "3")
      assert.strictEqual(yield* list({ label: "team", sort: { field: "status" }, limit: 1 }), "1")
      assert.strictEqual(yield* list({ label: "team=red", running: true }), "1")
    }).pipe(given(entries, { processes: [{ pid: 101 }, { pid: 104 }] })))

  it.effect("fails for what can be no label", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(list({ label: ["team", "=x"] }))
      assert.strictEqual(error.reason._tag, "InvalidLabel")
      assert.strictEqual(error.message, "Invalid label \"=x\": expected a key that is not empty")
    }).pipe(given(entries)))
})

/** All services on the files of a directory, as a program of its own has them. */
const open = (directory: string) =>
  Effect.map(
    Layer.build(
      Layer.mergeAll(ProcessControl.layer, ProcessRegistration.layer).pipe(
        Layer.provide(layerSessions()),
        Layer.provideMerge(ProcessStore.layer),
        Layer.provide(Sidecar.layerSqlite),
        Layer.provide([ZagHome.layerAt(directory), layerOsProcess()])
      )
    ),
    (context) => ({
      control: Context.get(context, ProcessControl),
      registration: Context.get(context, ProcessRegistration),
      store: Context.get(context, ProcessStore)
    })
  )

const ended = `{"processes":[{"id":"old","pid":1,"provider":"p","model":"m","command":"run",
  "started_at":"2026-01-01T00:00:00Z","status":"exited"}]}`

layer(NodeServices.layer)("labels in the database", (it) => {
  it.effect("stay with an entry that moves to the archive, and go with one that is removed", () =>
    Effect.gen(function*() {
      const { directory } = yield* makeHome()
      const { control, registration, store } = yield* open(directory)
      const scope = yield* Scope.make()
      const one = yield* Scope.provide(registration.register({ provider: "p", labels: { n: "1", all: "" } }), scope)
      const two = yield* Scope.provide(registration.register({ provider: "p", labels: { n: "2", all: "" } }), scope)
      yield* one.finish({ status: "exited", exitCode: 0 })
      yield* two.finish({ status: "exited", exitCode: 0 })
      assert.strictEqual((yield* control.list({ label: "all" })).processes.length, 2)
      yield* store.remove(two.id)
      yield* control.prune({ keep: 0 })
      assert.deepStrictEqual((yield* control.list({ label: "all" })).processes, [])
      const { processes } = yield* control.list({ label: "all", archived: true })
      assert.deepStrictEqual(processes.map(({ id, labels }) => [id, labels]), [[one.id, { all: "", n: "1" }]])
      assert.deepStrictEqual((yield* control.show(one.id)).labels, { all: "", n: "1" })
      const sidecar = yield* openSidecar(directory)
      assert.deepStrictEqual(Array.from((yield* sidecar.labels([one.id, two.id])).keys()), [one.id])
    }).pipe(inEnvironment({})))

  it.effect("are asked for without making one", () =>
    Effect.gen(function*() {
      const { directory, file } = yield* makeHome(ended)
      const before = yield* makeOld(file)
      const { control } = yield* open(directory)
      assert.deepStrictEqual((yield* control.list()).processes.map(({ labels }) => labels), [{}])
      assert.deepStrictEqual((yield* control.list({ label: "k" })).processes, [])
      assert.deepStrictEqual((yield* control.show("old")).labels, {})
      assert.deepStrictEqual(yield* namesIn(directory), ["processes.json"])
      assert.deepStrictEqual(yield* stateOf(file), before)
    }).pipe(inEnvironment({})))

  it.effect("are lost with it, and nothing else is", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const { directory } = yield* makeHome()
      const { control, registration, store } = yield* open(directory)
      const { id } = yield* registration.register({ provider: "p", labels: { k: "v" } })
      yield* fs.remove(`${directory}/processes.db`)
      assert.deepInclude(yield* control.show(id), { id, provider: "p", labels: {} })
      yield* store.add(entryOf({ id: "new" }))
      assert.strictEqual((yield* control.list()).processes.length, 2)
    }).pipe(inEnvironment({})))

  it.effect("that cannot be read are none to whoever looks, and an error to whoever chooses by them", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const { directory } = yield* makeHome(ended)
      yield* fs.writeFileString(`${directory}/processes.db`, "no database")
      const { control } = yield* open(directory)
      assert.deepStrictEqual((yield* control.list()).processes.map(({ labels }) => labels), [{}])
      const error = yield* Effect.flip(control.list({ label: "k" }))
      assert.strictEqual(error.reason._tag, "LabelsUnreadable")
      assert.include(
        error.message,
        `The labels of processes cannot be read: ${directory}/processes.db cannot be used: `
      )
    }).pipe(inEnvironment({})))
})
