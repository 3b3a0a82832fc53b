import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { endIfAlive, isAlive, makeHome, services } from "./spawnZag.ts"

describe("zag ps run --timeout", () => {
  it.live("ends the agent and all that it started", () =>
    Effect.gen(function*() {
      const { entries, run } = yield* makeHome
      const agent = "sleep 301 & first=$!; setsid sleep 302 & echo $first $!; wait"
      const { exitCode, stderr, stdout } = yield* run(["ps", "run", "--timeout", "1500ms", "--", "sh", "-c", agent])
      const children = stdout.trim().split(" ").map(Number)
      yield* Effect.addFinalizer(() => Effect.forEach(children, endIfAlive))
      assert.lengthOf(children, 2)
      assert.strictEqual(exitCode, 124)
      assert.match(stderr, /^zag: sh was ended after 1s 500ms \(--timeout\)$/m)
      for (const child of children) assert.isFalse(yield* isAlive(child))
      assert.deepInclude((yield* entries)[0], { status: "killed", exit_code: 1 })
    }).pipe(Effect.scoped, Effect.provide(services)))

  for (const code of [0, 3]) {
    it.live(`records the exit code ${code} of an agent that ends in peace, but no success`, () =>
      Effect.gen(function*() {
        const { entries, run } = yield* makeHome
        const agent = `trap 'exit ${code}' TERM; while :; do sleep 0.1; done`
        assert.strictEqual((yield* run(["ps", "run", "--timeout", "1", "--", "sh", "-c", agent])).exitCode, 124)
        assert.deepInclude((yield* entries)[0], { status: "killed", exit_code: code })
      }).pipe(Effect.scoped, Effect.provide(services)))
  }

  it.live("kills what does not mind SIGTERM", () =>
    Effect.gen(function*() {
      const { entries, run } = yield* makeHome
      const agent = "trap '' TERM; while :; do sleep 0.1; done"
      assert.strictEqual((yield* run(["ps", "run", "--timeout", "1s", "--", "sh", "-c", agent])).exitCode, 124)
      assert.deepInclude((yield* entries)[0], { status: "killed", exit_code: 1 })
    }).pipe(Effect.scoped, Effect.provide(services)))

  it.live("ends the agent also when the registry does not tell who it is", () =>
    Effect.gen(function*() {
      const { directory, entry, file, start } = yield* makeHome
      const fs = yield* FileSystem.FileSystem
      const zag = yield* start(["ps", "run", "--timeout", "3s", "--", "sleep", "300"])
      const { pid } = yield* entry((entry) => entry.pid !== zag.pid)
      yield* Effect.addFinalizer(() => endIfAlive(pid))
      // In one step: the wrapper would put back a file that is gone.
      yield* fs.symlink(directory, `${directory}/aside`)
      yield* fs.rename(`${directory}/aside`, file)
      const { exitCode, stderr } = yield* zag.ended
      assert.strictEqual(exitCode, 124)
      assert.match(stderr, /^zag: sleep was ended after 3s \(--timeout\)$/m)
      assert.isFalse(yield* isAlive(pid))
    }).pipe(Effect.scoped, Effect.provide(services)))

  for (const limit of ["1h", "0"]) {
    it.live(`leaves alone what ends in time: ${limit}`, () =>
      Effect.gen(function*() {
        const { entries, run } = yield* makeHome
        const ended = yield* run(["ps", "run", "--timeout", limit, "--", "sh", "-c", "sleep 0.2; exit 5"])
        assert.deepStrictEqual(ended, { exitCode: 5, stdout: "", stderr: "" })
        assert.deepInclude((yield* entries)[0], { status: "killed", exit_code: 5 })
      }).pipe(Effect.scoped, Effect.provide(services)))
  }
})
