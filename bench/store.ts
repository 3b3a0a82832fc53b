/**
 * What the registry costs, against the same work done by hand or by other
 * packages. Each figure is a ratio within one run.
 *
 * Run it with `npm run bench`, or one part of it with
 * `node --conditions=@zag/source bench/store.ts updates`.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Stdio from "effect/Stdio"
import { burst } from "./store/burst.ts"
import { contention } from "./store/contention.ts"
import { listing } from "./store/listing.ts"
import { memory } from "./store/memory.ts"
import { updates } from "./store/updates.ts"

type Part = Effect.Effect<string, unknown, NodeServices.NodeServices | Scope.Scope>

const parts: Readonly<Record<string, Part>> = { updates, burst, contention, listing, memory }

const bench = Effect.gen(function*() {
  const { args } = yield* Stdio.Stdio
  const asked = yield* args
  yield* Console.log(`Node ${process.version}, milliseconds, medians\n`)
  for (const [name, part] of Object.entries(parts)) {
    if (asked.length > 0 && !asked.includes(name)) continue
    yield* Console.log(`## ${name}\n\n${yield* Effect.scoped(part)}\n`)
  }
})

bench.pipe(Effect.provide(NodeServices.layer), NodeRuntime.runMain)
