import { assert, describe, it } from "@effect/vitest"
import { ProcessTable } from "@zag/core/testing"
import { Effect } from "effect"
import * as ChangingTools from "../src/ChangingTools.ts"
import { EndScope } from "../src/EndScope.ts"
import { call, connect, eras } from "./connect.ts"
import * as Registry from "./Registry.ts"

const { foreign, obedient, stubborn } = Registry

const ways = ["stop", "kill"] as const

const end = (way: (typeof ways)[number], id: string) =>
  way === "stop"
    ? ChangingTools.stopProcess.handler({ id })
    : ChangingTools.killProcess.handler({ id, graceSeconds: 0 })

const pids = Effect.flatMap(
  ProcessTable,
  ({ signals }) => Effect.map(signals, (signals) => Array.from(new Set(signals.map(({ pid }) => pid))))
)

describe.each(ways)("%s_process in the scope own", (way) => {
  it.effect.each<readonly [string, string]>([
    ["what the session has started", stubborn.id],
    ["its pid", `pid:${stubborn.pid}`]
  ])("ends %s", ([, id]) =>
    Effect.gen(function*() {
      yield* Effect.ignore(end(way, id))
      assert.deepStrictEqual(yield* pids, [stubborn.pid])
    }).pipe(Registry.inSession(obedient.id), Effect.provide(Registry.layer)))

  it.effect("ends the session itself when it is called self", () =>
    Effect.gen(function*() {
      yield* end(way, "self")
      assert.include(yield* pids, obedient.pid)
    }).pipe(Registry.inSession(obedient.id), Effect.provide(Registry.layer)))

  it.effect.each<readonly [string, string, string]>([
    ["what another one has started", obedient.id, foreign.id],
    ["what has started the session", stubborn.id, obedient.id],
    ["what has started the session, by its pid", stubborn.id, `pid:${obedient.pid}`]
  ])("refuses %s, and says who can", ([, own, id]) =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(end(way, id))
      assert.strictEqual(error._tag, "OutOfScope")
      assert.match(error.message, /^Refused: process .* was not started by this session .* zag ps kill /)
      assert.deepStrictEqual(yield* pids, [])
    }).pipe((effect) => Registry.inSession(own)(effect), Effect.provide(Registry.layer)))

  it.effect("says that there is no such process, as without", () =>
    Effect.gen(function*() {
      assert.include((yield* Effect.flip(end(way, "zzzz"))).message, "Process not found: zzzz")
    }).pipe(Registry.inSession(obedient.id), Effect.provide(Registry.layer)))

  it.effect("spares nobody outside a session", () =>
    Effect.gen(function*() {
      yield* end(way, obedient.id)
      assert.include(yield* pids, obedient.pid)
    }).pipe(Registry.inSession(undefined), Effect.provide(Registry.layer)))
})

describe.each(ways)("%s_process in the scope all", (way) => {
  it.effect("ends what another session has started", () =>
    Effect.gen(function*() {
      yield* end(way, obedient.id)
      assert.include(yield* pids, obedient.pid)
    }).pipe(
      Effect.provideService(EndScope, "all"),
      Registry.inSession(foreign.id),
      Effect.provide(Registry.layer)
    ))
})

describe.each(eras)("a server, revision $revision", ({ mode }) => {
  it.effect("with another scope ends it", () =>
    Effect.gen(function*() {
      const { client } = yield* connect(mode, { scope: "all" })
      yield* call(client, "stop_process", { id: obedient.id })
      assert.deepStrictEqual(yield* pids, [obedient.pid])
    }).pipe(Registry.inSession(stubborn.id), Effect.provide(Registry.layer)))
})
