/**
 * `zag ps kill ID RESULT`, killed on its way, and then the same command again.
 */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { startAgent } from "./agentOfSession.ts"
import { isAlive, services, until } from "./spawnZag.ts"

const command = ["ps", "kill", "it", "{\"answer\":42}"]

layer(services, { excludeTestServices: true })("zag ps kill ID RESULT", (it) => {
  it.effect.each<readonly [at: string, recorded: number, signalled: boolean, seq: number]>([
    ["before the record", 0, false, 4],
    // The number of the line that was never ended is not given to another one.
    ["in the middle of the record", 0, false, 5],
    ["after the record", 1, false, 4],
    ["before the signal", 1, false, 4],
    ["after the signal", 1, true, 4]
  ])(
    "that crashes %s is brought to its end by the same command",
    ([at, recorded, signalled, seq]) =>
      Effect.gen(function*() {
        const { home, log, pid, results } = yield* startAgent
        const crash = new URL("crash.ts", import.meta.url).href
        const env = { CRASH_AT: at, NODE_OPTIONS: `--import=${crash}` }
        const { handle } = yield* home.start(command, { env })
        yield* Effect.exit(handle.exitCode)
        assert.lengthOf(yield* results, recorded)
        assert.strictEqual((yield* home.entries)[0]?.status, "running")
        if (signalled) yield* until(Effect.map(isAlive(pid), (alive) => !alive))
        assert.strictEqual(yield* isAlive(pid), !signalled)

        const again = yield* home.run(command)
        assert.strictEqual(again.exitCode, 0, again.stderr)
        assert.include(again.stdout, `Process killed: ${pid} (it)`)
        assert.include(again.stdout, `\nResult recorded in ${log}\n`)
        assert.deepInclude((yield* results)[0], { seq, result: "{\"answer\":42}" })
        assert.lengthOf(yield* results, 1)
        assert.isFalse(yield* isAlive(pid))
        assert.strictEqual((yield* home.entries)[0]?.status, "killed")

        const once = yield* home.run(command)
        assert.strictEqual(once.exitCode, 1)
        assert.strictEqual(
          once.stderr,
          `Error: Process it is not running (status: killed). Its result is recorded in ${log}\n`
        )
        assert.lengthOf(yield* results, 1)
      })
  )
})
