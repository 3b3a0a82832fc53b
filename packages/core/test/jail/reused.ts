/**
 * Runs inside a pid namespace of its own (see `Jail.test.ts`): lets agents die,
 * has their pid given to somebody else, and prints what the operations then do.
 */
import { ProcessControl } from "@zag/core/ProcessControl"
import { ProcessStore } from "@zag/core/ProcessStore"
import * as Timestamp from "@zag/core/Timestamp"
import * as Effect from "effect/Effect"
// @effect-diagnostics-next-line nodeBuiltinImport:off -- nothing but what is asked for may start a process here
import { type ChildProcess, spawn } from "node:child_process"
// @effect-diagnostics-next-line nodeBuiltinImport:off -- with nothing in between
import * as Fs from "node:fs"
import { entryOf } from "../entryOf.ts"
import { outcome, type Report, runPrisoner } from "./prisoner.ts"

const home = process.argv[2]!

const start = () => spawn("sleep", ["600"], { stdio: "ignore", env: {} })

const end = (child: ChildProcess) =>
  Effect.callback<void>((resume) => {
    child.once("exit", () => resume(Effect.void))
    child.kill("SIGKILL")
  })

// The next process gets the pid after this one: as if all others had been given out in between. It is a setting of the
// namespace; `pid_max` is one only on newer systems.
const startAs = Effect.fnUntraced(function*(pid: number) {
  while (true) {
    Fs.writeFileSync("/proc/sys/kernel/ns_last_pid", String(pid - 1))
    const child = start()
    if (child.pid === pid) return child
    yield* end(child)
  }
})

const program = Effect.gen(function*() {
  const control = yield* ProcessControl
  const store = yield* ProcessStore
  const report: Report = {}

  /** An agent that was registered so long ago; its pid has another owner now. */
  const reuse = Effect.fnUntraced(function*(secondsAgo: number, look: Effect.Effect<unknown, unknown>) {
    const agent = start()
    const pid = agent.pid!
    const now = Timestamp.parse(yield* Timestamp.now)!
    const startedAt = Timestamp.format({ ...now, seconds: now.seconds - secondsAgo })
    yield* store.add(entryOf({ id: "it", pid, startedAt }))
    yield* look
    yield* end(agent)
    return yield* startAs(pid)
  })

  const ask = Effect.fnUntraced(function*(name: string, owner: ChildProcess) {
    report[`${name}: status`] = (yield* control.show("it")).liveStatus
    for (const handle of ["it", "self"]) {
      report[`${name}: stop ${handle}`] = yield* outcome(control.stop(handle))
      report[`${name}: kill ${handle}`] = yield* outcome(control.kill(handle, { grace: 0 }))
      report[`${name}: kill ${handle} alone`] = yield* outcome(control.kill(handle, { grace: 0, tree: false }))
      report[`${name}: kill ${handle} by SIGKILL`] = yield* outcome(control.kill(handle, { signal: "SIGKILL" }))
    }
    report[`${name}: the new owner`] = owner.exitCode === null && owner.signalCode === null ? "lives" : "is gone"
    yield* end(owner)
  })

  yield* ask("known to us", yield* reuse(0, control.list()))
  yield* ask("of zag", yield* reuse(120, Effect.void))
  return report
})

await runPrisoner(home, program)
