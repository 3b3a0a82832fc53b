import { assert, describe, it } from "@effect/vitest"
import { ProcessControl } from "@zag/core/ProcessControl"
import type { ListFilter } from "@zag/core/ProcessList"
import { Effect } from "effect"
import { at, given } from "./givenProcesses.ts"

const targets = (filter?: ListFilter) =>
  Effect.gen(function*() {
    const { spared, targets } = yield* (yield* ProcessControl).targets(filter)
    return { targets: targets.map(({ id }) => id), spared: spared.map(({ id }) => id) }
  })

describe("ProcessControl.targets", () => {
  const entries = [
    at("top", 1),
    at("own", 2, { parentProcessId: "top" }),
    at("child", 3, { parentProcessId: "own", provider: "codex" }),
    at("other", 4, { provider: "codex" }),
    at("gone", 5),
    at("ended", 6, { status: "exited" }),
    at("above", 7, { pid: 999 }),
    at("caller", 8, { pid: 1000 })
  ]
  const processes = [101, 102, 103, 104, 106, 999, 1000].map((pid) => ({ pid }))

  it.effect("are those that run, newest first, without what the caller runs in", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* targets(), {
        targets: ["other", "child", "own", "top"],
        spared: ["caller", "above"]
      })
    }).pipe(given(entries, { processes })))

  it.effect("spare the own session and those above it, wherever they run", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* targets(), {
        targets: ["other", "child"],
        spared: ["caller", "above", "own", "top"]
      })
    }).pipe(given(entries, { processes, env: { ZAG_PROCESS_ID: "own" } })))

  it.effect("match the filter", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* targets({ provider: "codex" }), { targets: ["other", "child"], spared: [] })
      assert.deepStrictEqual(yield* targets({ status: "dead" }), { targets: [], spared: [] })
      assert.deepStrictEqual(yield* targets({ children: "self" }), { targets: ["child"], spared: [] })
    }).pipe(given(entries, { processes, env: { ZAG_PROCESS_ID: "own" } })))

  it.effect("are found as well when nobody knows the own session", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual((yield* targets()).targets, ["other", "child", "own", "top"])
    }).pipe(given(entries, { processes, env: { ZAG_PROCESS_ID: "nobody" } })))
})
