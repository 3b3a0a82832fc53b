import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { ChildProcess, ChildProcessSpawner } from "effect/process"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("..", import.meta.url))

describe("README", () => {
  it.effect("shows the program of the example, word for word", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const readme = yield* fs.readFileString(`${root}/README.md`)
      const [, program] = /```ts\n([^]*?)```/.exec(readme)!
      assert.strictEqual(program, yield* fs.readFileString(`${root}/examples/library.ts`))
    }).pipe(Effect.provide(NodeServices.layer)))

  it.live("has a program that registers what it runs", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const spawner = yield* ChildProcessSpawner.ChildProcessSpawner
      const home = yield* fs.makeTempDirectoryScoped()
      const output = yield* spawner.string(ChildProcess.make(
        process.execPath,
        ["--conditions=@zag/source", `${root}/examples/library.ts`],
        { env: { HOME: home, ZAG_HOME: home }, extendEnv: true }
      ))
      assert.match(output, /^[0-9a-f-]{36} \d+ claude\n$/)
      assert.include(yield* fs.readFileString(`${home}/processes.json`), "\"status\": \"exited\"")
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)))
})
