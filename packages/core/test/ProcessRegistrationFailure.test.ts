import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { ProcessRegistration } from "@zag/core/ProcessRegistration"
import { ProcessStore } from "@zag/core/ProcessStore"
import { ProcessStoreError, StoreUnwritable } from "@zag/core/ProcessStoreError"
import { Sidecar } from "@zag/core/Sidecar"
import { LockTimeout, SidecarError } from "@zag/core/SidecarError"
import { layerOsProcess } from "@zag/core/testing"
import { ConfigProvider, Context, Effect, Exit, Fiber, FileSystem, Latch, Layer, Ref, Scope } from "effect"
import { layerStore, makeHome, namesIn } from "./storeOnDisk.ts"

const outside = Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromEnv({ env: {} }))

const openRegistration = (store: Layer.Layer<ProcessStore>) =>
  Effect.map(
    Layer.build(
      ProcessRegistration.layer.pipe(Layer.provideMerge(store), Layer.provide([layerOsProcess(), Sidecar.layerMemory]))
    ),
    (context) => ({
      registration: Context.get(context, ProcessRegistration),
      store: Context.get(context, ProcessStore)
    })
  )

/** A registration beside a lock that somebody else has, of which the memory answers like this. */
const openLocked = (identify: Sidecar["Service"]["identify"]) =>
  Effect.map(
    Layer.build(
      ProcessRegistration.layer.pipe(
        Layer.provide(Layer.effect(Sidecar, Effect.map(Sidecar, (sidecar) => Sidecar.of({ ...sidecar, identify })))),
        Layer.provide(Sidecar.layerMemory),
        Layer.provideMerge(ProcessStore.layerMemory),
        Layer.provide(layerOsProcess([{ pid: 1000, state: { _tag: "Running", startTime: 0, startTicks: 1 } }]))
      )
    ),
    (context) => ({
      registration: Context.get(context, ProcessRegistration),
      store: Context.get(context, ProcessStore)
    })
  )

const full = new ProcessStoreError({ reason: new StoreUnwritable({ path: "memory", problem: "ENOSPC" }) })

/** A store in memory that cannot record an end while the disk is full. */
const openFilling = Effect.gen(function*() {
  const isFull = yield* Ref.make(false)
  const opened = yield* openRegistration(
    Layer.effect(
      ProcessStore,
      Effect.map(ProcessStore, (store) =>
        ProcessStore.of({
          ...store,
          updateStatus: (...args) =>
            Effect.flatMap(Ref.get(isFull), (stop) => stop ? Effect.fail(full) : store.updateStatus(...args))
        }))
    ).pipe(Layer.provide(ProcessStore.layerMemory))
  )
  return { ...opened, isFull }
})

/** A store in memory that waits before it records an end. */
const openWaiting = Effect.gen(function*() {
  const reached = yield* Latch.make()
  const goOn = yield* Latch.make()
  const opened = yield* openRegistration(
    Layer.effect(
      ProcessStore,
      Effect.map(ProcessStore, (store) =>
        ProcessStore.of({
          ...store,
          updateStatus: (...args) =>
            reached.open.pipe(Effect.andThen(goOn.await), Effect.andThen(store.updateStatus(...args)))
        }))
    ).pipe(Layer.provide(ProcessStore.layerMemory))
  )
  return { ...opened, reached, goOn }
})

layer(NodeServices.layer)("a registration beside a lock that somebody else has", (it) => {
  it.effect("waits for it once, and adds nothing after that", () =>
    Effect.gen(function*() {
      const reason = new LockTimeout({ path: "/home/processes.db", seconds: 10, holder: "pid 7 (sqlite3)" })
      const { registration, store } = yield* openLocked(() => Effect.fail(new SidecarError({ reason })))
      const error = yield* Effect.flip(Effect.scoped(registration.register({ provider: "claude" })))
      assert.strictEqual(error.reason._tag, "StoreUnwritable")
      assert.include(error.message, "/home/processes.db: the registry is locked by pid 7 (sqlite3)")
      assert.deepStrictEqual((yield* store.load).entries, [])
    }).pipe(outside))

  it.effect("can be given up", () =>
    Effect.gen(function*() {
      const waits = yield* Latch.make()
      const { registration, store } = yield* openLocked(() => Effect.andThen(waits.open, Effect.never))
      const waiting = yield* Effect.forkChild(Effect.scoped(registration.register({ provider: "claude" })))
      yield* waits.await
      yield* Fiber.interrupt(waiting)
      assert.deepStrictEqual((yield* store.load).entries, [])
    }).pipe(outside))
})

layer(NodeServices.layer)("a registration that cannot be recorded", (it) => {
  it.effect("is an error, and leaves what it cannot read as it is", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const { directory, file } = yield* makeHome()
      yield* fs.makeDirectory(file)
      const { registration } = yield* openRegistration(layerStore(directory).pipe(Layer.provide(NodeServices.layer)))
      const error = yield* Effect.flip(Effect.scoped(registration.register({ provider: "claude" })))
      assert.strictEqual(error.reason._tag, "StoreUnreadable")
      assert.deepStrictEqual(yield* namesIn(directory), ["processes.db", "processes.json"])
      assert.deepStrictEqual(yield* namesIn(file), [])
    }).pipe(outside))

  it.effect.each(["", "{", "{\"processes\":{}}"])(
    "is none beside a store of %j, which is kept",
    (content) =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        const { directory } = yield* makeHome(content)
        const { registration, store } = yield* openRegistration(
          layerStore(directory).pipe(Layer.provide(NodeServices.layer))
        )
        const { id } = yield* registration.register({ provider: "claude" })
        assert.deepStrictEqual((yield* store.load).entries.map((entry) => entry.id), [id])
        const aside = (yield* namesIn(directory)).filter((name) => name.startsWith("processes.json.corrupt-"))
        assert.strictEqual(aside.length, 1)
        assert.strictEqual(yield* fs.readFileString(`${directory}/${aside[0]}`), content)
      }).pipe(outside)
  )

  it.effect("can be finished again after the end could not be recorded", () =>
    Effect.gen(function*() {
      const { isFull, registration, store } = yield* openFilling
      const { finish } = yield* registration.register({ provider: "claude" })
      yield* Ref.set(isFull, true)
      assert.strictEqual(yield* Effect.flip(finish({ status: "killed", exitCode: 137 })), full)
      assert.strictEqual(yield* Effect.flip(finish({ status: "killed", exitCode: 137 })), full)
      yield* Ref.set(isFull, false)
      yield* finish({ status: "killed", exitCode: 137 })
      const [entry] = (yield* store.load).entries
      assert.deepInclude(entry, { status: "killed", exitCode: 137 })
    }).pipe(outside))

  it.effect("gets the end it was given, not that of the scope, when the scope can record it", () =>
    Effect.gen(function*() {
      const { isFull, registration, store } = yield* openFilling
      const scope = yield* Scope.make()
      const { finish } = yield* Scope.provide(registration.register({ provider: "claude" }), scope)
      yield* Ref.set(isFull, true)
      yield* Effect.flip(finish({ status: "killed", exitCode: 137 }))
      yield* Ref.set(isFull, false)
      yield* Scope.close(scope, Exit.void)
      const [entry] = (yield* store.load).entries
      assert.deepInclude(entry, { status: "killed", exitCode: 137 })
    }).pipe(outside))

  it.effect("does not keep a scope from closing", () =>
    Effect.gen(function*() {
      const { isFull, registration, store } = yield* openFilling
      const answer = yield* Effect.scoped(
        registration.register({ provider: "claude" }).pipe(Effect.andThen(Ref.set(isFull, true)), Effect.as("answer"))
      )
      assert.strictEqual(answer, "answer")
      const [entry] = (yield* store.load).entries
      assert.deepInclude(entry, { status: "running" })
    }).pipe(outside))

  it.effect("is finished once by two that do so at a time", () =>
    Effect.gen(function*() {
      const { goOn, reached, registration, store } = yield* openWaiting
      const { finish } = yield* registration.register({ provider: "claude" })
      const both = yield* Effect.forEach(
        [{ status: "exited", exitCode: 0 }, { status: "killed", exitCode: 1 }] as const,
        (ending) => Effect.forkChild(finish(ending), { startImmediately: true })
      )
      yield* reached.await
      yield* goOn.open
      yield* Fiber.joinAll(both)
      const [entry] = (yield* store.load).entries
      assert.deepInclude(entry, { status: "exited", exitCode: 0 })
    }).pipe(outside))

  it.effect("gets its end although the one who gives it is interrupted meanwhile", () =>
    Effect.gen(function*() {
      const { goOn, reached, registration, store } = yield* openWaiting
      const scope = yield* Scope.make()
      const { finish } = yield* Scope.provide(registration.register({ provider: "claude" }), scope)
      const finishing = yield* Effect.forkChild(finish({ status: "killed", exitCode: 137 }))
      yield* reached.await
      const stopping = yield* Effect.forkChild(Fiber.interrupt(finishing), { startImmediately: true })
      yield* goOn.open
      yield* Fiber.join(stopping)
      yield* Scope.close(scope, Exit.void)
      const [entry] = (yield* store.load).entries
      assert.deepInclude(entry, { status: "killed", exitCode: 137 })
    }).pipe(outside))
})
