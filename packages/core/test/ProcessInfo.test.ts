import { assert, describe, it } from "@effect/vitest"
import type { PidState } from "@zag/core/OsProcess"
import { ProcessEntryJson } from "@zag/core/ProcessEntry"
import { livenessOf, type LiveStatus, ProcessInfo, ProcessInfoJson } from "@zag/core/ProcessInfo"
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

const statusOf = (status: string, startedAt: string, state: PidState): LiveStatus =>
  livenessOf(entryOf({ status, startedAt }), state).status

describe("livenessOf", () => {
  it.each(["exited", "killed"] as const)("takes %s for what it is, whatever the pid is now", (status) => {
    for (const state of states) assert.deepStrictEqual(livenessOf(entryOf({ status }), state), { status })
  })

  it.each(["", "Running", "RUNNING", "running ", "paused", "dead"])("does not know the status %j", (status) => {
    for (const state of states) {
      const liveness = livenessOf(entryOf({ status }), state)
      assert.strictEqual(liveness.status, "unknown")
      assert.include(liveness.why, JSON.stringify(status))
    }
  })

  it.each(
    [
      ["gone", { _tag: "Gone" }, "no process has pid 4711"],
      ["a zombie", { _tag: "Zombie" }, "pid 4711 has ended"],
      ["a thread", { _tag: "Thread" }, "pid 4711 is now a thread"]
    ] as const
  )("calls a running entry dead when its pid is %s", (_name, state, words) => {
    const liveness = livenessOf(entryOf({ pid: 4711 }), state)
    assert.strictEqual(liveness.status, "dead")
    assert.include(liveness.why, words)
    assert.isUndefined(liveness.doubt)
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
    const liveness = livenessOf(
      entryOf({ pid: 4711, startedAt: "2026-01-01T01:00:00+01:00" }),
      running(registered + later)
    )
    assert.strictEqual(liveness.status, status)
    assert.isUndefined(liveness.doubt)
    if (status === "dead") assert.include(liveness.why, "pid 4711 was given to another process")
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
    assert.deepStrictEqual(livenessOf(entryOf(), running(undefined)), { status: "running" })
    assert.deepStrictEqual(livenessOf(entryOf({ startedAt: "garbage" }), running(undefined)), { status: "running" })
  })

  it("doubts a process whose entry has no time to compare with", () => {
    const liveness = livenessOf(entryOf({ pid: 4711, startedAt: "garbage" }), running(registered))
    assert.strictEqual(liveness.status, "running")
    assert.include(liveness.doubt, "\"garbage\" is no time")
    assert.include(liveness.doubt, "pid 4711")
  })
})

describe("ProcessInfoJson", () => {
  it.effect.prop(
    "has the keys of the entry, and live_status",
    { info: ProcessInfo },
    ({ info }) =>
      Effect.gen(function*() {
        const json = yield* Schema.encodeEffect(ProcessInfoJson)(info)
        const { live_status, ...rest } = json
        assert.strictEqual(live_status, info.liveStatus)
        assert.deepStrictEqual(rest, yield* Schema.encodeEffect(ProcessEntryJson)(info))
        assert.deepStrictEqual(yield* Schema.decodeEffect(ProcessInfoJson)(json), info)
      })
  )
})
