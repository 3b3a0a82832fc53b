/**
 * The signals that are sent to this program while a child runs in its place.
 *
 * At a terminal the child shares the process group of this program, so that the
 * terminal and the shell treat both as one job. Away from one it leads a session
 * of its own (Node offers no group without one), and what is sent to this
 * program reaches all of that group, as it would from a terminal.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { isatty } from "node:tty"
import { isStopped, seesStops, stopSelf, stopWith } from "./StoppedChild.ts"

/** A child of this program, as Node knows it. */
export interface Child {
  readonly pid?: number | undefined
  readonly exitCode: number | null
  readonly signalCode: NodeJS.Signals | null
  readonly kill: (signal: NodeJS.Signals) => boolean
}

export interface SignalRelay {
  /** Whether the child is to be started in the group of this program, or as the leader of its own. */
  readonly sharesGroup: boolean
  /** Whom the signals go to; those that came before are not lost. */
  readonly connect: (child: Child) => void
  /** Sends a signal to the child, or to its group if it leads one; nothing once it has ended. */
  readonly send: (signal: NodeJS.Signals) => void
  /** From now on this program does not stop with the child: it is about to end it. */
  readonly stayAwake: () => void
}

type Handler = readonly [signal: NodeJS.Signals, handle: () => void]

const forwarded = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGWINCH"] as const

// A terminal sends these to the child as well, which shares its group; passing them on would deliver them twice.
const fromTerminal: ReadonlySet<NodeJS.Signals> = new Set(["SIGINT", "SIGQUIT", "SIGWINCH"])

// One of the three is enough: in `cat prompt | zag ps run -- agent` the agent may ask at /dev/tty, and Ctrl-Z is for
// all of the pipeline. Not `process.stdin.isTTY`, which would make ready to read what is for the child.
const isAtTerminal = (): boolean => [0, 1, 2].some((fd) => isatty(fd))

// Windows has no process groups that a signal could reach.
const hasGroups = process.platform !== "win32"

const signalGroup = (pid: number, signal: NodeJS.Signals) => {
  // Only ever the group that the child leads: 0 and -1 would be everybody's.
  if (!Number.isSafeInteger(pid) || pid <= 1) return
  try {
    process.kill(-pid, signal)
  } catch {
    // It has just ended, or belongs to another user by now: there is nobody to tell.
  }
}

// What ends a tree stops it first, and what continues a job reaches one of us before the other; a person is slower.
const settled = 200

/** The shell has one job: what stops or continues one of us does so to both. */
const jobOf = (stoppedChild: () => Child | undefined): ReadonlyArray<Handler> => {
  const whenSettled = (act: (child: Child) => void) => () => {
    if (stoppedChild() === undefined) return
    // @effect-diagnostics-next-line globalTimers:off -- a signal is handled outside of all fibers
    setTimeout(() => {
      const child = stoppedChild()
      if (child !== undefined) act(child)
    }, settled)
  }
  const stopsLater: ReadonlyArray<Handler> = seesStops ? [["SIGTSTP", () => {}]] : []
  return [
    // Ctrl-Z stops us no sooner than the child: it has to put the terminal in order before the shell takes it.
    ...stopsLater,
    ["SIGCHLD", whenSettled(({ pid }) => pid !== undefined && stopWith(pid))],
    // The shell continues our group, which the child may have left, as a shell does.
    ["SIGCONT", whenSettled((child) => child.kill("SIGCONT"))]
  ]
}

/** Who stops or continues us means the child. Not SIGTSTP, which a group does not mind that no shell looks after. */
const sessionOf = (send: (signal: NodeJS.Signals) => void): ReadonlyArray<Handler> => [
  ["SIGTSTP", () => {
    send("SIGSTOP")
    stopSelf()
  }],
  ["SIGCONT", () => send("SIGCONT")]
]

/**
 * Nobody else sees these signals until the scope closes; not the runtime either,
 * which would end the program. Somebody listens all the time: with the last
 * listener Node forgets a signal that has come and was not told yet.
 */
const take = (handlers: ReadonlyArray<Handler>): Effect.Effect<void, never, Scope.Scope> =>
  Effect.asVoid(Effect.acquireRelease(
    Effect.sync(() =>
      handlers.map(([signal, handle]) => {
        const others = process.listeners(signal)
        process.on(signal, handle)
        for (const other of others) process.removeListener(signal, other)
        return { signal, handle, others }
      })
    ),
    (taken) =>
      Effect.sync(() => {
        for (const { handle, others, signal } of taken) {
          for (const other of others) process.on(signal, other)
          process.removeListener(signal, handle)
        }
      })
  ))

/** Takes the signals of this program, for a child that is to be started. */
export const make: Effect.Effect<SignalRelay, never, Scope.Scope> = Effect.gen(function*() {
  const sharesGroup = isAtTerminal() || !hasGroups
  const early: Array<NodeJS.Signals> = []
  let child: Child | undefined
  let awake = false

  const send = (signal: NodeJS.Signals) => {
    // Once its end is known, its pid may be somebody else's.
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
    if (sharesGroup) child.kill(signal)
    else signalGroup(child.pid, signal)
  }

  const passOn = (signal: NodeJS.Signals) => {
    if (child === undefined) early.push(signal)
    else if (!(sharesGroup && fromTerminal.has(signal))) send(signal)
  }

  yield* take([
    ...forwarded.map((signal): Handler => [signal, () => passOn(signal)]),
    ...(sharesGroup
      ? jobOf(() => !awake && child?.pid !== undefined && isStopped(child.pid) ? child : undefined)
      : sessionOf(send))
  ])

  return {
    sharesGroup,
    connect: (started) => {
      child = started
      for (const signal of early.splice(0)) send(signal)
    },
    send,
    stayAwake: () => {
      awake = true
    }
  }
})
