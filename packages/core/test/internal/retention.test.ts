import { assert, describe, it } from "@effect/vitest"
import { ProcessEntryJson } from "@zag/core/ProcessEntry"
import { ConfigProvider, Effect, Schema } from "effect"
import * as Retention from "../../src/internal/retention.ts"
import * as Document from "../../src/internal/storeDocument.ts"
import { entryOf } from "../entryOf.ts"

const encode = Schema.encodeSync(ProcessEntryJson)

const limitFrom = (env: Record<string, string>) =>
  Effect.provideService(Retention.limit, ConfigProvider.ConfigProvider, ConfigProvider.fromEnv({ env }))

describe("limit", () => {
  it.effect.each(
    [
      [{}, 1000],
      [{ ZAG_PS_RETENTION: "" }, 1000],
      [{ ZAG_PS_RETENTION: "0" }, 0],
      [{ ZAG_PS_RETENTION: "25" }, 25],
      [{ ZAG_PS_RETENTION: "off" }, Infinity]
    ] as const
  )("of %j is %s", ([env, expected]) =>
    Effect.gen(function*() {
      assert.strictEqual(yield* limitFrom(env), expected)
    }))

  it.effect.each(["-1", "1.5", "many", "1e3", " 7"])("refuses %j, and names it", (value) =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(limitFrom({ ZAG_PS_RETENTION: value }))
      assert.include(error.message, `ZAG_PS_RETENTION is "${value}"`)
    }))
})

const finished = (day: number) =>
  encode(
    entryOf({ id: `day-${day}`, status: "exited", startedAt: `2026-11-${String(day).padStart(2, "0")}T10:00:00Z` })
  )

const leavingOf = (limit: number, ...entries: ReadonlyArray<unknown>) =>
  Retention.excess({ ...Document.empty, entries }, limit).map(({ entry }) => entry.id)

describe("excess", () => {
  const days = Array.from({ length: 20 }, (_, index) => finished(index + 1))

  it("is the oldest beyond the limit, wherever they stand", () => {
    assert.deepStrictEqual(
      new Set(leavingOf(2, finished(3), finished(1), finished(4), finished(2))),
      new Set(["day-2", "day-1"])
    )
  })

  it("waits until a tenth more has come together, and then is all of it", () => {
    assert.deepStrictEqual(leavingOf(20, ...days, finished(21), finished(22)), [])
    assert.deepStrictEqual(leavingOf(20, ...days, finished(21), finished(22), finished(23)).length, 3)
  })

  it("is never an entry that runs, cannot be read, or says what nobody knows", () => {
    const running = { ...finished(1), status: "running" }
    const strange = { ...finished(1), status: "paused" }
    const broken = { ...finished(1), pid: "7" }
    assert.deepStrictEqual(leavingOf(0, running, strange, broken, 7), [])
  })

  it("is nothing without a limit", () => {
    assert.deepStrictEqual(leavingOf(Infinity, ...days), [])
  })
})
