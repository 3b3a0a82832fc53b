/**
 * A program that runs stands in the registry, whatever others do to it.
 */
import { NodeServices } from "@effect/platform-node"
import { assert, describe, layer } from "@effect/vitest"
import { ProcessRegistration } from "@zag/core/ProcessRegistration"
import { ProcessStore } from "@zag/core/ProcessStore"
import { Sidecar } from "@zag/core/Sidecar"
import { layerOsProcess } from "@zag/core/testing"
import { ConfigProvider, Context, Effect, FileSystem, Layer } from "effect"
import { until } from "./realProcess.ts"
import { layerStore, makeHome } from "./storeOnDisk.ts"

const outside = Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromEnv({ env: {} }))

const open = <E, R>(store: Layer.Layer<ProcessStore, E, R>) =>
  Effect.map(
    Layer.build(
      ProcessRegistration.layer.pipe(Layer.provideMerge(store), Layer.provide([layerOsProcess(), Sidecar.layerMemory]))
    ),
    (context) => ({
      register: Context.get(context, ProcessRegistration).register({ provider: "claude" }),
      store: Context.get(context, ProcessStore)
    })
  )

const idsOf = (store: ProcessStore["Service"]) => Effect.map(store.load, ({ entries }) => entries.map(({ id }) => id))

/** Removes it, again and again, until that is answered by its coming back. */
const comesBack = Effect.fnUntraced(
  function*(store: ProcessStore["Service"], id: string, remove: Effect.Effect<unknown, unknown>) {
    for (let time = 0; time < 3; time++) {
      yield* remove
      yield* until(Effect.map(idsOf(store), (ids) => ids.includes(id)))
    }
  }
)

layer(NodeServices.layer, { excludeTestServices: true })("the entry of a program that runs", (it) => {
  describe("in memory", () => {
    it.effect("comes back when it is taken out, with the pid it has by then", () =>
      Effect.gen(function*() {
        const { register, store } = yield* open(ProcessStore.layerMemory)
        const { attach, id } = yield* register
        yield* attach(4711)
        yield* comesBack(store, id, store.remove(id))
        const [entry, ...more] = (yield* store.load).entries
        assert.deepInclude(entry, { id, pid: 4711, status: "running" })
        assert.deepStrictEqual(more, [])
      }).pipe(outside))

    it.effect("stays away when it is taken out after the end", () =>
      Effect.gen(function*() {
        const { register, store } = yield* open(ProcessStore.layerMemory)
        const finished = yield* register
        const running = yield* register
        yield* finished.finish({ status: "exited", exitCode: 0 })
        assert.isTrue(yield* store.remove(finished.id))
        // Whoever brings this one back has seen that the other is gone.
        yield* comesBack(store, running.id, store.remove(running.id))
        assert.deepStrictEqual(yield* idsOf(store), [running.id])
      }).pipe(outside))
  })

  it.effect("comes back to a file that another program has written without it", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const { directory, file } = yield* makeHome()
      const { register, store } = yield* open(layerStore(directory))
      const { finish, id } = yield* register
      const rewrite = Effect.andThen(
        fs.writeFileString(`${file}.other`, "{\"processes\":[]}"),
        fs.rename(`${file}.other`, file)
      )
      yield* comesBack(store, id, rewrite)
      yield* comesBack(store, id, fs.remove(file))
      yield* finish({ status: "killed", exitCode: 7 })
      const [entry, ...more] = (yield* store.load).entries
      assert.deepInclude(entry, { id, status: "killed", exitCode: 7 })
      assert.deepStrictEqual(more, [])
    }).pipe(outside))

  it.effect("comes back when the file was damaged and is repaired without it", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const { directory, file } = yield* makeHome()
      const { register, store } = yield* open(layerStore(directory))
      const { id } = yield* register
      yield* fs.writeFileString(file, "{")
      yield* until(Effect.map(
        Effect.result(Effect.andThen(store.repair, idsOf(store))),
        (result) => result._tag === "Success" && result.success.includes(id)
      ))
    }).pipe(outside))
})
