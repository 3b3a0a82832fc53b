/**
 * The server as a program of its own, from its sources, on a home of its own;
 * spoken to in the raw protocol, so that everything it writes is seen, or by the
 * official client.
 */
import { NodeServices } from "@effect/platform-node"
import { Client } from "@modelcontextprotocol/client"
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio"
import { type Cause, Effect, FileSystem, type PlatformError, Queue, Schema, Stream } from "effect"
import { ChildProcess, ChildProcessSpawner } from "effect/process"
import { fileURLToPath } from "node:url"
import { endedOf } from "../../cli/test/endedOf.ts"
import type { Mode } from "./connect.ts"

/** Node's arguments for the program. */
export const program = [
  // Node 22 warns that it strips types.
  "--disable-warning=ExperimentalWarning",
  "--conditions=@zag/source",
  fileURLToPath(new URL("../src/bin.ts", import.meta.url))
]

const Message = Schema.fromJsonString(Schema.Struct({
  jsonrpc: Schema.Literal("2.0"),
  id: Schema.Int,
  result: Schema.Unknown
}))

const ToolList = Schema.Struct({ tools: Schema.Array(Schema.Struct({ name: Schema.String })) })

const ToolResult = Schema.Struct({
  content: Schema.Array(Schema.Struct({
    type: Schema.Literals(["text", "resource_link"]),
    text: Schema.optionalKey(Schema.String),
    uri: Schema.optionalKey(Schema.String)
  })),
  structuredContent: Schema.optionalKey(Schema.Unknown),
  isError: Schema.optionalKey(Schema.Boolean)
})

/** A temporary home, its registry, and the environment that leads there and nowhere else. */
export const makeHome = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const directory = yield* fs.makeTempDirectoryScoped({ prefix: "zag-mcp-test-" })
  return { file: `${directory}/processes.json`, env: { HOME: directory, ZAG_HOME: directory } }
})

/** The official client of a server of its own, which is a program. */
export const spawnClient = Effect.fnUntraced(function*(
  mode: Mode,
  env: Record<string, string>,
  args: ReadonlyArray<string> = []
) {
  const client = new Client({ name: "test", version: "0" }, { versionNegotiation: { mode } })
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [...program, ...args],
    env,
    stderr: "inherit"
  })
  yield* Effect.acquireRelease(
    Effect.promise(() => client.connect(transport)),
    () => Effect.promise(() => client.close())
  )
  return client
})

/** The result of a program that has ended. */
export interface Ended {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs the program with some arguments, and nothing to read, until it ends. */
export const run = Effect.fnUntraced(function*(args: ReadonlyArray<string>) {
  const spawner = yield* ChildProcessSpawner.ChildProcessSpawner
  const { env } = yield* makeHome
  const handle = yield* spawner.spawn(
    ChildProcess.make(process.execPath, [...program, ...args], { env, stdin: "ignore" })
  )
  const ended: Ended = yield* endedOf(handle)
  return ended
}, Effect.scoped)

/** Starts the program and opens a session with it. */
export const spawnServer = Effect.fnUntraced(function*(
  env: Record<string, string>,
  args: ReadonlyArray<string> = []
) {
  const spawner = yield* ChildProcessSpawner.ChildProcessSpawner
  const requests = yield* Queue.unbounded<string, Cause.Done>()
  const lines = yield* Queue.unbounded<string, PlatformError.PlatformError | Cause.Done>()
  const handle = yield* spawner.spawn(
    ChildProcess.make(process.execPath, [...program, ...args], {
      env,
      stdin: Stream.encodeText(Stream.fromQueue(requests))
    })
  )
  yield* Effect.forkScoped(
    handle.stdout.pipe(Stream.decodeText(), Stream.splitLines, Stream.runIntoQueue(lines))
  )

  let id = 0
  const send = (message: object) => Queue.offer(requests, `${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`)

  // The answer must be the next line: nothing else may be written to stdout.
  const request = Effect.fnUntraced(function*(method: string, params: object) {
    yield* send({ id: ++id, method, params })
    const answer = yield* Schema.decodeEffect(Message)(yield* Queue.take(lines), { onExcessProperty: "error" })
    if (answer.id !== id) return yield* Effect.die(`answer to ${answer.id} instead of ${id}`)
    return answer.result
  })

  yield* request("initialize", {
    protocolVersion: "2025-11-25",
    capabilities: {},
    clientInfo: { name: "test", version: "0" }
  })
  yield* send({ method: "notifications/initialized" })

  const ended: Effect.Effect<Ended, PlatformError.PlatformError> = Effect.all({
    exitCode: handle.exitCode,
    stdout: Stream.mkString(Stream.fromQueue(lines)),
    stderr: Stream.mkString(Stream.decodeText(handle.stderr))
  }, { concurrency: "unbounded" })

  return {
    send,
    tools: Effect.map(
      Effect.flatMap(request("tools/list", {}), Schema.decodeUnknownEffect(ToolList)),
      ({ tools }) => tools.map(({ name }) => name)
    ),
    call: (name: string, args: object) =>
      Effect.flatMap(request("tools/call", { name, arguments: args }), Schema.decodeUnknownEffect(ToolResult)),
    /** Asks for the tools so often at the same time, until all is answered. */
    askAtOnce: (count: number) =>
      Effect.gen(function*() {
        const ids = Array.from({ length: count }, () => ++id)
        yield* Effect.forEach(ids, (id) => send({ id, method: "tools/list" }))
        const answers = yield* Effect.forEach(
          ids,
          () => Effect.flatMap(Queue.take(lines), Schema.decodeEffect(Message))
        )
        return answers.map(({ id }) => id).toSorted((a, b) => a - b).every((id, at) => id === ids[at])
      }),
    /** Ends the input, as a client does that goes away. */
    hangUp: Queue.end(requests),
    kill: (signal: ChildProcess.Signal) => handle.kill({ killSignal: signal }),
    /** How it ended, with what it wrote beside its answers. */
    ended
  }
})

export const services = NodeServices.layer
