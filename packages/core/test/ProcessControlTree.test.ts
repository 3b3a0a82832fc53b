/**
 * Trees of real processes. Each one carries an id that no other test has, or is
 * told by the script that starts it; whatever the test leaves is ended by pid.
 */
import { assert, describe, it } from "@effect/vitest"
import { OsProcess } from "@zag/core/OsProcess"
import { ProcessControl } from "@zag/core/ProcessControl"
import { ProcessStore } from "@zag/core/ProcessStore"
import * as Timestamp from "@zag/core/Timestamp"
import { Effect, FileSystem, Option, Random } from "effect"
import { entryOf } from "./entryOf.ts"
import { isAlive, realServices, startAgent, until } from "./realProcess.ts"

/** All living processes with this id in their environment, found without the code under test. */
const tagged = Effect.fnUntraced(function*(id: string) {
  const fs = yield* FileSystem.FileSystem
  const found: Array<number> = []
  for (const name of yield* fs.readDirectory("/proc")) {
    if (!/^\d+$/.test(name)) continue
    const environment = yield* Effect.option(fs.readFileString(`/proc/${name}/environ`))
    const carries = Option.isSome(environment) && environment.value.split("\0").includes(`ZAG_PROCESS_ID=${id}`)
    if (carries && (yield* isAlive(Number(name)))) found.push(Number(name))
  }
  return found
})

/** Ends what is left of a test, by pid: each one was started by it. */
const sweep = Effect.fnUntraced(function*(id: string) {
  // Several looks: what is starting something else just now may not be seen by one.
  for (let empty = 0; empty < 5;) {
    const left = yield* tagged(id)
    empty = left.length === 0 ? empty + 1 : 0
    for (const pid of left) if (pid > 1 && pid !== process.pid && (yield* isAlive(pid))) process.kill(pid, "SIGKILL")
  }
})

/** Starts an agent, and registers it under an id of its own. */
const agent = Effect.fnUntraced(function*(script: string, env: Record<string, string> = {}) {
  const id = `tree-${process.pid}-${yield* Random.nextIntBetween(1, 1e12)}`
  yield* Effect.addFinalizer(() => Effect.orDie(sweep(id)))
  const { children, handle, pid } = yield* startAgent(id, script, env)
  yield* (yield* ProcessStore).add(entryOf({ id, pid, startedAt: yield* Timestamp.now }))
  return { handle, id, pid, children }
})

const kill = (id: string, grace = 300) => Effect.flatMap(ProcessControl, (control) => control.kill(id, { grace }))

const storedStatus = (id: string) =>
  Effect.flatMap(ProcessStore, (store) => Effect.map(store.find(id), (entry) => Option.getOrThrow(entry).status))

/** Kills the agent; nothing of it may be left, and all of it was named. */
const killsAll = Effect.fnUntraced(function*(
  { children, id, pid }: Effect.Success<ReturnType<typeof agent>>,
  grace?: number
) {
  const outcome = yield* kill(id, grace)
  assert.strictEqual(outcome.status, "killed")
  for (const one of [pid, ...children]) assert.isFalse(yield* isAlive(one), `pid ${one} lives`)
  assert.deepStrictEqual(yield* tagged(id), [])
  const ended = outcome.ended.map((one) => one.pid)
  assert.includeMembers(ended, children)
  assert.strictEqual(new Set(ended).size, ended.length)
  assert.strictEqual(yield* storedStatus(id), "killed")
  return outcome
})

describe.skipIf(process.platform !== "linux")("ProcessControl.kill on a tree of real processes", () => {
  it.live("ends three generations", () =>
    Effect.gen(function*() {
      const one = yield* agent(
        `sh -c 'echo $$; sh -c "echo \\$\\$; echo ready; sleep 611; true"; true'; true`
      )
      assert.strictEqual(one.children.length, 2)
      const outcome = yield* killsAll(one, 20_000)
      assert.strictEqual(outcome.signal, "SIGTERM")
      assert.include(outcome.ended.map(({ command }) => command), "sleep 611")
    }).pipe(Effect.scoped, Effect.provide(realServices)))

  it.live("ends a child of the group that ignores SIGTERM, when its parent does not", () =>
    Effect.gen(function*() {
      const one = yield* agent("(trap '' TERM; exec sleep 612) & echo $!; echo ready; wait")
      yield* until(Effect.map(ignoresTerm(one.children[0]!), (does) => does))
      assert.strictEqual((yield* killsAll(one)).signal, "SIGKILL")
    }).pipe(Effect.scoped, Effect.provide(realServices)))

  it.live("ends a child in a session of its own, and one without the tag", () =>
    Effect.gen(function*() {
      const one = yield* agent("setsid sleep 613 & echo $!; env -i sleep 614 & echo $!; echo ready; wait")
      yield* killsAll(one, 20_000)
    }).pipe(Effect.scoped, Effect.provide(realServices)))

  it.live("ends a child that left group, session and parent", () =>
    Effect.gen(function*() {
      const one = yield* agent("setsid sh -c 'setsid sleep 615 & echo $!'; echo ready; exec sleep 616")
      yield* until(Effect.map(parentOf(one.children[0]!), (parent) => parent !== one.pid))
      yield* killsAll(one, 20_000)
    }).pipe(Effect.scoped, Effect.provide(realServices)))

  it.live("ends what an agent left behind that is gone", () =>
    Effect.gen(function*() {
      const one = yield* agent("setsid sleep 617 & echo $!; echo ready")
      yield* until(Effect.map(isAlive(one.pid), (alive) => !alive))
      const control = yield* ProcessControl
      assert.strictEqual((yield* control.show(one.id)).liveStatus, "dead")
      const outcome = yield* killsAll(one, 20_000)
      assert.deepStrictEqual(outcome.ended, [{ pid: one.children[0]!, command: "sleep 617" }])
    }).pipe(Effect.scoped, Effect.provide(realServices)))

  // What forks here does so a limited number of times: a mistake must not take the machine's last process number.

  it.live("ends a child that forks while it is being killed", () =>
    Effect.gen(function*() {
      const FORK = "trap '' TERM; n=0; while [ $n -lt 300 ]; do n=$((n+1)); sleep 618 & done; wait"
      const one = yield* agent("sh -c \"$FORK\" & echo $!; echo ready; wait", { FORK })
      yield* killsAll(one, 50)
    }).pipe(Effect.scoped, Effect.provide(realServices)))

  it.live(
    "ends a chain in which each starts the next one, in a session of its own, and goes",
    () =>
      Effect.gen(function*() {
        const LINK = "trap '' TERM; [ $1 -ge 60 ] || { setsid sh -c \"$LINK\" sh $(($1+1)) & exit; }; exec sleep 619"
        const one = yield* agent("setsid sh -c \"$LINK\" sh 1 & echo ready; wait; exec sleep 619", { LINK })
        // None of them is seen for long, yet they are never taken for gone: the last one is ended.
        yield* killsAll(one, 3000)
      }).pipe(Effect.scoped, Effect.provide(realServices))
  )

  it.live("ends those that start anew what ends", () =>
    Effect.gen(function*() {
      const WATCH = "trap '' TERM; n=0; while [ $n -lt 50 ]; do n=$((n+1)); sleep 620 & wait $!; done"
      const one = yield* agent(
        "sh -c \"$WATCH\" & echo $!; setsid sh -c \"$WATCH\" & echo $!; echo ready; wait",
        { WATCH }
      )
      yield* killsAll(one)
    }).pipe(Effect.scoped, Effect.provide(realServices)))

  it.live("ends five hundred", () =>
    Effect.gen(function*() {
      const one = yield* agent("n=0; while [ $n -lt 500 ]; do n=$((n+1)); sleep 621 & echo $!; done; echo ready; wait")
      assert.strictEqual(one.children.length, 500)
      const outcome = yield* killsAll(one, 30_000)
      assert.strictEqual(outcome.ended.length, 501)
    }).pipe(Effect.scoped, Effect.provide(realServices)))

  it.live("says the same to all who kill it at the same time", () =>
    Effect.gen(function*() {
      const one = yield* agent("(trap '' TERM; exec sleep 627) & echo $!; echo ready; wait")
      yield* until(ignoresTerm(one.children[0]!))
      const answers = yield* Effect.forEach(
        [1000, 1500, 2000, 2500],
        (grace) =>
          kill(one.id, grace).pipe(
            Effect.map(({ status }) => status),
            Effect.catchReason("ProcessControlError", "NotRunning", ({ liveStatus }) => Effect.succeed(liveStatus))
          ),
        { concurrency: "unbounded" }
      )
      assert.deepStrictEqual(answers, ["killed", "killed", "killed", "killed"])
      assert.isFalse(yield* isAlive(one.children[0]!))
      assert.strictEqual(yield* storedStatus(one.id), "killed")
    }).pipe(Effect.scoped, Effect.provide(realServices)))

  it.live("leaves the processes of another agent alone", () =>
    Effect.gen(function*() {
      const other = yield* agent("setsid sleep 622 & echo $!; echo ready; exec sleep 623")
      const one = yield* agent("setsid sleep 624 & echo $!; echo ready; wait")
      yield* killsAll(one, 20_000)
      for (const pid of [other.pid, ...other.children]) assert.isTrue(yield* isAlive(pid))
      assert.strictEqual(yield* storedStatus(other.id), "running")
    }).pipe(Effect.scoped, Effect.provide(realServices)))

  it.live("leaves what the agent started alone with `tree: false`", () =>
    Effect.gen(function*() {
      const one = yield* agent("setsid sleep 625 & echo $!; echo ready; wait")
      const outcome = yield* (yield* ProcessControl).kill(one.id, { tree: false })
      assert.deepStrictEqual(outcome.ended.map(({ pid }) => pid), [one.pid])
      assert.isTrue(yield* isAlive(one.children[0]!))
    }).pipe(Effect.scoped, Effect.provide(realServices)))
})

describe.skipIf(process.platform !== "linux")("OsProcess.tree", () => {
  it.live("never holds the program that asks, nor what it runs in, nor the first process", () =>
    Effect.gen(function*() {
      const os = yield* OsProcess
      for (const pid of [1, process.pid]) {
        const state = yield* os.inspect(pid)
        if (state._tag !== "Running") return assert.fail(state._tag)
        const target = { pid, startTicks: state.startTicks }
        for (const self of [true, false]) {
          assert.deepStrictEqual(yield* os.tree({ target, id: "", self, known: [] }), [])
        }
      }
    }).pipe(Effect.provide(OsProcess.layer)))
})

/** The parent of a process, from another file than the code under test reads. */
const parentOf = Effect.fnUntraced(function*(pid: number) {
  const fs = yield* FileSystem.FileSystem
  return Number(/^PPid:\t(\d+)$/m.exec(yield* fs.readFileString(`/proc/${pid}/status`))![1])
})

/** Whether SIGTERM, number 15, is among the signals that a process ignores. */
const ignoresTerm = Effect.fnUntraced(function*(pid: number) {
  const fs = yield* FileSystem.FileSystem
  const mask = /^SigIgn:\t([0-9a-f]+)$/m.exec(yield* fs.readFileString(`/proc/${pid}/status`))![1]!
  return (BigInt(`0x${mask}`) & (1n << 14n)) !== 0n
})
