import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { ZagHome } from "@zag/core/ZagHome"
import { ConfigProvider, Effect, Layer, Path } from "effect"
import * as Os from "node:os"

const homeIn = (env: Record<string, string>, preserveEmptyStrings = false) =>
  ZagHome.pipe(
    Effect.provide(ZagHome.layer),
    Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromEnv({ env, preserveEmptyStrings })),
    Effect.provide(NodeServices.layer)
  )

const account = Os.userInfo().homedir

const windowsPath = Layer.effect(
  Path.Path,
  Effect.map(Path.Path, (path) => Path.Path.of({ ...path, sep: "\\", join: (...paths) => paths.join("\\") }))
).pipe(Layer.provide(NodeServices.layer))

describe("ZagHome.layer", () => {
  it.effect.each<{ readonly name: string; readonly env: Record<string, string>; readonly directory: string }>([
    { name: ".zag in HOME", env: { HOME: "/h" }, directory: "/h/.zag" },
    { name: ".zag in a HOME with a blank and a slash at the end", env: { HOME: "/h ome/" }, directory: "/h ome/.zag" },
    { name: "a relative HOME as it is", env: { HOME: "rel" }, directory: "rel/.zag" },
    { name: "the account's directory for an empty HOME", env: { HOME: "" }, directory: `${account}/.zag` },
    { name: "the account's directory without HOME", env: {}, directory: `${account}/.zag` },
    { name: "ZAG_HOME itself before HOME", env: { ZAG_HOME: "/z", HOME: "/h" }, directory: "/z" },
    { name: "a relative ZAG_HOME as it is", env: { ZAG_HOME: "./z", HOME: "/h" }, directory: "./z" },
    { name: "HOME for an empty ZAG_HOME", env: { ZAG_HOME: "", HOME: "/h" }, directory: "/h/.zag" },
    {
      name: "HOME and not USERPROFILE",
      env: { HOME: "/h", USERPROFILE: "/u", ZAG_USER_LOG_DIR: "/l" },
      directory: "/h/.zag"
    },
    { name: "the account's directory and not USERPROFILE", env: { USERPROFILE: "/u" }, directory: `${account}/.zag` }
  ])("uses $name", ({ directory, env }) =>
    Effect.gen(function*() {
      const home = yield* homeIn(env)
      assert.strictEqual(home.directory, directory)
      assert.strictEqual(home.processesFile, `${directory.replace(/^\.\//, "")}/processes.json`)
    }))

  it.effect("takes an empty variable for an unset one of a provider that keeps empty texts", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* homeIn({ ZAG_HOME: "", HOME: "/h" }, true)).directory, "/h/.zag")
      assert.strictEqual((yield* homeIn({ HOME: "" }, true)).directory, `${account}/.zag`)
    }))

  it.effect("uses the account's directory on Windows whatever HOME says", () =>
    Effect.gen(function*() {
      const { directory } = yield* ZagHome.pipe(
        Effect.provide(ZagHome.layer.pipe(Layer.provide(windowsPath))),
        Effect.provideService(
          ConfigProvider.ConfigProvider,
          ConfigProvider.fromEnv({ env: { HOME: "/h", USERPROFILE: "/u" } })
        )
      )
      assert.strictEqual(directory, `${account}\\.zag`)
    }))
})

describe("ZagHome.layerAt", () => {
  it.effect("uses the given directory, whatever the environment says", () =>
    Effect.gen(function*() {
      const home = yield* ZagHome
      assert.deepStrictEqual({ ...home }, { directory: "/given", processesFile: "/given/processes.json" })
    }).pipe(
      Effect.provide(ZagHome.layerAt("/given")),
      Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromEnv({ env: { ZAG_HOME: "/z" } })),
      Effect.provide(NodeServices.layer)
    ))
})
