/**
 * How long `zag ps list --json` takes from start to end with 100 entries,
 * against a Node that does nothing. The two take turns, so that a machine that
 * slows down slows both.
 *
 * Run it with `npm run bench`, after a build.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Clock from "effect/Clock"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as ChildProcess from "effect/process/ChildProcess"
import * as ChildProcessSpawner from "effect/process/ChildProcessSpawner"
import { fileURLToPath } from "node:url"
import { makeHome } from "./store/registry.ts"

const zag = fileURLToPath(new URL("../packages/cli/bin/zag.js", import.meta.url))
const entryCount = 100
const rounds = 31

const median = (values: ReadonlyArray<number>): number => values.toSorted((a, b) => a - b)[values.length >> 1]!

const bench = Effect.scoped(Effect.gen(function*() {
  const spawner = yield* ChildProcessSpawner.ChildProcessSpawner
  const { directory } = yield* makeHome(entryCount)

  const time = (args: ReadonlyArray<string>) =>
    Effect.gen(function*() {
      const before = yield* Clock.currentTimeNanos
      yield* spawner.string(
        ChildProcess.make(process.execPath, args, { env: { ZAG_HOME: directory }, extendEnv: true })
      )
      return Number((yield* Clock.currentTimeNanos) - before) / 1e6
    })

  const bare: Array<number> = []
  const list: Array<number> = []
  const ratios: Array<number> = []
  // The first two rounds fill the compile cache and are not counted.
  for (let round = -2; round < rounds; round++) {
    const nothing = yield* time(["-e", "0"])
    const listing = yield* time([zag, "ps", "list", "--json"])
    if (round < 0) continue
    bare.push(nothing)
    list.push(listing)
    ratios.push(listing / nothing)
  }

  const row = (name: string, times: ReadonlyArray<number>) =>
    `| ${name} | ${Math.min(...times).toFixed(0)} | ${median(times).toFixed(0)} |`
  yield* Console.log([
    `Node ${process.version}, ${rounds} rounds, milliseconds`,
    "",
    "| command | min | median |",
    "| --- | --- | --- |",
    row("`node -e 0`", bare),
    row(`\`zag ps list --json\`, ${entryCount} entries`, list),
    "",
    `Ratio, median of the rounds: ${median(ratios).toFixed(2)}`
  ].join("\n"))
}))

bench.pipe(Effect.provide(NodeServices.layer), NodeRuntime.runMain)
