import { assert, describe, it } from "@effect/vitest"
import * as Environment from "@zag/core/Environment"
import { ConfigProvider, Effect, Option } from "effect"

const inEnvironment = (env: Record<string, string>) =>
  Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromEnv({ env }))

const both = Effect.all([Environment.processId, Environment.sessionId])

describe("Environment", () => {
  it.effect("reads the ids of the session that the program runs in", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* both, [Option.some("p"), Option.some("s")])
    }).pipe(inEnvironment({ ZAG_PROCESS_ID: "p", ZAG_SESSION_ID: "s" })))

  it.effect("has none outside a session", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* both, [Option.none(), Option.none()])
    }).pipe(inEnvironment({ ZAG_PROVIDER: "claude", zag_process_id: "p" })))

  it.effect("takes an empty variable for an unset one", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* both, [Option.none(), Option.some("s")])
    }).pipe(inEnvironment({ ZAG_PROCESS_ID: "", ZAG_SESSION_ID: "s" })))

  it.effect("takes an empty variable for an unset one of a provider that keeps empty texts", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* both, [Option.none(), Option.some("s")])
    }).pipe(Effect.provideService(
      ConfigProvider.ConfigProvider,
      ConfigProvider.fromEnv({ env: { ZAG_PROCESS_ID: "", ZAG_SESSION_ID: "s" }, preserveEmptyStrings: true })
    )))
})

describe("Environment.variables", () => {
  it.effect("are those of forChild that are set", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* Environment.variables, { ZAG_PROCESS_ID: "p", ZAG_SESSION_NAME: "n" })
    }).pipe(inEnvironment({ ZAG_PROCESS_ID: "p", ZAG_SESSION_NAME: "n", ZAG_MODEL: "", ZAG_TOKEN: "secret" })))
})

describe("Environment.forChild", () => {
  it("gives an agent all it must know, in the order of zag", () => {
    assert.deepStrictEqual(
      Object.entries(Environment.forChild({
        processId: "p",
        provider: "claude",
        model: "opus",
        sessionId: "s",
        sessionName: "n",
        root: "/r"
      })),
      [
        ["ZAG_SESSION_ID", "s"],
        ["ZAG_PROCESS_ID", "p"],
        ["ZAG_PROVIDER", "claude"],
        ["ZAG_MODEL", "opus"],
        ["ZAG_ROOT", "/r"],
        ["ZAG_SESSION_NAME", "n"]
      ]
    )
  })

  it("names what does not apply, so that it is taken out of the environment", () => {
    const environment = Environment.forChild({
      processId: "p",
      provider: "claude",
      model: "",
      sessionId: null,
      sessionName: null,
      root: null
    })
    assert.deepStrictEqual(environment, {
      ZAG_SESSION_ID: undefined,
      ZAG_PROCESS_ID: "p",
      ZAG_PROVIDER: "claude",
      ZAG_MODEL: "",
      ZAG_ROOT: undefined,
      ZAG_SESSION_NAME: undefined
    })
    assert.strictEqual(Object.keys(environment).length, 6)
  })
})
