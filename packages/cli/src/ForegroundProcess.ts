/**
 * A child that takes this program's place: it gets standard input, output and
 * error as they are, and the signals sent to this program.
 */
import * as Data from "effect/Data"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
// @effect-diagnostics-next-line nodeBuiltinImport:off -- Effect's spawner hides the signal that ended a child
import { type ChildProcess, spawn, type SpawnOptions } from "node:child_process"
import { constants } from "node:os"
import * as SignalRelay from "./SignalRelay.ts"

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
        return `Command not found: ${this.command === "" ? "\"\"" : this.command}`
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

/** Starts a child, with which `use` goes on. Node throws some failures at once, and tells of the others later. */
export const spawnChild = <A, E>(
  command: string,
  args: ReadonlyArray<string>,
  options: SpawnOptions,
  use: (child: ChildProcess, resume: (effect: Effect.Effect<A, E>) => void) => void
): Effect.Effect<A, E | SpawnFailed> =>
  Effect.callback<A, E | SpawnFailed>((resume) => {
    // That it is empty, Node takes for a mistake of the program.
    const failed = ({ code }: NodeJS.ErrnoException) =>
      resume(new SpawnFailed({ command, code: command === "" ? "ENOENT" : code }))
    let child: ChildProcess
    try {
      child = spawn(command, args, options)
    } catch (error) {
      return failed(error as NodeJS.ErrnoException)
    }
    child.on("error", failed)
    use(child, resume)
  })

export interface Foreground {
  readonly pid: number
  readonly exit: Effect.Effect<ChildExit>
  /** Sends a signal to the child, or to its group if it leads one; nothing once it has ended. */
  readonly signal: (signal: NodeJS.Signals) => Effect.Effect<void>
  /** From now on this program does not stop with the child: it is about to end it. */
  readonly stayAwake: Effect.Effect<void>
}

/** Takes the signals of this program; answers how to start the one child that is to get them. */
export const make = Effect.map(SignalRelay.make, (relay) => ({
  /** The child is not ended when the scope closes: wait for its exit first. */
  start: Effect.fn("ForegroundProcess.start")(function*(
    command: string,
    args: ReadonlyArray<string>,
    environment: Readonly<Record<string, string | undefined>>
  ) {
    const exit = yield* Deferred.make<ChildExit>()
    const options: SpawnOptions = {
      stdio: "inherit",
      detached: !relay.sharesGroup,
      env: { ...process.env, ...environment }
    }
    const pid = yield* spawnChild<number, never>(command, args, options, (child, resume) => {
      child.on("spawn", () => resume(Effect.succeed(child.pid!)))
      child.on("exit", (code, signal) => Deferred.doneUnsafe(exit, Effect.succeed({ code, signal })))
      relay.connect(child)
    })
    return {
      pid,
      exit: Deferred.await(exit),
      signal: (signal) => Effect.sync(() => relay.send(signal)),
      stayAwake: Effect.sync(relay.stayAwake)
    } satisfies Foreground
  })
}))

/** The exit code of what a signal has ended: 128 and its number, as shells give it. */
export const exitCodeOfSignal = (signal: NodeJS.Signals): number => 128 + constants.signals[signal]

/** The exit code of a program that passes on how its child ended. */
export const exitCodeOf = ({ code, signal }: ChildExit): number =>
  signal === null ? code ?? 1 : exitCodeOfSignal(signal)
