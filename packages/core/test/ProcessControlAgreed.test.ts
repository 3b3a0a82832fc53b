import { assert, describe, it } from "@effect/vitest"
import type { PidState } from "@zag/core/OsProcess"
import { ProcessControl } from "@zag/core/ProcessControl"
import { type ProcessEntry, processKey } from "@zag/core/ProcessEntry"
import type { ProcessInfo } from "@zag/core/ProcessInfo"
import { ProcessStore } from "@zag/core/ProcessStore"
import { ProcessTable } from "@zag/core/testing"
import { Effect, Option, Schema } from "effect"
import { entryOf } from "./entryOf.ts"
import { given } from "./givenProcesses.ts"

const startedAt = "2026-01-01T00:00:00Z"
const later = "2026-01-01T00:00:01Z"

const agent = entryOf({ id: "it", pid: 50, startedAt })

const began = (startTicks: number): PidState => ({
  _tag: "Running",
  startTime: Date.parse(startedAt),
  startTicks
})

const verbs = ["stop", "kill"] as const

const run = (verb: (typeof verbs)[number], process: ProcessEntry) =>
  Effect.flatMap(ProcessControl, (control) => verb === "stop" ? control.stop(process) : control.kill(process))

const look = Effect.flatMap(ProcessControl, (control) => control.show("it"))

const signalled = Effect.map(
  Effect.flatMap(ProcessTable, (table) => table.signals),
  (sent) => sent.map(({ pid }) => pid)
)

/** Why the process that was looked at is not signalled once this has happened. */
const refusal = Effect.fnUntraced(function*<E, R>(
  verb: (typeof verbs)[number],
  change: Effect.Effect<unknown, E, R>
) {
  const info = yield* look
  yield* change
  const store = yield* ProcessStore
  const before = yield* store.load
  const error = yield* Effect.flip(run(verb, info))
  assert.deepStrictEqual(yield* signalled, [])
  assert.deepStrictEqual(yield* store.load, before)
  return error._tag === "ProcessControlError" ? error.reason : assert.fail(error._tag)
})

const add = (entry: ProcessEntry) => Effect.flatMap(ProcessStore, (store) => store.add(entry))

const processes = [{ pid: 50 }, { pid: 51 }, { pid: 999 }]

describe.each(verbs)("ProcessControl.%s of a process that somebody looked at", (verb) => {
  it.effect.each(["show", "list", "targets", "resolve"] as const)(
    "ends it, as %s has answered it",
    (by) =>
      Effect.gen(function*() {
        const control = yield* ProcessControl
        const process: ProcessEntry = by === "list"
          ? (yield* control.list()).processes[0]!
          : by === "targets"
          ? (yield* control.targets()).targets[0]!
          : yield* control[by]("it")
        assert.deepInclude(yield* run(verb, process), { id: "it", pid: 50 })
        assert.deepStrictEqual(yield* signalled, [50])
      }).pipe(given([agent], { processes }))
  )

  it.effect.each<readonly [string, ProcessEntry, string]>([
    ["another process with its id", entryOf({ ...agent, pid: 51 }), "its pid was 50, and is 51 now"],
    [
      "another run with its id and its pid",
      entryOf({ ...agent, startedAt: later }),
      `it was registered again, at ${later}`
    ]
  ])("spares %s", ([, other, words]) =>
    Effect.gen(function*() {
      const reason = yield* refusal(verb, add(other))
      if (reason._tag !== "ProcessChanged") return assert.fail(reason._tag)
      assert.deepStrictEqual({ ...reason.before }, { pid: 50, startedAt })
      assert.deepStrictEqual({ ...reason.now }, { pid: other.pid, startedAt: other.startedAt })
      assert.strictEqual(
        reason.message,
        `Process it is not the one that was looked at: ${words}. Nothing was signalled. ` +
          "Look at it again before you end it."
      )
    }).pipe(given([agent], { processes })))

  it.effect("spares another process that its entry points at by now", () =>
    Effect.gen(function*() {
      const change = Effect.flatMap(ProcessStore, (store) => store.updatePid("it", 51))
      assert.strictEqual((yield* refusal(verb, change))._tag, "ProcessChanged")
    }).pipe(given([agent], { processes })))

  it.effect("spares one whose id begins with that of one that is gone", () =>
    Effect.gen(function*() {
      const change = Effect.flatMap(ProcessStore, (store) => store.remove("it"))
      const reason = yield* refusal(verb, change)
      assert.strictEqual(reason.message, "Process not found: it")
    }).pipe(given([agent, entryOf({ id: "itself", pid: 51, startedAt })], { processes })))

  it.effect("spares who was given its pid", () =>
    Effect.gen(function*() {
      const change = Effect.flatMap(ProcessTable, (table) => table.set({ pid: 50, state: began(8) }))
      const reason = yield* refusal(verb, change)
      assert.include(reason.message, "pid 50 was given to another process")
    }).pipe(given([agent], { processes: [{ pid: 50, state: began(7) }] })))

  it.effect("spares an ancestor of the caller, also one with the id self", () =>
    Effect.gen(function*() {
      for (const id of ["it", "self"]) {
        const entry = entryOf({ id, pid: 999, startedAt })
        yield* add(entry)
        const error = yield* Effect.flip(run(verb, entry))
        assert.include(error.message, "it is an ancestor of the program that asks")
      }
      assert.deepStrictEqual(yield* signalled, [])
    }).pipe(given([], { processes, env: { ZAG_PROCESS_ID: "self" } })))

  it.effect("says that it has ended", () =>
    Effect.gen(function*() {
      const change = Effect.flatMap(ProcessStore, (store) => store.updateStatus("it", "exited", 0))
      assert.strictEqual((yield* refusal(verb, change)).message, "Process it is not running (status: exited)")
    }).pipe(given([agent], { processes })))
})

const Change = Schema.Union([
  Schema.Struct({ what: Schema.Literals(["remove", "exit"]), id: Schema.Literals(["it", "itself"]) }),
  Schema.Struct({
    what: Schema.Literals(["point", "add"]),
    id: Schema.Literals(["it", "itself"]),
    pid: Schema.Literals([50, 51]),
    startedAt: Schema.Literals([startedAt, later])
  })
])

const make = Effect.fnUntraced(function*(change: typeof Change.Type) {
  const store = yield* ProcessStore
  switch (change.what) {
    case "remove":
      return yield* store.remove(change.id)
    case "exit":
      return yield* store.updateStatus(change.id, "exited", 0)
    case "point":
      return yield* store.updatePid(change.id, change.pid)
    case "add":
      return yield* store.add(entryOf({ ...change, provider: "codex" }))
  }
})

describe("ProcessControl.kill", () => {
  it.effect.prop("ends what was looked at as long as it is there, and nothing else whatever happened", {
    changes: Schema.Array(Change).check(Schema.isMaxLength(4))
  }, ({ changes }) =>
    Effect.gen(function*() {
      const info: ProcessInfo = yield* look
      yield* Effect.forEach(changes, make, { discard: true })
      const now = Option.getOrUndefined(yield* (yield* ProcessStore).find("it"))
      const isThere = now?.status === "running" && processKey(now) === processKey(info)
      const exit = yield* Effect.exit(run("kill", info))
      assert.strictEqual(exit._tag, isThere ? "Success" : "Failure")
      assert.deepStrictEqual(yield* signalled, isThere ? [50] : [])
    }).pipe(given([agent, entryOf({ id: "itself", pid: 51, startedAt })], { processes })))
})
