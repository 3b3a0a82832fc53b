/**
 * Processes of the operating system that a test starts, and that end with it.
 */
import { NodeServices } from "@effect/platform-node"
import { assert } from "@effect/vitest"
import * as Zag from "@zag/core/node"
import { ConfigProvider, Effect, FileSystem, Layer, Option, Schedule, Stream } from "effect"
import { ChildProcess } from "effect/process"

/** Starts a program; the end of the scope kills it and all that it started. */
export const start = (program: string, ...args: ReadonlyArray<string>) =>
  ChildProcess.make(program, args, { stdin: "ignore", stderr: "inherit", killSignal: "SIGKILL" })

/** Starts a shell script and waits for the first line it prints. */
export const startScript = Effect.fnUntraced(function*(script: string) {
  const handle = yield* start("sh", "-c", script)
  const line = yield* handle.stdout.pipe(Stream.decodeText, Stream.splitLines, Stream.runHead)
  return { handle, pid: Number(handle.pid), line: Option.getOrElse(line, () => assert.fail(`no output: ${script}`)) }
})

/**
 * Starts an agent from a script that prints the numbers of those it has
 * started, and then `ready`; the id is in their environment.
 */
export const startAgent = Effect.fnUntraced(function*(id: string, script: string, env: Record<string, string> = {}) {
  const handle = yield* ChildProcess.make("sh", ["-c", script], {
    env: { ...env, ZAG_PROCESS_ID: id },
    extendEnv: true,
    stdin: "ignore",
    stderr: "inherit",
    killSignal: "SIGKILL"
  })
  const lines = yield* handle.stdout.pipe(
    Stream.decodeText,
    Stream.splitLines,
    Stream.takeUntil((line) => line === "ready"),
    Stream.runCollect
  )
  return { handle, pid: Number(handle.pid), children: lines.slice(0, -1).map(Number) }
})

/** A process that ends only by SIGKILL. */
export const startStubborn = startScript("trap '' HUP TERM; echo ready; while :; do sleep 1; done")

/** What `/proc` says of a pid, without the code under test: the letter of its state, or none. */
export const procState = Effect.fnUntraced(function*(pid: number) {
  const fs = yield* FileSystem.FileSystem
  const stat = yield* Effect.option(fs.readFileString(`/proc/${pid}/stat`))
  return Option.map(stat, (text) => text.slice(text.lastIndexOf(")") + 2)[0]!)
})

/** All services on real processes and a registry of the test's own. */
export const realServices = Layer.unwrap(Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const directory = yield* fs.makeTempDirectoryScoped({ prefix: "zag-core-" })
  // HOME as well: an error in reading the one must not lead to the real registry.
  const env = { ZAG_HOME: directory, HOME: directory }
  return Layer.fresh(Zag.layer).pipe(
    Layer.provide(Layer.succeed(ConfigProvider.ConfigProvider, ConfigProvider.fromEnv({ env })))
  )
})).pipe(Layer.provideMerge(NodeServices.layer))

export const isAlive = (pid: number) =>
  Effect.map(procState(pid), (state) => Option.isSome(state) && state.value !== "Z" && state.value !== "X")

export const isGone = (pid: number) => Effect.map(procState(pid), (state) => Option.isNone(state))

/** Waits until the condition holds; the time limit of the test ends it. */
export const until = <E, R>(condition: Effect.Effect<boolean, E, R>) =>
  Effect.repeat(condition, { until: (holds) => holds, schedule: Schedule.spaced(10) })

/** The pid of a process that has ended and that its parent never asks for. */
export const startZombie = Effect.gen(function*() {
  // `exec` leaves a parent that knows nothing of the child.
  const { line, handle } = yield* startScript("sleep 0 & echo $!; exec sleep 600")
  const pid = Number(line)
  yield* until(Effect.map(procState(pid), (state) => Option.getOrUndefined(state) === "Z"))
  return { pid, parent: Number(handle.pid) }
})

/** The pid of a process that has ended and of which nothing is left. */
export const startAndEnd = Effect.gen(function*() {
  const handle = yield* start("true")
  yield* handle.exitCode
  const pid = Number(handle.pid)
  yield* until(isGone(pid))
  return pid
})

/** A process with several threads, and the id of one that is not its first. */
export const startThreads = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const handle = yield* start(process.execPath, "-e", "console.log('ready'); setInterval(() => {}, 1e9)")
  yield* handle.stdout.pipe(Stream.decodeText, Stream.splitLines, Stream.runHead)
  const pid = Number(handle.pid)
  const threads = (yield* fs.readDirectory(`/proc/${pid}/task`)).map(Number).filter((thread) => thread !== pid)
  assert.isAtLeast(threads.length, 1)
  return { pid, thread: threads[0]! }
})
