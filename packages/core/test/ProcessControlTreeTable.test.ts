import { assert, describe, it } from "@effect/vitest"
import { OsProcess } from "@zag/core/OsProcess"
import { ProcessControl } from "@zag/core/ProcessControl"
import { ProcessStore } from "@zag/core/ProcessStore"
import { ProcessTable, type TestProcess } from "@zag/core/testing"
import { Effect, Fiber, Layer } from "effect"
import { TestClock } from "effect/testing"
import { entryOf } from "./entryOf.ts"
import { given } from "./givenProcesses.ts"
import { began, entry, givenTree, inTime, kill, reason, signalled, signals, storedStatus } from "./treeTable.ts"

describe("the tree of a process", () => {
  it.effect("is its group, its session, its tag and all descendants, and nothing else", () =>
    Effect.gen(function*() {
      const outcome = yield* kill()
      assert.deepStrictEqual(outcome.ended.map(({ pid }) => pid), [50, 51, 52, 53, 54, 55, 56, 57, 58])
      assert.deepStrictEqual(outcome.ended[1], { pid: 51, command: "child" })
      assert.deepStrictEqual(
        yield* signalled,
        [50, 51, 52, 53, 54, 55, 56, 57, 58].map((pid) => `SIGTERM ${pid}`)
      )
      const os = yield* OsProcess
      for (const pid of [1, 40, 60, 61, 62, 63, 64]) assert.strictEqual((yield* os.inspect(pid))._tag, "Running")
    }).pipe(givenTree([
      { pid: 1, processId: "it" },
      { pid: 40, parent: 1, group: 40, session: 40, command: "its wrapper" },
      { pid: 50, parent: 40, group: 50, session: 50 },
      { pid: 51, parent: 50, group: 50, session: 50, command: "child" },
      { pid: 52, parent: 51, group: 52, session: 50, command: "grandchild" },
      { pid: 53, parent: 1, group: 50, session: 50, command: "orphan of the group" },
      { pid: 54, parent: 1, group: 54, session: 50, command: "orphan of the session" },
      { pid: 55, parent: 1, group: 55, session: 55, processId: "it", command: "orphan with the tag" },
      { pid: 56, parent: 55, group: 55, session: 55, command: "its child, without" },
      { pid: 57, parent: 51, group: 57, session: 57, command: "leader of a session of its own" },
      { pid: 58, parent: 1, group: 58, session: 57, command: "orphan of that" },
      { pid: 59, parent: 50, state: { _tag: "Zombie" } },
      { pid: 60, parent: 1, group: 60, session: 60, processId: "it2" },
      { pid: 61, parent: 1, group: 40, session: 40 },
      { pid: 62, parent: 40, group: 62, session: 62 },
      { pid: 63, parent: 1 },
      { pid: 64, parent: 1, processId: "" }
    ])))

  it.effect("has no group of which it is only a member", () =>
    Effect.gen(function*() {
      const outcome = yield* kill()
      assert.deepStrictEqual(outcome.ended.map(({ pid }) => pid), [50, 51])
    }).pipe(givenTree([
      { pid: 40, group: 40, session: 40 },
      { pid: 50, parent: 40, group: 40, session: 40 },
      { pid: 51, parent: 50, group: 40, session: 40 },
      { pid: 52, parent: 40, group: 40, session: 40 }
    ])))

  it.effect("is one process with `tree: false`", () =>
    Effect.gen(function*() {
      const outcome = yield* kill("it", { tree: false })
      assert.deepStrictEqual(outcome.ended, [{ pid: 50, command: "agent" }])
      assert.deepStrictEqual(yield* signalled, ["SIGTERM 50"])
    }).pipe(givenTree([{ pid: 50, command: "agent" }, { pid: 51, parent: 50 }, { pid: 52, processId: "it" }])))

  it.effect("never grows from the first process, whatever its entry says", () =>
    Effect.gen(function*() {
      for (const handle of ["it", "self"]) {
        assert.strictEqual((yield* reason(kill(handle)))._tag, "SignalRefused")
      }
      assert.deepStrictEqual(yield* signals, [])
    }).pipe(given([entryOf({ ...entry, pid: 1 })], {
      processes: [{ pid: 1, group: 1, session: 1 }, { pid: 51, parent: 1, group: 1, session: 1 }],
      env: { ZAG_PROCESS_ID: "it" }
    })))
})

describe("killing a tree", () => {
  it.effect("signals those that are forked meanwhile once, also when their parent is gone", () =>
    Effect.gen(function*() {
      const table = yield* ProcessTable
      const killing = yield* Effect.forkChild(kill())
      yield* TestClock.adjust("1 second")
      yield* table.set({ pid: 52, parent: 51, ignores: ["SIGTERM"] })
      yield* TestClock.adjust("1 second")
      yield* table.set({ pid: 52, parent: 1, ignores: ["SIGTERM"] })
      yield* table.set({ pid: 53, parent: 52, ignores: ["SIGTERM"] })
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(yield* signalled, ["SIGTERM 50", "SIGTERM 51", "SIGTERM 52", "SIGTERM 53"])
      yield* TestClock.adjust("2 seconds")
      const outcome = yield* Fiber.join(killing)
      assert.strictEqual(outcome.signal, "SIGKILL")
      assert.deepStrictEqual(outcome.ended.map(({ pid }) => pid), [50, 51, 52, 53])
    }).pipe(givenTree([{ pid: 50 }, { pid: 51, parent: 50, ignores: ["SIGTERM"] }])))

  it.effect("stops all before it kills the first", () =>
    Effect.gen(function*() {
      yield* inTime(kill())
      assert.deepStrictEqual(yield* signalled, [
        "SIGTERM 50",
        "SIGTERM 51",
        "SIGSTOP 50",
        "SIGSTOP 51",
        "SIGKILL 50",
        "SIGKILL 51"
      ])
    }).pipe(givenTree([{ pid: 50, ignores: ["SIGTERM"] }, { pid: 51, parent: 50, ignores: ["SIGTERM"] }])))

  it.effect("names a survivor, and leaves the entry", () =>
    Effect.gen(function*() {
      const why = yield* reason(inTime(kill()))
      if (why._tag !== "StillAlive") return assert.fail(why._tag)
      assert.deepStrictEqual(why.survivors, [{ pid: 51, command: "dd of=/dev/tape" }])
      assert.strictEqual(
        why.message,
        "Process it (pid 50) is gone, but not all that it started is after SIGTERM and SIGKILL. Still there: " +
          "pid 51 (dd of=/dev/tape). What survives SIGKILL may be waiting for a device; try again later. " +
          "Its entry is left as it is."
      )
      assert.strictEqual(yield* storedStatus, "running")
    }).pipe(givenTree([
      { pid: 50 },
      { pid: 51, parent: 50, command: "dd of=/dev/tape", ignores: ["SIGTERM", "SIGKILL"] }
    ])))

  it.effect("names a member of another user with the reason", () =>
    Effect.gen(function*() {
      const why = yield* reason(inTime(kill()))
      if (why._tag !== "StillAlive") return assert.fail(why._tag)
      assert.deepStrictEqual(why.survivors, [{ pid: 51, command: "sudo make", why: "belongs to another user" }])
      assert.include(why.message, "pid 51 (sudo make), which belongs to another user. Ask that user")
      assert.deepStrictEqual(yield* signalled, ["SIGTERM 50"])
      assert.strictEqual(yield* storedStatus, "running")
    }).pipe(givenTree([{ pid: 50 }, { pid: 51, parent: 50, command: "sudo make", foreign: true }])))

  it.effect("signals nobody when the process itself belongs to another user", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* reason(kill()))._tag, "SignalNotPermitted")
      assert.deepStrictEqual(yield* signals, [])
    }).pipe(givenTree([{ pid: 50, foreign: true }, { pid: 51, parent: 50 }])))

  it.effect("does not signal a member whose pid was given out again after the look", () =>
    Effect.gen(function*() {
      const table = yield* ProcessTable
      const os = yield* OsProcess
      const later = OsProcess.of({
        ...os,
        tree: (query) => Effect.tap(os.tree(query), table.set({ pid: 51, parent: 1, state: began(2) }))
      })
      const outcome = yield* kill().pipe(
        Effect.provide(ProcessControl.layer.pipe(Layer.provide(Layer.succeed(OsProcess, later))), { local: true })
      )
      assert.deepStrictEqual(yield* signalled, ["SIGTERM 50"])
      assert.strictEqual((yield* os.inspect(51))._tag, "Running")
      assert.strictEqual(outcome.status, "killed")
    }).pipe(givenTree([{ pid: 50 }, { pid: 51, parent: 50, state: began(1) }])))

  it.effect("does not take the new owner of a pid, nor its children, for members", () =>
    Effect.gen(function*() {
      const table = yield* ProcessTable
      const killing = yield* Effect.forkChild(kill())
      yield* TestClock.adjust("1 second")
      yield* table.set({ pid: 50, group: 50, session: 50, state: began(9) })
      yield* table.set({ pid: 60, group: 50, session: 50, parent: 50, state: began(9) })
      yield* TestClock.adjust("1 second")
      assert.strictEqual((yield* Fiber.join(killing)).signal, "SIGTERM")
      assert.deepStrictEqual(yield* signalled, ["SIGTERM 50"])
    }).pipe(givenTree([{ pid: 50, group: 50, session: 50, state: began(1), ignores: ["SIGTERM"] }])))
})

describe("a process that is gone", () => {
  it.effect("has what it left behind ended, and is recorded", () =>
    Effect.gen(function*() {
      const outcome = yield* kill()
      assert.deepStrictEqual({ ...outcome }, {
        id: "it",
        pid: 50,
        signal: "SIGTERM",
        status: "killed",
        ended: [{ pid: 51, command: "server" }, { pid: 52, command: "" }]
      })
      assert.strictEqual(yield* storedStatus, "killed")
    }).pipe(givenTree([{ pid: 51, processId: "it", command: "server" }, { pid: 52, parent: 51 }])))

  it.effect("whose pid is another's has nothing to do with that one", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual((yield* kill()).ended.map(({ pid }) => pid), [51])
    }).pipe(givenTree([
      { pid: 50, group: 50, session: 50, state: { _tag: "Running", startTime: 1_800_000_000_000 } },
      { pid: 51, processId: "it" },
      { pid: 52, parent: 50, group: 50, session: 50 }
    ])))

  it.effect.each<readonly [string, ReadonlyArray<TestProcess>]>([
    ["nothing", []],
    ["what only was in its group", [{ pid: 51, group: 50, session: 50 }]],
    ["what another user has tagged", [{ pid: 51, processId: "it", foreign: true }]],
    ["the caller's own chain", [{ pid: 1000, parent: 999, processId: "it" }, { pid: 999, processId: "it" }]]
  ])("is not running when it has left %s", ([, processes]) =>
    Effect.gen(function*() {
      const why = yield* reason(kill())
      assert.strictEqual(why._tag, "NotRunning")
      assert.deepStrictEqual(yield* signals, [])
      assert.strictEqual(yield* storedStatus, "running")
    }).pipe(givenTree(processes)))

  it.effect("is not running with `tree: false`, nor when it was recorded already", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* reason(kill("it", { tree: false })))._tag, "NotRunning")
      yield* (yield* ProcessStore).updateStatus("it", "exited", 0)
      assert.strictEqual((yield* reason(kill()))._tag, "NotRunning")
      assert.deepStrictEqual(yield* signals, [])
    }).pipe(givenTree([{ pid: 51, processId: "it" }])))
})

describe("`self`", () => {
  const session: ReadonlyArray<TestProcess> = [
    { pid: 30, parent: 1, group: 30, session: 30, command: "outer shell" },
    { pid: 40, parent: 30, group: 40, session: 30, processId: "it", command: "a wrapper that has the tag" },
    { pid: 50, parent: 40, group: 50, session: 50, processId: "it", command: "agent" },
    { pid: 51, parent: 50, group: 50, session: 50, processId: "it", command: "server" },
    { pid: 998, parent: 50, group: 50, session: 50, processId: "it", command: "sh -c 'zag ps kill self'" },
    { pid: 999, parent: 998, group: 50, session: 50, processId: "it", command: "sh" },
    { pid: 1000, parent: 999, group: 50, session: 50, processId: "it", command: "zag" },
    { pid: 1001, parent: 999, group: 50, session: 50, processId: "it", command: "tee" }
  ]
  const inSession = { ZAG_PROCESS_ID: "it" }

  it.effect("spares the caller and all above it but the process itself, which is signalled last", () =>
    Effect.gen(function*() {
      const outcome = yield* kill("self")
      assert.deepStrictEqual(yield* signalled, ["SIGTERM 51", "SIGTERM 1001", "SIGTERM 50"])
      assert.deepStrictEqual(outcome.ended.map(({ pid }) => pid), [50, 51, 1001])
      assert.strictEqual(yield* storedStatus, "killed")
    }).pipe(givenTree(session, inSession)))

  it.effect("spares them also once the process is gone, and they are orphans", () =>
    Effect.gen(function*() {
      const table = yield* ProcessTable
      const killing = yield* Effect.forkChild(kill("self"))
      yield* TestClock.adjust("1 second")
      yield* table.set({ pid: 998, parent: 1, group: 50, session: 50, processId: "it" })
      yield* table.end(50)
      yield* TestClock.adjust("10 seconds")
      yield* Fiber.join(killing)
      assert.deepStrictEqual(yield* signalled, [
        "SIGTERM 51",
        "SIGTERM 1001",
        "SIGTERM 50",
        "SIGKILL 51"
      ])
    }).pipe(givenTree(
      session.map((one) => one.pid === 50 || one.pid === 51 ? { ...one, ignores: ["SIGTERM"] } : one),
      inSession
    )))

  it.effect("is refused by its id", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* reason(kill("it")))._tag, "SignalRefused")
      assert.deepStrictEqual(yield* signals, [])
    }).pipe(givenTree(session, inSession)))
})
