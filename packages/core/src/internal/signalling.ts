/**
 * Signals to the process of an entry, and to its tree.
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { OsProcess, PidState, TreeMember } from "../OsProcess.ts"
import { refuse } from "../OsProcess.ts"
import type { OsProcessError } from "../OsProcessError.ts"
import {
  NotRunning,
  ProcessControlError,
  SignalNotPermitted,
  SignalRefused,
  StillAlive
} from "../ProcessControlError.ts"
import type { ProcessEntry } from "../ProcessEntry.ts"
import type { Liveness } from "../ProcessInfo.ts"
import type { Sidecar } from "../Sidecar.ts"
import type { KillOptions } from "../SignalOutcome.ts"
import * as Auditing from "./auditing.ts"
import type { Observation } from "./observation.ts"
import { ticksOf } from "./processTree.ts"
import { endTree, foreign } from "./treeEnd.ts"

/** The process that a signal is for. */
export interface Target {
  readonly entry: ProcessEntry
  /** The caller ends its own session, which is the only way to an ancestor of the caller. */
  readonly self: boolean
}

const defaultGrace = Duration.seconds(5)

const fail = (reason: ProcessControlError["reason"]) => Effect.fail(new ProcessControlError({ reason }))

const notRunning = (entry: ProcessEntry, { status, why }: Pick<Liveness, "status" | "why">) =>
  fail(new NotRunning({ id: entry.id, liveStatus: status, ...(why === undefined ? {} : { why }) }))

const endedMeanwhile = (entry: ProcessEntry) =>
  notRunning(entry, { status: "dead", why: `pid ${entry.pid} has ended before it was signalled` })

const refused = (entry: ProcessEntry, why: string) => fail(new SignalRefused({ id: entry.id, pid: entry.pid, why }))

const notPermitted = (entry: ProcessEntry) => fail(new SignalNotPermitted({ id: entry.id, pid: entry.pid }))

const explain = (entry: ProcessEntry, { reason }: OsProcessError) => {
  switch (reason._tag) {
    case "PidRefused":
    case "SignalImpossible":
      return refused(entry, reason.why)
    case "NoSuchProcess":
      return endedMeanwhile(entry)
    case "NotPermitted":
      return notPermitted(entry)
  }
}

export const signalling = (
  os: OsProcess["Service"],
  sidecar: Sidecar["Service"],
  observe: (entry: ProcessEntry) => Effect.Effect<Observation>
) => {
  const withAudit = Auditing.make(os, sidecar)

  /** Fails unless it is certain, as far as it can be, whom a signal reaches; answers who that is. */
  const check = Effect.fnUntraced(function*({ entry, self }: Target) {
    const kin = self ? [] : yield* os.ancestors
    // Nothing may come between this look at the process and what is done to it.
    const observation = yield* observe(entry)
    const { doubt, status, why } = observation.liveness
    if (status === "unknown" && entry.status === "running") return yield* refused(entry, why ?? "nobody knows")
    if (status !== "running") return yield* notRunning(entry, observation.liveness)
    if (doubt !== undefined) return yield* refused(entry, doubt)
    // The tree of such a pid must not even be looked for: that of pid 1 is everything.
    const never = refuse(entry.pid, os.pid)
    if (never !== undefined) return yield* refused(entry, never.why)
    if (kin.includes(entry.pid)) {
      return yield* refused(entry, "it is an ancestor of the program that asks. To end your own session, say `self`.")
    }
    return observation
  })

  const hangUp = Effect.fnUntraced(function*(target: Target) {
    const { entry } = target
    const observation = yield* check(target)
    yield* withAudit(
      entry,
      observation,
      (signal) =>
        Effect.catch(signal(entry.pid, "SIGHUP", ticksOf(observation.state)), (error) => explain(entry, error))
    )
  })

  /** The looks at a tree; without a state, at what a process has left that is gone itself. */
  const looksAt = Effect.fnUntraced(function*({ entry, self }: Target, state: PidState | undefined) {
    const process = state === undefined ? undefined : { pid: entry.pid, startTicks: ticksOf(state) }
    // When the target of `self` ends, those above it are no ancestors of the caller any more.
    const above = new Map<number, number | undefined>()
    for (const pid of yield* os.ancestors) above.set(pid, ticksOf(yield* os.inspect(pid)))
    if (process !== undefined) above.delete(process.pid)

    return Effect.fnUntraced(function*(known: ReadonlyArray<TreeMember>) {
      const found = yield* os.tree({ target: process, id: entry.id, self, known })
      const members = found.filter(({ pid, startTicks }) => !above.has(pid) || above.get(pid) !== startTicks)
      if (process === undefined || members.some(({ pid }) => pid === entry.pid)) return members
      // A process of another user may be hidden from a look at all of them, but not from one at its pid.
      if (state === undefined || !isSame(state, yield* os.inspect(entry.pid))) return members
      return [{ ...process, parent: 0, group: 0, session: 0, tagged: false, command: "" }, ...members]
    })
  })

  /** The looks at a process that is gone; fails unless it has left something that shows whose it is. */
  const looksAtRest = Effect.fnUntraced(function*(target: Target, reason: NotRunning) {
    const look = yield* looksAt(target, undefined)
    const isLeft = target.entry.status === "running" && (yield* look([])).some(({ tagged }) => tagged)
    return isLeft ? look : yield* fail(reason)
  })

  /** Ends the process of an entry and, unless told otherwise, its tree. No last signal: all ended by themselves before. */
  const end = Effect.fnUntraced(function*(target: Target, options: KillOptions = {}) {
    const { entry, self } = target
    const alone = options.tree === false
    const signal = options.signal ?? "SIGTERM"
    const { look, observation } = yield* Effect.flatMap(
      check(target),
      (observation) => Effect.map(looksAt(target, observation.state), (look) => ({ look, observation }))
    ).pipe(
      Effect.catchReason(
        "ProcessControlError",
        "NotRunning",
        (reason) =>
          alone
            ? fail(reason)
            : Effect.map(looksAtRest(target, reason), (look) => ({ look, observation: undefined }))
      )
    )
    const { last, seen, survivors } = yield* withAudit(entry, observation, (send) =>
      endTree({
        send,
        signal,
        tree: alone
          ? (known) => Effect.map(look(known), (members) => members.filter(({ pid }) => pid === entry.pid))
          : look,
        targetPid: entry.pid,
        targetLast: self,
        grace: Duration.fromInputUnsafe(options.grace ?? defaultGrace)
      })).pipe(Effect.catchTag("OsProcessError", (error) => explain(entry, error)))

    const [survivor, ...others] = survivors
    if (survivor !== undefined) {
      return yield* others.length === 0 && survivor.pid === entry.pid && survivor.why === foreign
        ? notPermitted(entry)
        : fail(new StillAlive({ id: entry.id, pid: entry.pid, signal, survivors }))
    }
    return { last, seen }
  })

  return { check, hangUp, end }
}

const isSame = (before: PidState, now: PidState): boolean =>
  // The time of day may be set while we wait; the kernel's own clock is not.
  before._tag === "Running" && now._tag === "Running" && ticksOf(before) === ticksOf(now)
