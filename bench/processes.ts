/**
 * What it costs to look at 1,000 running processes: whether each is still the
 * one that was registered, and what they use.
 *
 * Run it with `npm run bench`, or alone with
 * `node --conditions=@zag/source bench/processes.ts`.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Zag from "@zag/core/node"
import { OsProcess } from "@zag/core/OsProcess"
import { ProcessControl } from "@zag/core/ProcessControl"
import { ProcessEntry } from "@zag/core/ProcessEntry"
import { ProcessStore } from "@zag/core/ProcessStore"
import { Sidecar } from "@zag/core/Sidecar"
import * as Timestamp from "@zag/core/Timestamp"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as ChildProcess from "effect/process/ChildProcess"
import * as Stream from "effect/Stream"
import { median, table, takeTurns, timeOf } from "./store/measure.ts"

const count = 1000
const rounds = 15

/** So many processes that do nothing; the end of the scope ends them. */
const start = Effect.gen(function*() {
  const script = `n=0; while [ $n -lt ${count} ]; do n=$((n+1)); sleep 600 & echo $!; done; echo; wait`
  const { stdout } = yield* ChildProcess.make("sh", ["-c", script], {
    stdin: "ignore",
    detached: true,
    killSignal: "SIGKILL"
  })
  const lines = yield* stdout.pipe(
    Stream.decodeText,
    Stream.splitLines,
    Stream.takeUntil((line) => line === ""),
    Stream.runCollect
  )
  return lines.slice(0, count).map(Number)
})

const entryOf = (pid: number, startedAt: string) =>
  new ProcessEntry({
    id: `00000000-0000-4000-8000-${String(pid).padStart(12, "0")}`,
    pid,
    sessionId: null,
    provider: "claude",
    model: "sonnet",
    command: "run",
    prompt: "Fix the build",
    startedAt,
    status: "running",
    exitCode: null,
    exitedAt: null,
    root: "/home/somebody/project",
    parentProcessId: null,
    parentSessionId: null
  })

const row = (name: string, times: ReadonlyArray<number>) => [name, median(times).toFixed(1)]

const bench = Effect.gen(function*() {
  const control = yield* ProcessControl
  const os = yield* OsProcess
  const sidecar = yield* Sidecar
  const store = yield* ProcessStore

  const pids = yield* start
  const startedAt = yield* Timestamp.now
  const entries = pids.map((pid) => entryOf(pid, startedAt))
  yield* Effect.forEach(entries, store.add, { concurrency: "unbounded", discard: true })
  const ids = entries.map(({ id }) => id)
  yield* sidecar.withLock(() => Effect.void)
  // The first look records who they are.
  yield* control.list()
  const { processes } = yield* control.list()
  if (!processes.every(({ verified }) => verified)) return yield* Effect.die("not all of them are running and verified")

  const { identities, inspect, list, usage } = yield* takeTurns(rounds, {
    inspect: timeOf(Effect.forEach(pids, os.inspect, { discard: true })),
    identities: timeOf(Effect.orDie(sidecar.identities(ids))),
    list: timeOf(Effect.orDie(control.list())),
    usage: timeOf(os.usage(pids))
  })
  yield* Console.log(table([`${count} running processes`, "milliseconds"], [
    row("a look at each in the operating system", inspect),
    row("reading who they were", identities),
    row("list with live status, all of it", list),
    row("what they use: CPU, memory, age", usage)
  ]))
})

const home = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const directory = yield* fs.makeTempDirectoryScoped({ prefix: "zag-bench-" })
  return ConfigProvider.fromEnv({ env: { ZAG_HOME: directory, HOME: directory } })
})

Effect.flatMap(home, (provider) =>
  bench.pipe(
    Effect.scoped,
    Effect.provide(Zag.layer),
    Effect.provideService(ConfigProvider.ConfigProvider, provider)
  )).pipe(
    Effect.scoped,
    Effect.provide(NodeServices.layer),
    NodeRuntime.runMain
  )
