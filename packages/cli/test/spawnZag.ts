/**
 * Runs `zag` as a program of its own, from its sources, on a home of its own.
 */
import { NodeServices } from "@effect/platform-node"
import { Effect, Exit, FileSystem, Schedule, Schema, Stream } from "effect"
import { ChildProcess, ChildProcessSpawner } from "effect/process"
import { fileURLToPath } from "node:url"
import { endedOf } from "./endedOf.ts"

const bin = fileURLToPath(new URL("../src/bin.ts", import.meta.url))

const Registry = Schema.fromJsonString(Schema.Struct({
  processes: Schema.Array(Schema.Struct({
    id: Schema.String,
    pid: Schema.Int,
    status: Schema.String,
    exit_code: Schema.NullOr(Schema.Int),
    exited_at: Schema.NullOr(Schema.String),
    provider: Schema.String,
    parent_process_id: Schema.NullOr(Schema.String),
    parent_session_id: Schema.NullOr(Schema.String)
  }))
}))

export type Entry = (typeof Registry.Type)["processes"][number]

/** The result of a program that has ended. */
export interface Ended {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

export interface Options {
  readonly stdin?: string
  readonly env?: Record<string, string>
}

export const makeHome = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const spawner = yield* ChildProcessSpawner.ChildProcessSpawner
  const directory = yield* Effect.acquireRelease(
    fs.makeTempDirectory({ prefix: "zag-test-" }),
    // What runs in the background may be writing there still.
    (directory) =>
      Effect.orDie(Effect.retry(fs.remove(directory, { recursive: true }), { schedule: Schedule.spaced("20 millis") }))
  )
  const file = `${directory}/processes.json`
  const env = { HOME: directory, ZAG_HOME: directory, ZAG_PROCESS_ID: undefined, ZAG_SESSION_ID: undefined }

  /** The command line that runs `zag`, for use in a shell. */
  const zag = `'${process.execPath}' --conditions=@zag/source '${bin}'`

  const start = (args: ReadonlyArray<string>, options?: Options) =>
    Effect.gen(function*() {
      const handle = yield* spawner.spawn(ChildProcess.make(
        process.execPath,
        ["--conditions=@zag/source", bin, ...args],
        {
          env: { ...env, ...options?.env },
          extendEnv: true,
          stdin: options?.stdin === undefined ? "ignore" : Stream.encodeText(Stream.make(options.stdin))
        }
      ))
      const ended = endedOf(handle)
      return { pid: handle.pid as number, handle, ended: Effect.map(ended, (ended): Ended => ended) }
    })

  const run = (args: ReadonlyArray<string>, options?: Options) =>
    Effect.scoped(Effect.flatMap(start(args, options), ({ ended }) => ended))

  const entries = Effect.gen(function*() {
    if (!(yield* fs.exists(file))) return []
    return (yield* Schema.decodeEffect(Registry)(yield* fs.readFileString(file))).processes
  })

  /** Waits until an entry is as it should be. */
  const entry = (what: (entry: Entry) => boolean) =>
    entries.pipe(
      Effect.map((all) => all.find(what)),
      Effect.repeat({ until: (found) => found !== undefined, schedule: Schedule.spaced("20 millis") }),
      Effect.map((found) => found!)
    )

  return { directory, file, zag, start, run, entries, entry }
})

/** The letter by which the operating system says what a process does, such as T when it was stopped; none when it is gone. */
export const stateOf = (pid: number) =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const stat = yield* Effect.exit(fs.readFileString(`/proc/${pid}/stat`))
    return Exit.isSuccess(stat) ? /\) (.) /.exec(stat.value)?.[1] : undefined
  })

/** Whether the operating system still has a process, zombies left out. */
export const isAlive = (pid: number) =>
  Effect.map(stateOf(pid), (state) => state !== undefined && state !== "Z" && state !== "X")

/** Ends what a test has started, should it still be there. */
export const endIfAlive = (pid: number) =>
  Effect.map(isAlive(pid), (alive) => {
    if (alive && pid > 1) process.kill(pid, "SIGKILL")
  })

/** Waits until something is so. */
export const until = <E, R>(condition: Effect.Effect<boolean, E, R>) =>
  Effect.repeat(condition, { until: (holds) => holds, schedule: Schedule.spaced("20 millis") })

/** The first line that a program says. */
export const firstLine = <E>(output: Stream.Stream<Uint8Array, E>) =>
  output.pipe(Stream.decodeText(), Stream.splitLines, Stream.take(1), Stream.mkString)

export const services = NodeServices.layer
