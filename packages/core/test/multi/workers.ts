/**
 * Several real programs on one registry, and what they were told is in it.
 */
import { assert } from "@effect/vitest"
import { Effect, Fiber, FileSystem, Path, Schema, Stream } from "effect"
import { ChildProcess } from "effect/process"
import { until } from "../realProcess.ts"

export interface Worker {
  readonly pid: number
  /** What it has said so far. */
  readonly lines: ReadonlyArray<string>
  /** Lets it go on. */
  readonly tell: Effect.Effect<void>
  /** Waits until it has said something that holds. */
  readonly says: (line: string) => Effect.Effect<void>
  /** Waits until it has said so many lines more than this, and answers that one. */
  readonly line: (index: number) => Effect.Effect<string>
  /** Waits for its end, and for all that it said. */
  readonly ended: Effect.Effect<void>
  /** Ends it at once; all that it said is known then. */
  readonly kill: Effect.Effect<void>
}

interface Options {
  /** What the program is run by, such as `unshare`. */
  readonly within?: ReadonlyArray<string>
}

const script = (name: string) => Effect.flatMap(Path.Path, (path) => path.fromFileUrl(new URL(name, import.meta.url)))

const word = Stream.encodeText(Stream.make("go on\n"))

/** Starts a script of this directory; the end of the scope kills it. */
export const startWorker = Effect.fnUntraced(function*(
  name: string,
  args: ReadonlyArray<string>,
  { within = [] }: Options = {}
) {
  const [program, ...rest] = [...within, process.execPath, "--conditions=@zag/source", yield* script(name), ...args]
  const handle = yield* ChildProcess.make(program!, rest, {
    stdin: { stream: "pipe", endOnDone: false },
    stderr: "inherit",
    killSignal: "SIGKILL"
  })
  const lines: Array<string> = []
  const reading = yield* handle.stdout.pipe(
    Stream.decodeText,
    Stream.splitLines,
    Stream.runForEach((line) => Effect.sync(() => lines.push(line))),
    Effect.forkScoped
  )
  const ended = Effect.andThen(Effect.exit(handle.exitCode), Fiber.await(reading))
  return {
    pid: Number(handle.pid),
    lines,
    tell: Effect.orDie(Stream.run(word, handle.stdin)),
    says: (line) =>
      until(Effect.gen(function*() {
        if (lines.includes(line)) return true
        return (yield* Effect.orDie(handle.isRunning)) ? false : assert.fail(`it ended before it said ${line}`)
      })),
    line: (index) => Effect.map(until(Effect.sync(() => lines.length > index)), () => lines[index]!),
    ended: Effect.asVoid(ended),
    kill: Effect.andThen(Effect.ignore(handle.kill({ killSignal: "SIGKILL" })), Effect.asVoid(ended))
  } satisfies Worker
})

/** Starts workers of `worker.ts`, and lets them go on together when all are there. */
export const startTogether = Effect.fnUntraced(function*(all: ReadonlyArray<ReadonlyArray<string>>, options?: Options) {
  const workers = yield* Effect.forEach(all, (args) => startWorker("worker.ts", args, options), {
    concurrency: "unbounded"
  })
  yield* Effect.forEach(workers, (worker) => worker.says("ready"), { concurrency: "unbounded" })
  yield* Effect.forEach(workers, (worker) => worker.tell, { concurrency: "unbounded" })
  return workers
})

/** Waits until all have done all they were to do. */
export const finishAll = (workers: ReadonlyArray<Worker>) =>
  Effect.forEach(
    workers,
    (worker) => Effect.andThen(worker.ended, Effect.sync(() => assert.include(worker.lines, "finished"))),
    { concurrency: "unbounded" }
  )

/** What each entry can be according to those who changed it: pids, or "none". */
export const promised = (workers: ReadonlyArray<Worker>): ReadonlyMap<string, ReadonlyArray<string>> => {
  const promises = new Map<string, ReadonlyArray<string>>()
  for (const line of workers.flatMap(({ lines }) => lines)) {
    const [kind, id, state] = line.split(" ") as [string, string, string]
    // Asked for but not acknowledged: it may be either.
    if (kind === "intent") promises.set(id, [...promises.get(id) ?? ["none"], state])
    if (kind === "done") promises.set(id, [state])
  }
  return promises
}

const File = Schema.fromJsonString(
  Schema.Struct({ processes: Schema.Array(Schema.Struct({ id: Schema.String, pid: Schema.Finite })) })
)

/** The file as any other program reads it, which must always succeed. */
export const readRegistry = Effect.fnUntraced(function*(home: string) {
  const fs = yield* FileSystem.FileSystem
  const { processes } = yield* Schema.decodeEffect(File)(yield* fs.readFileString(`${home}/processes.json`))
  assert.strictEqual(new Set(processes.map(({ id }) => id)).size, processes.length)
  return new Map(processes.map(({ id, pid }) => [id, String(pid)]))
})

/** Everything that was acknowledged stands in the file; answers how many changes those were. */
export const assertKept = Effect.fnUntraced(function*(home: string, workers: ReadonlyArray<Worker>) {
  const registry = yield* readRegistry(home)
  const broken = Array.from(promised(workers)).filter(([id, states]) => !states.includes(registry.get(id) ?? "none"))
  assert.deepStrictEqual(broken.map(([id, states]) => `${id}: ${states} but ${registry.get(id) ?? "none"}`), [])
  return workers.flatMap(({ lines }) => lines).filter((line) => line.startsWith("done ")).length
})
