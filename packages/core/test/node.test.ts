import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Doctor } from "@zag/core/Doctor"
import * as Zag from "@zag/core/node"
import { OsProcess } from "@zag/core/OsProcess"
import { ProcessStore } from "@zag/core/ProcessStore"
import { SessionCleanup } from "@zag/core/SessionCleanup"
import { SessionControl } from "@zag/core/SessionControl"
import { ZagHome } from "@zag/core/ZagHome"
import { ConfigProvider, Effect, FileSystem, Layer } from "effect"
import { entryOf } from "./entryOf.ts"
import { makeHome } from "./storeOnDisk.ts"

layer(NodeServices.layer)("the layer of @zag/core/node", (it) => {
  it.effect("works on the registry that the environment names, and this program", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const { directory } = yield* makeHome()
      const services = Zag.layer.pipe(
        Layer.provide(ConfigProvider.layer(ConfigProvider.fromEnv({ env: { HOME: directory } }))),
        Layer.provide(NodeServices.layer)
      )
      yield* Effect.gen(function*() {
        assert.strictEqual((yield* OsProcess).pid, process.pid)
        assert.strictEqual((yield* ZagHome).directory, `${directory}/.zag`)
        const store = yield* ProcessStore
        assert.deepStrictEqual((yield* store.load).entries, [])
        const doctor = yield* Doctor
        assert.deepStrictEqual(yield* doctor.examine, { healthy: true, findings: [], repaired: [] })
        const sessions = yield* SessionControl
        assert.strictEqual((yield* Effect.flip(sessions.status("s1")))._tag, "SessionUnknown")
        const { clean } = yield* SessionCleanup
        const none = { lifecycleMarkers: [], spawnLogs: [], sessionLogs: [] }
        assert.deepStrictEqual(yield* clean({ olderThan: "1 day" }), none)
        assert.deepStrictEqual(yield* fs.readDirectory(directory), [])
        yield* store.add(entryOf())
        assert.include(yield* fs.readFileString(`${directory}/.zag/processes.json`), entryOf().id)
      }).pipe(Effect.provide(services, { local: true }))
    }))
})
