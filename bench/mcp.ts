/**
 * What `zag-mcp` costs over stdio: from its start to the list of its tools,
 * against a Node that does nothing; a page of 50 of 10,000 entries; small calls
 * as fast as they can be sent; and its memory after 10,000 of them.
 *
 * Run it with `npm run bench`, after a build, or alone: `node bench/mcp.ts`.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import type * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Console from "effect/Console"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as ChildProcess from "effect/process/ChildProcess"
import * as ChildProcessSpawner from "effect/process/ChildProcessSpawner"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import { fileURLToPath } from "node:url"
import { idOf, makeHome } from "./store/registry.ts"

const zagMcp = fileURLToPath(new URL("../packages/mcp/bin/zag-mcp.cjs", import.meta.url))
const rounds = 31
const calls = 1000
// As often, until the server is compiled as well as it ever is.
const warmUp = 5

const sorted = (values: ReadonlyArray<number>) => values.toSorted((a, b) => a - b)
const percentile = (values: ReadonlyArray<number>, percent: number): number =>
  sorted(values)[Math.min(values.length - 1, Math.floor(values.length * percent / 100))]!
const median = (values: ReadonlyArray<number>): number => percentile(values, 50)

const timed = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const before = yield* Clock.currentTimeNanos
    yield* effect
    return Number((yield* Clock.currentTimeNanos) - before) / 1e6
  })

// In bytes, of what is still in use.
const reportHeap = "data:text/javascript,process.on('exit', () => " +
  "(gc(), process.stderr.write(String(process.memoryUsage().heapUsed))))"

const line = (message: object) => `${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`

/** A server with a session open, and how to send it requests without waiting for the answers. */
const startServer = Effect.fnUntraced(function*(home: string, flags: ReadonlyArray<string> = []) {
  const spawner = yield* ChildProcessSpawner.ChildProcessSpawner
  const requests = yield* Queue.unbounded<string, Cause.Done>()
  const handle = yield* spawner.spawn(ChildProcess.make(process.execPath, [...flags, zagMcp], {
    env: { HOME: home, ZAG_HOME: home },
    extendEnv: true,
    stdin: Stream.encodeText(Stream.fromQueue(requests))
  }))
  let answered = 0
  let wanted = 0
  let reached = yield* Deferred.make<void>()
  yield* handle.stdout.pipe(
    Stream.runForEach((bytes) =>
      Effect.sync(() => {
        // Each answer is a line; what is in them does not matter here.
        for (const byte of bytes) if (byte === 10) answered++
        if (answered >= wanted) Deferred.doneUnsafe(reached, Effect.void)
      })
    ),
    Effect.forkScoped
  )
  let id = 0
  const send = (messages: ReadonlyArray<readonly [method: string, params: object]>) =>
    Effect.gen(function*() {
      wanted += messages.length
      reached = yield* Deferred.make<void>()
      yield* Queue.offer(requests, messages.map(([method, params]) => line({ id: ++id, method, params })).join(""))
      yield* Deferred.await(reached)
    })
  yield* send([["initialize", {
    protocolVersion: "2025-11-25",
    capabilities: {},
    clientInfo: { name: "bench", version: "0" }
  }]])
  yield* Queue.offer(requests, line({ method: "notifications/initialized" }))
  /** Ends it, and answers what it has said beside its answers. */
  const end = Effect.andThen(Queue.end(requests), Stream.mkString(Stream.decodeText(handle.stderr)))
  return { pid: handle.pid, send, end }
})

const call = (name: string, args: object) => ["tools/call", { name, arguments: args }] as const

const startUp = Effect.gen(function*() {
  const spawner = yield* ChildProcessSpawner.ChildProcessSpawner
  const { directory } = yield* makeHome(100)
  const bare = Effect.scoped(Effect.flatMap(
    spawner.spawn(ChildProcess.make(process.execPath, ["-e", "0"])),
    (handle) => handle.exitCode
  ))
  const listed = Effect.scoped(Effect.gen(function*() {
    const { send } = yield* startServer(directory)
    yield* send([["tools/list", {}]])
  }))
  const times: Array<readonly [bare: number, listed: number]> = []
  // The first two rounds fill the compile cache and are not counted.
  for (let round = -2; round < rounds; round++) {
    const pair = [yield* timed(bare), yield* timed(listed)] as const
    if (round >= 0) times.push(pair)
  }
  const row = (name: string, values: ReadonlyArray<number>, ratio: number) =>
    `| ${name} | ${Math.min(...values).toFixed(0)} | ${median(values).toFixed(0)} | ${ratio.toFixed(2)} |`
  yield* Console.log([
    `Start-up, ${rounds} rounds in turns, milliseconds; the ratio is the median of the rounds`,
    "",
    "|  | min | median | ratio |",
    "| --- | --- | --- | --- |",
    row("`node -e 0`", times.map(([bare]) => bare), 1),
    row("`zag-mcp` to the list of its tools", times.map(([, own]) => own), median(times.map(([a, b]) => b / a))),
    ""
  ].join("\n"))
})

const page = Effect.gen(function*() {
  const { directory } = yield* makeHome(10_000)
  const { send } = yield* startServer(directory)
  const list = send([call("list_processes", { limit: 50 })])
  for (let i = 0; i < 200; i++) yield* list
  const times: Array<number> = []
  for (let i = 0; i < calls; i++) times.push(yield* timed(list))
  yield* Console.log(
    `list_processes, 50 of 10,000, one after the other: p50 ${median(times).toFixed(2)} ms, p99 ${
      percentile(times, 99).toFixed(2)
    } ms\n`
  )
})

const small = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const { directory } = yield* makeHome(100)
  const { end, pid, send } = yield* startServer(directory, ["--expose-gc", `--import=${reportHeap}`])
  const some = send(Array.from({ length: calls }, () => call("get_process", { id: idOf(1) })))
  const resident = Effect.map(
    fs.readFileString(`/proc/${pid}/status`),
    (status) => Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024
  )
  for (let i = 0; i < warmUp; i++) yield* some
  const before = yield* resident
  const times: Array<number> = []
  for (let i = 0; i < 10; i++) times.push(yield* timed(some))
  const after = yield* resident
  const heap = Number(yield* end) / 2 ** 20
  yield* Console.log(
    `get_process, ${calls} at once: ${(calls / median(times) * 1000).toFixed(0)} calls a second; ` +
      `${before.toFixed(0)} MB after the first ${warmUp * calls}, ${after.toFixed(0)} MB after 10,000 more, ` +
      `of which ${heap.toFixed(0)} MB are in use`
  )
})

Effect.gen(function*() {
  yield* Effect.scoped(startUp)
  yield* Effect.scoped(page)
  yield* Effect.scoped(small)
}).pipe(Effect.provide(NodeServices.layer), NodeRuntime.runMain)
