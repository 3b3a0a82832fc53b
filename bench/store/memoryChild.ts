/**
 * Loads, lists and changes a registry once, and says how much memory it took.
 *
 * `memoryChild.ts <store | plain | nothing> <home>`
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { openStore } from "./openStore.ts"
import * as Plain from "./plain.ts"
import { idOf } from "./registry.ts"

const [kind, home] = process.argv.slice(2) as [string, string]
const file = `${home}/processes.json`

const work: Readonly<Record<string, Effect.Effect<unknown, unknown, NodeServices.NodeServices>>> = {
  nothing: Effect.void,
  plain: Effect.promise(() => Plain.newest(file, 50)).pipe(
    Effect.andThen(Effect.promise(() => Plain.updatePidDurably(file, idOf(1), 1)))
  ),
  store: Effect.scoped(Effect.gen(function*() {
    const store = yield* openStore(home)
    yield* store.load
    yield* store.list
    yield* store.updatePid(idOf(1), 1)
  }))
}

const program = Effect.gen(function*() {
  yield* work[kind]!
  yield* Console.log(process.resourceUsage().maxRSS)
})

program.pipe(Effect.provide(NodeServices.layer), NodeRuntime.runMain)
