import { it } from "@effect/vitest"
import { Effect } from "effect"
import { anySeed, check, soak } from "./soak.ts"

// The same for ten minutes: `npm run test:soak`.
it.live.skipIf(process.platform !== "linux")(
  "fifty clients that come and go for 20 seconds miss nothing, and leave nothing behind",
  () =>
    Effect.gen(function*() {
      check(yield* soak({ seconds: 20, seed: yield* anySeed }))
    }),
  180_000
)
