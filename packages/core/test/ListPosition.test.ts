import { assert, describe, it } from "@effect/vitest"
import * as ListPosition from "@zag/core/ListPosition"
import { ProcessControl } from "@zag/core/ProcessControl"
import { OrderField, type ProcessOrder } from "@zag/core/ProcessOrder"
import { ProcessStore } from "@zag/core/ProcessStore"
import { Effect, Schema } from "effect"
import { at, given } from "./givenProcesses.ts"

// Equal times, words and usage, and of each one that is not known.
const processes = [
  at("a", 1, { model: "opus", exitedAt: "2026-01-01T00:00:09.000000002Z", status: "exited" }),
  at("b", 2, { model: "haiku", exitedAt: "2026-01-01T00:00:09.000000001Z", status: "killed" }),
  at("c", 2, { model: "", pid: 103 }),
  at("d", 3, { model: "opus", pid: 104 }),
  at("e", 0, { startedAt: "yesterday", pid: 105 }),
  at("f", 0, { startedAt: "", pid: 106 })
]

const system = {
  processes: [
    { pid: 103, usage: { cpuPercent: 5, residentBytes: 900, elapsedMillis: 1 } },
    { pid: 104, usage: { cpuPercent: 5, residentBytes: 800, elapsedMillis: 1 } },
    { pid: 105 }
  ]
}

const directions = [undefined, "asc", "desc"] as const

const orders: ReadonlyArray<ProcessOrder | undefined> = [
  undefined,
  ...OrderField.literals.flatMap((field) => directions.map((direction) => ({ field, direction })))
]

/** As it comes back from whoever kept it meanwhile. */
const throughJson = (position: ListPosition.ListPosition) => {
  const Json = Schema.fromJsonString(ListPosition.ListPosition)
  return Effect.flatMap(Schema.encodeEffect(Json)(position), Schema.decodeEffect(Json))
}

describe("a list after a position", () => {
  it.effect.each(orders)("is what comes next in the order %j", (sort) =>
    Effect.gen(function*() {
      const control = yield* ProcessControl
      const all = yield* control.list({ sort })
      const ids = all.processes.map(({ id }) => id)
      for (const [index, info] of all.processes.entries()) {
        const after = yield* throughJson(ListPosition.of(info, sort, all.usage?.get(info)))
        const rest = yield* control.list({ sort, after })
        assert.deepStrictEqual(rest.processes.map(({ id }) => id), ids.slice(index + 1))
        const next = yield* control.list({ sort, after, limit: 1 })
        assert.deepStrictEqual(next.processes.map(({ id }) => id), ids.slice(index + 1, index + 2))
      }
    }).pipe(given(processes, system)))

  it.effect("is the same when the process of the position has been removed", () =>
    Effect.gen(function*() {
      const control = yield* ProcessControl
      const { processes: [first, second, ...rest] } = yield* control.list()
      const store = yield* ProcessStore
      yield* store.remove(first!.id)
      yield* store.remove(second!.id)
      const after = ListPosition.of(second!, undefined, undefined)
      const left = yield* control.list({ after })
      assert.deepStrictEqual(left.processes.map(({ id }) => id), rest.map(({ id }) => id))
    }).pipe(given(processes, system)))
})
