/**
 * An agent in a container that shares the home with the machine around it.
 */
import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import * as Zag from "@zag/core/node"
import { ProcessControl } from "@zag/core/ProcessControl"
import { ConfigProvider, Effect, Layer } from "effect"
import { makeHome } from "../storeOnDisk.ts"
import { canUnshare, unshare } from "../unshare.ts"
import { startWorker } from "./workers.ts"

const control = (home: string) =>
  Effect.provide(
    ProcessControl,
    Layer.fresh(Zag.layer).pipe(
      Layer.provide(ConfigProvider.layer(ConfigProvider.fromEnv({ env: { ZAG_HOME: home, HOME: home } })))
    )
  )

layer(NodeServices.layer, { excludeTestServices: true })("an agent in another pid namespace", (it) => {
  it.effect.skipIf(!canUnshare)(
    "is unknown outside, is not signalled, and is not written back",
    () =>
      Effect.gen(function*() {
        const { directory } = yield* makeHome()
        const worker = yield* startWorker("worker.ts", [directory, "register", "claude"], { within: unshare })
        yield* worker.says("ready")
        yield* worker.tell
        const id = yield* worker.line(1)
        const { kill, list, reconcile, stop } = yield* control(directory)

        const [info] = (yield* list()).processes
        assert.deepInclude(info, { id, liveStatus: "unknown", verified: false })
        for (const signal of [stop(id), kill(id, { grace: 0 }), kill(id, { tree: false })]) {
          const error = yield* Effect.flip(signal)
          assert.include(
            error.message,
            `Refused to signal process ${id} (pid ${info!.pid}): it runs in another pid namespace`
          )
        }
        assert.deepStrictEqual(yield* reconcile, [])

        yield* worker.tell
        yield* worker.ended
        assert.include(worker.lines, "finished")
        assert.deepInclude((yield* list()).processes[0], { liveStatus: "exited", exitCode: 0 })
      })
  )
})
