import { assert, describe, it } from "@effect/vitest"
import { newestFirst } from "@zag/core/ProcessEntry"
import { type LiveStatus, ProcessInfo } from "@zag/core/ProcessInfo"
import { OrderField, type ProcessOrder } from "@zag/core/ProcessOrder"
import { Schema } from "effect"
import * as Ordering from "../../src/internal/ordering.ts"
import { entryOf } from "../entryOf.ts"

const ids = (order: ProcessOrder, ...entries: ReadonlyArray<Parameters<typeof entryOf>[0]>) =>
  Ordering.entries(entries.map(entryOf), order).map(({ id }) => id)

const info = (id: string, liveStatus: LiveStatus = "running") =>
  new ProcessInfo({ ...entryOf({ id }), liveStatus, verified: false, labels: {} })

const used = (cpuPercent: number, residentBytes: number) => ({ cpuPercent, residentBytes, elapsedMillis: 1 })

describe("entries", () => {
  it("puts the newest first, or last, and what has no time always last", () => {
    const entries = [
      { id: "none", startedAt: "yesterday" },
      { id: "old", startedAt: "2026-11-24T11:00:00+01:00" },
      { id: "new", startedAt: "2026-11-24T10:30:00Z" }
    ]
    assert.deepStrictEqual(ids({ field: "started" }, ...entries), ["new", "old", "none"])
    assert.deepStrictEqual(ids({ field: "started", direction: "asc" }, ...entries), ["old", "new", "none"])
  })

  it("puts what has not ended last", () => {
    const entries = [
      { id: "runs" },
      { id: "first", exitedAt: "2026-11-24T10:00:00Z" },
      { id: "last", exitedAt: "2026-11-24T11:00:00Z" }
    ]
    assert.deepStrictEqual(ids({ field: "exited" }, ...entries), ["last", "first", "runs"])
    assert.deepStrictEqual(ids({ field: "exited", direction: "asc" }, ...entries), ["first", "last", "runs"])
  })

  it("orders words upwards and pids as numbers", () => {
    const entries = [{ id: "b", model: "b", pid: 9 }, { id: "none", model: "", pid: 100 }, {
      id: "a",
      model: "a",
      pid: 20
    }]
    assert.deepStrictEqual(ids({ field: "model" }, ...entries), ["a", "b", "none"])
    assert.deepStrictEqual(ids({ field: "model", direction: "desc" }, ...entries), ["b", "a", "none"])
    assert.deepStrictEqual(ids({ field: "pid" }, ...entries), ["b", "a", "none"])
  })

  const Entries = Schema.Array(Schema.Struct({
    provider: Schema.Literals(["a", "b", ""]),
    startedAt: Schema.Literals(["2026-11-24T10:00:00Z", "2026-11-24T11:00:00Z", "never"]),
    exitedAt: Schema.NullOr(Schema.Literals(["2026-11-24T12:00:00Z", "2026-11-24T13:00:00Z"])),
    pid: Schema.Literals([1, 2])
  }))

  it.prop(
    "loses nothing, and keeps the order of equal ones",
    [Entries, OrderField, Schema.Literals(["asc", "desc"])],
    ([fields, field, direction]) => {
      const input = fields.map((one, index) => entryOf({ ...one, id: String(index) })).toSorted(newestFirst)
      const output = Ordering.entries(input, { field, direction })
      assert.deepStrictEqual(new Set(output), new Set(input))
      assert.strictEqual(output.length, input.length)
      const key = { started: "startedAt", exited: "exitedAt", provider: "provider", pid: "pid" } as const
      if (!(field in key)) return
      const of = (entry: typeof input[number]) => entry[key[field as keyof typeof key]]
      for (const value of new Set(input.map(of))) {
        assert.deepStrictEqual(output.filter((e) => of(e) === value), input.filter((e) => of(e) === value))
      }
    }
  )
})

describe("infos", () => {
  const list = [info("x", "exited"), info("b"), info("d", "dead"), info("a")]

  it("orders by status as its words are listed, and keeps equal ones as they were", () => {
    assert.deepStrictEqual(
      Ordering.infos(list, { field: "status" }, new Map()).map(({ id }) => id),
      ["b", "a", "d", "x"]
    )
  })

  it("puts the largest first, and last what is not known", () => {
    const usage = new Map([[list[1]!, used(1, 200)], [list[3]!, used(2, 100)]])
    const by = (order: ProcessOrder) => Ordering.infos(list, order, usage).map(({ id }) => id)
    assert.deepStrictEqual(by({ field: "cpu" }), ["a", "b", "x", "d"])
    assert.deepStrictEqual(by({ field: "mem" }), ["b", "a", "x", "d"])
    assert.deepStrictEqual(by({ field: "mem", direction: "asc" }), ["a", "b", "x", "d"])
  })
})
