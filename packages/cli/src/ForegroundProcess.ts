/**
 * A child that takes this program's place at the terminal: it gets standard
 * input, output and error as they are, and the signals sent to this program.
 */
import * as Data from "effect/Data"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
// @effect-diagnostics-next-line nodeBuiltinImport:off -- Effect's spawner hides the signal that ended a child
import { type ChildProcess, spawn } from "node:child_process"
import { constants } from "node:os"

/** How a child ended: its exit code, or the signal that ended it. */
export interface ChildExit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

export class SpawnFailed extends Data.TaggedError("SpawnFailed")<{
  readonly command: string
  readonly code: string | undefined
}> {
  override get message(): string {
    switch (this.code) {
      case "ENOENT":
        return `Command not found: ${this.command}`
      case "EACCES":
        return `Command cannot be executed: ${this.command} (permission denied)`
      default:
        return `Command could not be started: ${this.command} (${this.code ?? "unknown error"})`
    }
  }

  /** The exit code that shells give to this failure. */
  get exitCode(): number {
    return this.code === "ENOENT" ? 127 : 126
  }
}

export interface Foreground {
  readonly pid: number
  readonly exit: Effect.Effect<ChildExit>
}

const forwarded = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"] as const

// The terminal itself sends these to the child as well; passing them on would deliver them twice.
const fromTerminal: ReadonlySet<NodeJS.Signals> = new Set(["SIGINT", "SIGQUIT"])

/**
 * Signals go to the child alone: the runtime, which would end the program on
 * some of them, does not see them until the scope closes.
 */
const takeSignals = (child: () => ChildProcess | undefined): Effect.Effect<void, never, Scope.Scope> =>
  Effect.asVoid(Effect.acquireRelease(
    Effect.sync(() =>
      forwarded.map((signal) => {
        const others = process.listeners(signal)
        const own = () => {
          if (!(process.stdin.isTTY && fromTerminal.has(signal))) child()?.kill(signal)
        }
        process.removeAllListeners(signal)
        process.on(signal, own)
        return { signal, own, others }
      })
    ),
    (taken) =>
      Effect.sync(() => {
        for (const { others, own, signal } of taken) {
          process.removeListener(signal, own)
          for (const other of others) process.on(signal, other)
        }
      })
  ))

/** Starts the child. It is not ended when the scope closes: wait for its exit first. */
export const start = Effect.fn("ForegroundProcess.start")(function*(
  command: string,
  args: ReadonlyArray<string>,
  environment: Readonly<Record<string, string | undefined>>
) {
  const exit = yield* Deferred.make<ChildExit>()
  let child: ChildProcess | undefined
  yield* takeSignals(() => child)
  yield* Effect.callback<void, SpawnFailed>((resume) => {
    child = spawn(command, args, { stdio: "inherit", env: { ...process.env, ...environment } })
    child.on("spawn", () => resume(Effect.void))
    child.on("error", (error: NodeJS.ErrnoException) => resume(new SpawnFailed({ command, code: error.code })))
    child.on("exit", (code, signal) => Deferred.doneUnsafe(exit, Effect.succeed({ code, signal })))
  })
  return { pid: child!.pid!, exit: Deferred.await(exit) } satisfies Foreground
})

/** The exit code of a program that passes on how its child ended: 128 and the number of the signal, as shells do. */
export const exitCodeOf = ({ code, signal }: ChildExit): number =>
  signal === null ? code ?? 1 : 128 + constants.signals[signal]
