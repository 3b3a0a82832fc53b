import { assert, describe, it } from "@effect/vitest"
import type { PidState } from "@zag/core/OsProcess"
import type { ProcessEntry } from "@zag/core/ProcessEntry"
import { livenessOf, LiveStatus } from "@zag/core/ProcessInfo"
import type { ListFilter } from "@zag/core/ProcessList"
import { testSpace } from "@zag/core/testing"
import * as Timestamp from "@zag/core/Timestamp"
import { Schema } from "effect"
import * as Filtering from "../../src/internal/filtering.ts"
import { entryOf } from "../entryOf.ts"

const lets = (filter: ListFilter, entry: ProcessEntry) =>
  Filtering.make(filter, undefined).matchesEntry?.(entry) ?? true

const at = (text: string) => Timestamp.parse(text)!

const has = (given: ReadonlyArray<string>, value: string) => given.length === 0 || given.includes(value)

describe("matchesText", () => {
  it.each<readonly [string, string | null, boolean]>([
    ["opus", "opus", true],
    ["opus", "Opus", false],
    ["opus", "claude-opus-5", false],
    ["~opus", "Claude-OPUS-5", true],
    ["~OPUS", "claude-opus-5", true],
    ["~opus", "sonnet", false],
    ["~", "sonnet", true],
    ["~", "", true],
    ["~", null, false],
    ["", "", true],
    ["", "sonnet", false],
    ["", null, false],
    ["a~b", "a~b", true],
    ["~.", "sonnet", false]
  ])("%j and %j: %j", (pattern, value, matches) => assert.strictEqual(Filtering.matchesText(pattern)(value), matches))

  it.prop("finds a part wherever it is", [Schema.String, Schema.String, Schema.String], ([before, part, after]) => {
    assert.isTrue(Filtering.matchesText(`~${part}`)(`${before} ${part} ${after}`))
  })

  it.prop("is equality without ~", [Schema.String, Schema.String], ([pattern, value]) => {
    if (pattern.startsWith("~")) return
    assert.strictEqual(Filtering.matchesText(pattern)(value), pattern === value)
  })
})

describe("directories", () => {
  it.each<readonly [string, string | null, boolean, boolean]>([
    ["/repo", "/repo", true, true],
    ["/repo", "/repo/", true, true],
    ["/repo/", "/repo", true, true],
    ["/repo", "/repo/packages/cli", false, true],
    ["/repo", "/repository", false, false],
    ["/repo", "/", false, false],
    ["/repo", "/Repo", false, false],
    ["/repo", null, false, false],
    ["/", "/", true, true],
    ["/", "/repo", false, true],
    ["C:\\repo", "C:\\repo\\", true, true],
    ["C:\\repo", "C:\\repo\\src", false, true],
    ["C:\\", "C:\\repo", false, true],
    ["/repo", "/repo\\src", false, false]
  ])("%j and %j: itself %j, within %j", (directory, root, itself, within) => {
    assert.strictEqual(Filtering.isDirectory(directory)(root), itself)
    assert.strictEqual(Filtering.isWithin(directory)(root), within)
  })
})

describe("make", () => {
  const values = ["a", "b", "c"] as const
  const Values = Schema.Array(Schema.Literals(values))

  it.prop(
    "wants any value of one field, and all fields",
    [Values, Values, Values, Schema.Literals(values), Schema.Literals(values), Schema.Literals(values)],
    ([providers, models, commands, provider, model, command]) => {
      assert.strictEqual(
        lets({ provider: providers, model: models, command: commands }, entryOf({ provider, model, command })),
        has(providers, provider) && has(models, model) && has(commands, command)
      )
    }
  )

  it.prop("takes one value as it takes several", [Schema.Literals(values), Schema.Literals(values)], ([one, model]) => {
    const entry = entryOf({ model })
    assert.strictEqual(lets({ model: one }, entry), lets({ model: [one] }, entry))
  })

  const noon = "2026-11-24T12:00:00Z"

  it.each<readonly [string, ListFilter, boolean]>([
    ["2026-11-24T13:00:00+01:00", { since: at(noon), until: at(noon) }, true],
    ["2026-11-24T11:59:59.999999999Z", { since: at(noon) }, false],
    ["2026-11-24T12:00:00.000000001Z", { since: at(noon) }, true],
    ["2026-11-24T12:00:00.000000001Z", { until: at(noon) }, false],
    ["2026-11-24T11:59:59.999999999Z", { until: at(noon) }, true],
    ["yesterday", { since: at(noon) }, false],
    ["yesterday", { until: at(noon) }, false],
    ["yesterday", {}, true]
  ])(
    "compares %s with %j: %j",
    (startedAt, filter, matches) => assert.strictEqual(lets(filter, entryOf({ startedAt })), matches)
  )

  const states: ReadonlyArray<PidState> = [
    { _tag: "Running", startTime: undefined },
    { _tag: "Running", startTime: Date.parse("2027-01-01T00:00:00Z") },
    { _tag: "Zombie" },
    { _tag: "Thread" },
    { _tag: "Gone" }
  ]

  it.prop(
    "leaves out, without a look, nothing that a look could let in",
    [
      Schema.Literals(["running", "exited", "killed", "", "Running"]),
      Schema.Literals([0, 1, 2, 3, 4]),
      Schema.Array(LiveStatus),
      Schema.Boolean
    ],
    ([stored, state, status, running]) => {
      const entry = entryOf({ status: stored })
      const live = livenessOf(entry, states[state]!, testSpace, undefined).status
      const { matchesEntry, matchesStatus } = Filtering.make({ status, running }, undefined)
      const wanted = (status.length === 0 || status.includes(live)) && (!running || live === "running")
      assert.strictEqual(matchesStatus?.(live) ?? true, wanted)
      if (wanted) assert.isNotFalse(matchesEntry?.(entry))
    }
  )

  it("needs no look to know what has ended", () => {
    assert.isFalse(lets({ status: "exited" }, entryOf({ status: "running" })))
    assert.isFalse(lets({ running: true }, entryOf({ status: "killed" })))
    assert.isTrue(lets({ status: ["exited", "unknown"] }, entryOf({ status: "running" })))
    assert.isUndefined(Filtering.make({ status: [], running: false }, undefined).matchesStatus)
  })
})
