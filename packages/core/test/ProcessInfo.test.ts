import { assert, describe, it } from "@effect/vitest"
import type { PidState } from "@zag/core/OsProcess"
import { type ProcessEntry, ProcessEntryJson } from "@zag/core/ProcessEntry"
import type { ProcessIdentity } from "@zag/core/ProcessIdentity"
import { type Liveness, livenessOf, type LiveStatus, ProcessInfo, ProcessInfoJson } from "@zag/core/ProcessInfo"
import { testSpace } from "@zag/core/testing"
import * as Timestamp from "@zag/core/Timestamp"
import { Effect, Schema } from "effect"
import { entryOf } from "./entryOf.ts"

const registered = 1_767_225_600_000

const running = (startTime: number | undefined): PidState => ({ _tag: "Running", startTime })

const states: ReadonlyArray<PidState> = [
  running(undefined),
  running(registered),
  { _tag: "Zombie" },
  { _tag: "Thread" },
  { _tag: "Gone" }
]

const space = { ...testSpace, bootTime: Date.UTC(1969) }

/** Of an entry as `zag` writes it: nobody knows who its process is. */
const liveness = (entry: ProcessEntry, state: PidState) => livenessOf(entry, state, space, undefined)

const statusOf = (status: string, startedAt: string, state: PidState): LiveStatus =>
  liveness(entryOf({ status, startedAt }), state).status

describe("livenessOf", () => {
  it.each(["exited", "killed"] as const)("takes %s for what it is, whatever the pid is now", (status) => {
    for (const state of states) {
      assert.deepStrictEqual(liveness(entryOf({ status }), state), { status, verified: false })
    }
  })

  it.each(["", "Running", "RUNNING", "running ", "paused", "dead"])("does not know the status %j", (status) => {
    for (const state of states) {
      const seen = liveness(entryOf({ status }), state)
      assert.strictEqual(seen.status, "unknown")
      assert.include(seen.why, JSON.stringify(status))
    }
  })

  it.each(
    [
      ["gone", { _tag: "Gone" }, "no process has pid 4711"],
      ["a zombie", { _tag: "Zombie" }, "pid 4711 has ended"],
      ["a thread", { _tag: "Thread" }, "pid 4711 is now a thread"]
    ] as const
  )("calls a running entry dead when its pid is %s", (_name, state, words) => {
    const seen = liveness(entryOf({ pid: 4711 }), state)
    assert.strictEqual(seen.status, "dead")
    assert.include(seen.why, words)
    assert.isUndefined(seen.doubt)
  })

  it.each(
    [
      ["long before it was registered", -1_000_000_000, "running"],
      ["as it was registered", 0, "running"],
      ["a minute after it was registered", 60_000, "running"],
      ["more than a minute after it was registered", 60_001, "dead"],
      ["a day after it was registered", 86_400_000, "dead"]
    ] as const
  )("judges a process that started %s", (_name, later, status) => {
    const seen = liveness(
      entryOf({ pid: 4711, startedAt: "2026-01-01T01:00:00+01:00" }),
      running(registered + later)
    )
    assert.strictEqual(seen.status, status)
    assert.isUndefined(seen.doubt)
    if (status === "dead") assert.include(seen.why, "pid 4711 was given to another process")
  })

  it.prop("calls a process running exactly when it started no later than a minute after its entry", {
    seconds: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 4_000_000_000 })),
    millis: Schema.Int.check(Schema.isBetween({ minimum: -200_000, maximum: 200_000 }))
  }, ({ millis, seconds }) => {
    const startedAt = Timestamp.format({ seconds, nanos: 0 })
    const status = statusOf("running", startedAt, running(seconds * 1000 + millis))
    assert.strictEqual(status, millis <= 60_000 ? "running" : "dead")
  })

  it("believes a pid when nothing is known of its start", () => {
    assert.deepStrictEqual(liveness(entryOf(), running(undefined)), { status: "running", verified: false })
    assert.strictEqual(liveness(entryOf({ startedAt: "garbage" }), running(undefined)).status, "running")
  })

  it.each([[5000, "dead"], [-5000, "running"]] as const)(
    "judges a process of a machine that was booted %s ms after the entry was written",
    (later, status) => {
      const bootTime = registered + later
      const seen = livenessOf(
        entryOf({ startedAt: "2026-01-01T00:00:00Z" }),
        running(bootTime + 10_000),
        { ...testSpace, bootTime },
        undefined
      )
      assert.strictEqual(seen.status, status)
      if (status === "dead") assert.include(seen.why, "booted since")
    }
  )

  it("doubts a process whose entry has no time to compare with", () => {
    const seen = liveness(entryOf({ pid: 4711, startedAt: "garbage" }), running(registered))
    assert.strictEqual(seen.status, "running")
    assert.include(seen.doubt, "\"garbage\" is no time")
    assert.include(seen.doubt, "pid 4711")
  })
})

const began = (startTicks: number | undefined): PidState => ({ _tag: "Running", startTime: registered, startTicks })

describe("livenessOf with an identity", () => {
  const identity: ProcessIdentity = { ...testSpace, pid: 4711, startTicks: 100 }
  const entry = entryOf({ pid: 4711, startedAt: "2026-01-01T00:00:00Z" })

  it.each<readonly [string, PidState, Partial<ProcessIdentity>, Liveness["status"], string | undefined]>([
    ["the process that was registered", began(100), {}, "running", undefined],
    ["another one with its pid", began(101), {}, "dead", "was given to another process"],
    ["nobody any more", { _tag: "Gone" }, {}, "dead", "no process has pid 4711"],
    ["a zombie", { _tag: "Zombie" }, {}, "dead", "has ended"],
    ["a thread", { _tag: "Thread" }, {}, "dead", "a thread"],
    ["the same numbers after another boot", began(100), { bootId: "before" }, "dead", "booted since"],
    ["the same numbers in another container", began(100), { pidNamespace: "pid:[2]" }, "unknown", "pid namespace"],
    ["nobody here, and it is of another container", { _tag: "Gone" }, { pidNamespace: "pid:[2]" }, "unknown", "pid"],
    ["the same numbers on another machine", began(100), { bootId: "x", host: "y" }, "unknown", "another machine, y"],
    [
      "the same on another machine of that name",
      began(100),
      { bootId: "x", machineId: "y" },
      "unknown",
      "machine, host"
    ],
    ["the same numbers on a machine without boot ids", began(100), { bootId: undefined }, "running", undefined],
    ["the same on another machine without", began(100), { bootId: undefined, host: "y" }, "unknown", "machine, y"],
    ["the same in a container with a name of its own", began(100), { host: "y" }, "running", undefined]
  ])("judges %s", (_name, state, fields, status, words) => {
    const seen = livenessOf(entry, state, testSpace, { ...identity, ...fields })
    assert.strictEqual(seen.status, status)
    assert.strictEqual(seen.verified, status === "running")
    if (words === undefined) assert.isUndefined(seen.why)
    else assert.include(seen.why, words)
  })

  it("outweighs what the times say", () => {
    const late: PidState = { _tag: "Running", startTime: registered + 3_600_000, startTicks: 100 }
    assert.strictEqual(livenessOf(entry, late, testSpace, identity).status, "running")
    assert.strictEqual(livenessOf(entry, late, testSpace, undefined).status, "dead")
  })

  it("verifies nothing where the system does not tell when a process began", () => {
    assert.deepStrictEqual(livenessOf(entry, began(undefined), testSpace, identity), {
      status: "running",
      verified: false
    })
  })
})

describe("ProcessInfoJson", () => {
  it.effect.prop(
    "has the keys of the entry, live_status, verified and labels",
    { info: ProcessInfo },
    ({ info }) =>
      Effect.gen(function*() {
        const json = yield* Schema.encodeEffect(ProcessInfoJson)(info)
        const { labels, live_status, verified, ...rest } = json
        assert.strictEqual(live_status, info.liveStatus)
        assert.strictEqual(verified, info.verified)
        assert.deepStrictEqual(labels, info.labels)
        assert.deepStrictEqual(rest, yield* Schema.encodeEffect(ProcessEntryJson)(info))
        assert.deepStrictEqual(yield* Schema.decodeEffect(ProcessInfoJson)(json), info)
      })
  )
})
