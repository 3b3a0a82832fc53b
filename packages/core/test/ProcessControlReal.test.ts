import { assert, describe, it } from "@effect/vitest"
import { ProcessControl } from "@zag/core/ProcessControl"
import { ProcessRegistration } from "@zag/core/ProcessRegistration"
import { ProcessStore } from "@zag/core/ProcessStore"
import * as Timestamp from "@zag/core/Timestamp"
import { ConfigProvider, Effect, Option } from "effect"
import { entryOf } from "./entryOf.ts"
import {
  isAlive,
  procState,
  realServices,
  startAndEnd,
  startScript,
  startStubborn,
  startThreads,
  startZombie,
  until
} from "./realProcess.ts"

// Every pid here is one that the test started itself. Dangerous ones are in `jail`.

/** Registers a process of the test as if it had been launched so many seconds ago. */
const registered = Effect.fnUntraced(function*(pid: number, secondsAgo = 0) {
  const now = Timestamp.parse(yield* Timestamp.now)!
  const startedAt = Timestamp.format({ ...now, seconds: now.seconds - secondsAgo })
  yield* (yield* ProcessStore).add(entryOf({ id: "it", pid, startedAt }))
  return yield* ProcessControl
})

const storedStatus = Effect.gen(function*() {
  return Option.getOrThrow(yield* (yield* ProcessStore).find("it")).status
})

describe.skipIf(process.platform !== "linux")("ProcessControl on real processes", () => {
  it.live("kills an agent with SIGTERM and records it", () =>
    Effect.gen(function*() {
      const { pid } = yield* startScript("echo ready; exec sleep 600")
      const control = yield* registered(pid)
      assert.strictEqual((yield* control.show("it")).liveStatus, "running")
      const outcome = yield* control.kill("it")
      assert.deepStrictEqual({ ...outcome }, {
        id: "it",
        pid,
        signal: "SIGTERM",
        status: "killed",
        ended: [{ pid, command: "sleep 600" }]
      })
      assert.isFalse(yield* isAlive(pid))
      assert.strictEqual(yield* storedStatus, "killed")
      assert.strictEqual((yield* control.show("it")).liveStatus, "killed")
    }).pipe(Effect.provide(realServices)))

  it.live("kills an agent that ignores SIGTERM with SIGKILL and records it", () =>
    Effect.gen(function*() {
      const { pid } = yield* startStubborn
      const control = yield* registered(pid)
      const outcome = yield* control.kill("it", { grace: "100 millis" })
      assert.deepInclude(outcome, { id: "it", pid, signal: "SIGKILL", status: "killed" })
      // Beside the shell there is the `sleep` that it waits for.
      assert.include(outcome.ended.map((one) => one.pid), pid)
      assert.isFalse(yield* isAlive(pid))
      assert.strictEqual(yield* storedStatus, "killed")
    }).pipe(Effect.provide(realServices)))

  it.live("lets an agent end in its own way within the grace", () =>
    Effect.gen(function*() {
      const { handle, pid } = yield* startScript(
        "trap 'sleep 0.1; exit 3' TERM; echo ready; while :; do sleep 0.02; done"
      )
      const control = yield* registered(pid)
      const outcome = yield* control.kill("it", { grace: "1 minute" })
      assert.strictEqual(outcome.signal, "SIGTERM")
      assert.strictEqual(yield* handle.exitCode, 3)
    }).pipe(Effect.provide(realServices)))

  it.live("spares an agent that has taken the place of the one that was looked at", () =>
    Effect.gen(function*() {
      const one = yield* startScript("echo ready; exec sleep 600")
      const other = yield* startScript("echo ready; exec sleep 600")
      const control = yield* registered(one.pid)
      const info = yield* control.show("it")
      yield* (yield* ProcessStore).updatePid("it", other.pid)
      const { message } = yield* Effect.flip(control.kill(info))
      assert.include(message, `and is ${other.pid} now`)
      assert.isTrue(yield* isAlive(one.pid))
      assert.isTrue(yield* isAlive(other.pid))
      assert.strictEqual(yield* storedStatus, "running")
      yield* control.kill(yield* control.show("it"))
      assert.isTrue(yield* isAlive(one.pid))
      assert.isFalse(yield* isAlive(other.pid))
    }).pipe(Effect.provide(realServices)))

  it.live("counts an agent as killed whose parent does not notice its end", () =>
    Effect.gen(function*() {
      const { line } = yield* startScript("sleep 600 & echo $!; exec sleep 600")
      const pid = Number(line)
      const control = yield* registered(pid)
      assert.strictEqual((yield* control.kill("it")).signal, "SIGTERM")
      assert.deepStrictEqual(yield* procState(pid), Option.some("Z"))
      assert.strictEqual(yield* storedStatus, "killed")
    }).pipe(Effect.provide(realServices)))

  it.live("kills an agent that is stopped", () =>
    Effect.gen(function*() {
      const { pid } = yield* startScript("echo ready; kill -STOP $$; exec sleep 600")
      yield* until(Effect.map(procState(pid), (state) => Option.getOrUndefined(state) === "T"))
      const control = yield* registered(pid)
      const outcome = yield* control.kill("it", { grace: "100 millis" })
      assert.strictEqual(outcome.signal, "SIGKILL")
      assert.isFalse(yield* isAlive(pid))
    }).pipe(Effect.provide(realServices)))

  it.live("stops an agent with SIGHUP, and leaves it to the agent what that means", () =>
    Effect.gen(function*() {
      const { handle, pid } = yield* startScript("trap 'exit 9' HUP; echo ready; while :; do sleep 0.02; done")
      const control = yield* registered(pid)
      const outcome = yield* control.stop("it")
      assert.deepStrictEqual({ ...outcome }, { id: "it", pid, signal: "SIGHUP", status: "signalled", ended: [] })
      assert.strictEqual(yield* handle.exitCode, 9)
      assert.strictEqual(yield* storedStatus, "running")
      assert.strictEqual((yield* control.show("it")).liveStatus, "dead")
    }).pipe(Effect.provide(realServices)))

  const sendsNothing = Effect.fnUntraced(function*(control: ProcessControl["Service"], words: string) {
    assert.strictEqual((yield* control.show("it")).liveStatus, "dead")
    for (const operation of [control.stop("it"), control.kill("it", { grace: 0 })]) {
      const error = yield* Effect.flip(operation)
      if (error._tag !== "ProcessControlError") return assert.fail(error._tag)
      assert.strictEqual(error.reason._tag, "NotRunning")
      assert.include(error.message, words)
    }
    assert.strictEqual(yield* storedStatus, "running")
  })

  it.live("sends nothing to a process that is gone", () =>
    Effect.gen(function*() {
      const pid = yield* startAndEnd
      yield* sendsNothing(yield* registered(pid), `no process has pid ${pid}`)
    }).pipe(Effect.provide(realServices)))

  it.live("sends nothing to a zombie", () =>
    Effect.gen(function*() {
      const { parent, pid } = yield* startZombie
      yield* sendsNothing(yield* registered(pid), "waits for its parent")
      assert.isTrue(yield* isAlive(parent))
    }).pipe(Effect.provide(realServices)))

  it.live("sends nothing to a thread, which would end its process", () =>
    Effect.gen(function*() {
      const { pid, thread } = yield* startThreads
      yield* sendsNothing(yield* registered(thread), "thread of another process")
      assert.isTrue(yield* isAlive(pid))
    }).pipe(Effect.provide(realServices)))

  it.live("sends nothing to a process that started long after its entry", () =>
    Effect.gen(function*() {
      const { pid } = yield* startScript("echo ready; exec sleep 600")
      yield* sendsNothing(yield* registered(pid, 3600), "was given to another process")
      assert.isTrue(yield* isAlive(pid))
    }).pipe(Effect.provide(realServices)))

  it.live("ends what a program registered and launched", () =>
    Effect.gen(function*() {
      const control = yield* ProcessControl
      const { attach, environment, id } = yield* (yield* ProcessRegistration).register({ provider: "claude" })
      assert.strictEqual((yield* control.show(id)).pid, process.pid)
      const { pid } = yield* startScript("echo ready; exec sleep 600")
      yield* attach(pid)
      assert.deepStrictEqual((yield* control.list({ running: true })).processes.map((one) => [one.id, one.pid]), [[
        id,
        pid
      ]])
      const outcome = yield* control.kill("self").pipe(
        Effect.provideService(
          ConfigProvider.ConfigProvider,
          ConfigProvider.fromEnv({ env: { ZAG_PROCESS_ID: environment["ZAG_PROCESS_ID"]! } })
        )
      )
      assert.deepInclude(outcome, { id, pid, signal: "SIGTERM", status: "killed" })
      assert.isFalse(yield* isAlive(pid))
    }).pipe(Effect.scoped, Effect.provide(realServices)))

  it.live("kills each of several agents at once", () =>
    Effect.gen(function*() {
      const store = yield* ProcessStore
      const control = yield* ProcessControl
      const startedAt = yield* Timestamp.now
      const pids = yield* Effect.forEach([1, 2, 3, 4], () =>
        Effect.map(startScript("echo ready; exec sleep 600"), ({ pid }) => pid), { concurrency: "unbounded" })
      yield* Effect.forEach(pids, (pid) =>
        store.add(entryOf({ id: `agent-${pid}`, pid, startedAt })))
      yield* Effect.forEach(pids, (pid) =>
        control.kill(`agent-${pid}`), { concurrency: "unbounded" })
      for (const pid of pids) assert.isFalse(yield* isAlive(pid))
      const { entries } = yield* store.load
      assert.deepStrictEqual(entries.map(({ status }) => status), ["killed", "killed", "killed", "killed"])
    }).pipe(Effect.provide(realServices)))
})
