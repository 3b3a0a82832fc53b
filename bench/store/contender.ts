/**
 * One of several programs that add entries to one registry. It says when it is
 * ready, begins when its input ends, and then says how it went.
 *
 * `contender.ts <store | lockfile> <home> <number> <inserts>`
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as ProcessEntry from "@zag/core/ProcessEntry"
import * as Clock from "effect/Clock"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stdio from "effect/Stdio"
import * as Stream from "effect/Stream"
import * as Lockfile from "./lockfile.ts"
import { timeOf } from "./measure.ts"
import { openStore } from "./openStore.ts"
import { type Entry, entryOf } from "./registry.ts"

const [kind, home, number, inserts] = process.argv.slice(2) as [string, string, string, string]

const decode = Schema.decodeUnknownSync(ProcessEntry.ProcessEntryJson)

/** Answers how an entry is added; what can be made ready before is. */
const adders = {
  store: Effect.map(openStore(home), (store) => (entry: Entry) => store.add(decode(entry))),
  lockfile: Effect.succeed((entry: Entry) => Effect.promise(() => Lockfile.add(`${home}/processes.json`, entry)))
}

const program = Effect.gen(function*() {
  const add = yield* adders[kind as keyof typeof adders]
  const all = Array.from({ length: Number(inserts) }, (_, index) => add(entryOf((Number(number) + 1) * 1000 + index)))
  const { stdin } = yield* Stdio.Stdio
  yield* Console.log("ready")
  yield* Stream.runDrain(stdin)
  const begin = yield* Clock.currentTimeMillis
  let longest = 0
  for (const one of all) longest = Math.max(longest, yield* timeOf(one))
  yield* Console.log(`${begin} ${yield* Clock.currentTimeMillis} ${longest}`)
})

program.pipe(Effect.scoped, Effect.provide(NodeServices.layer), NodeRuntime.runMain)
