import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect, FileSystem, Schema } from "effect"
import { ChildProcess, ChildProcessSpawner } from "effect/process"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("..", import.meta.url))

const Packed = Schema.fromJsonString(
  Schema.Array(Schema.Struct({ name: Schema.String, files: Schema.Array(Schema.Struct({ path: Schema.String })) }))
)

layer(NodeServices.layer)("what npm publishes", (it) => {
  it.effect("has the license and a README in every package", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const { string } = yield* ChildProcessSpawner.ChildProcessSpawner
      const home = yield* fs.makeTempDirectoryScoped()
      const words = ["pack", "--dry-run", "--json", "--workspaces", "--ignore-scripts"]
      const packages = yield* Schema.decodeUnknownEffect(Packed)(
        yield* string(ChildProcess.make("npm", words, {
          cwd: root,
          env: { HOME: home, npm_config_cache: home },
          extendEnv: true
        }))
      )
      assert.sameMembers(packages.map(({ name }) => name), ["@zag/cli", "@zag/core", "@zag/mcp"])
      for (const { files, name } of packages) {
        assert.includeMembers(files.map(({ path }) => path), ["LICENSE", "README.md"], name)
        const place = `${root}/packages/${name.slice("@zag/".length)}`
        assert.strictEqual(
          yield* fs.readFileString(`${place}/LICENSE`),
          yield* fs.readFileString(`${root}/LICENSE`),
          name
        )
        assert.include(yield* fs.readFileString(`${place}/README.md`), `# ${name}\n`)
      }
    }))
})
