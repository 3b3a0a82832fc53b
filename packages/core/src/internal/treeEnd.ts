/**
 * Ending all processes of a tree, and being certain that none is left.
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { EndingSignal, ProcessId, Signal, TreeMember } from "../OsProcess.ts"
import type { OsProcessError } from "../OsProcessError.ts"
import type { SendSignal } from "./auditing.ts"

/** A process that no signal has ended. */
export interface Survivor {
  readonly pid: number
  readonly command: string
  /** Why it could not be signalled; none when it could. */
  readonly why?: string
}

/** Why a signal does not reach a process of somebody else. */
export const foreign = "belongs to another user"

export interface TreeEnd {
  /** All that were ever seen to belong to the tree. */
  readonly seen: ReadonlyArray<TreeMember>
  readonly survivors: ReadonlyArray<Survivor>
  /** The last signal that reached one of them; none when all were gone before. */
  readonly last: EndingSignal | undefined
}

export interface Options {
  readonly send: SendSignal
  /** What they are asked to end by. */
  readonly signal: EndingSignal
  /** One look at the tree, given who was seen in it before. */
  readonly tree: (known: ReadonlyArray<TreeMember>) => Effect.Effect<ReadonlyArray<TreeMember>>
  /** Whose refusal of SIGTERM ends it all; the number may be nobody's. */
  readonly targetPid: number
  /** Whether the target gets its signal after all others, because the caller may not outlive it for long. */
  readonly targetLast: boolean
  readonly grace: Duration.Duration
}

// Milliseconds after SIGKILL: the kernel ends a process at once unless it is in the middle of an operation that cannot
// be interrupted.
const afterSigkill = 2000

// Milliseconds after which a tree that goes on growing is given up.
const longestKill = 30_000

// How often a tree that grows while it is being stopped is looked at before it is killed as it is.
const stopRounds = 20

const keyOf = ({ pid, startTicks }: ProcessId) => `${pid} ${startTicks}`

// A process that is ending has lost its command line.
const betterCommand = (before: string | undefined, now: string): string =>
  before !== undefined && before !== "" && (now === "" || now.startsWith("[")) ? before : now

/** Fails when the target may not be signalled at all. */
export const endTree = Effect.fnUntraced(function*(options: Options) {
  const seen = new Map<string, TreeMember>()
  const asked = new Set<string>()
  const refusals = new Map<string, string>()
  let last: TreeEnd["last"]

  const lookOnce = Effect.gen(function*() {
    const members = yield* options.tree(Array.from(seen.values()))
    for (const member of members) {
      // The last look counts: it may run another program by now, or lead a session.
      seen.set(keyOf(member), { ...member, command: betterCommand(seen.get(keyOf(member))?.command, member.command) })
    }
    return members
  })

  // What forks and ends while the table is being read may be missed, parent and child: one empty look proves nothing.
  const look = Effect.filterOrElse(lookOnce, (members) => members.length > 0, () => lookOnce)

  /** Sends each signal to each process once. */
  const send = Effect.fnUntraced(function*(member: TreeMember, signal: Signal) {
    const key = `${keyOf(member)} ${signal}`
    if (asked.has(key)) return undefined
    asked.add(key)
    return yield* Effect.match(options.send(member.pid, signal, member.startTicks), {
      onSuccess: () => {
        refusals.delete(keyOf(member))
        if (signal !== "SIGSTOP") last = signal
        return undefined
      },
      onFailure: (error: OsProcessError) => {
        if (error.reason._tag === "NotPermitted") refusals.set(keyOf(member), foreign)
        if (error.reason._tag === "PidRefused") refusals.set(keyOf(member), `is never signalled: ${error.reason.why}`)
        // Who cannot be stopped can be killed all the same.
        if (error.reason._tag === "SignalImpossible" && signal !== "SIGSTOP") {
          refusals.set(keyOf(member), `could not be signalled: ${error.reason.why}`)
        }
        return error
      }
    })
  })

  const inOrder = (members: ReadonlyArray<TreeMember>) => {
    const isTarget = ({ pid }: TreeMember) => pid === options.targetPid
    const others = members.filter((member) => !isTarget(member))
    const target = members.filter(isTarget)
    return options.targetLast ? [...others, ...target] : [...target, ...others]
  }

  /** Looks again and again until nobody is left, no milliseconds are left, or `act` gives up. */
  const until = Effect.fnUntraced(function*<E>(
    millisLeft: (sinceBegin: number, sinceSignal: number) => number,
    act: (members: ReadonlyArray<TreeMember>) => Effect.Effect<boolean, E>
  ) {
    const begin = yield* Clock.currentTimeMillis
    let lastSignal = begin
    while (true) {
      const before = yield* Clock.currentTimeMillis
      const sentBefore = asked.size
      const members = yield* look
      if (members.length === 0) return members
      const goOn = yield* act(members)
      const now = yield* Clock.currentTimeMillis
      const isQuiet = asked.size === sentBefore
      if (!isQuiet) lastSignal = now
      const left = goOn ? millisLeft(now - begin, now - lastSignal) : 0
      // Who was signalled just now may be gone already.
      if (left <= 0) return isQuiet ? members : yield* look
      // On a system with many processes a look takes long: rest a while.
      if (isQuiet) yield* Effect.sleep(Math.min(left, Math.max(20, 4 * (now - before))))
    }
  })

  const isUnkilled = (member: TreeMember) => !asked.has(`${keyOf(member)} SIGKILL`)

  const ask = Effect.fnUntraced(function*(members: ReadonlyArray<TreeMember>) {
    for (const member of inOrder(members)) {
      const error = yield* send(member, options.signal)
      if (error !== undefined && error.reason._tag !== "NoSuchProcess" && member.pid === options.targetPid) {
        return yield* error
      }
    }
    return true
  })

  /**
   * Whoever watches another, to start it anew or to fork once more, can do so
   * between two SIGKILLs. So all are stopped before the first one dies, and
   * until then each child still has its parent, by which it is found. A process
   * alone is spared that: its shell would take the terminal back.
   */
  const kill = Effect.fnUntraced(function*(members: ReadonlyArray<TreeMember>) {
    let all = members.filter(isUnkilled)
    if (members.length > 1) {
      for (let round = 0; round < stopRounds; round++) {
        const running = all.filter((member) => !asked.has(`${keyOf(member)} SIGSTOP`) && !refusals.has(keyOf(member)))
        if (running.length === 0) break
        for (const member of inOrder(running)) yield* send(member, "SIGSTOP")
        all = (yield* lookOnce).filter(isUnkilled)
      }
    }
    for (const member of inOrder(all)) yield* send(member, "SIGKILL")
    // When none of them may be signalled, nothing will change any more.
    return last === "SIGKILL" || members.some((member) => !refusals.has(keyOf(member)))
  }, Effect.uninterruptible)

  const grace = Duration.toMillis(options.grace)
  let left = options.signal === "SIGKILL" ? yield* look : yield* until((sinceBegin) => grace - sinceBegin, ask)
  if (left.length > 0) {
    left = yield* until(
      (sinceBegin, sinceSignal) => Math.min(afterSigkill - sinceSignal, longestKill - sinceBegin),
      kill
    )
  }
  const survivors = left.map((member): Survivor => {
    const why = refusals.get(keyOf(member))
    const { command, pid } = seen.get(keyOf(member)) ?? member
    return why === undefined ? { pid, command } : { pid, command, why }
  })
  return { seen: Array.from(seen.values()), survivors, last } satisfies TreeEnd
})
