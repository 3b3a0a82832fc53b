/**
 * The soak for ten minutes, or for as many seconds as `SOAK_SECONDS` says:
 * `npm run test:soak`. With the `SOAK_SEED` that it has printed the clients and
 * the processes do the same again.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Config, Console, Effect } from "effect"
import { anySeed, check, soak } from "./soak.ts"

Effect.gen(function*() {
  const seconds = yield* Config.withDefault(Config.Int("SOAK_SECONDS"), 600)
  const report = yield* soak({ seconds, seed: yield* anySeed })
  yield* Console.log(report)
  check(report)
}).pipe(NodeRuntime.runMain)
