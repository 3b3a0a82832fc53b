/**
 * The main job, for real: two agents run under `zag ps run`, an MCP client sees
 * them through `zag-mcp` and kills one. Everything happens in a directory of
 * its own; afterwards nothing is left, neither files nor processes.
 *
 * Run it with `npm start`.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Client } from "@modelcontextprotocol/client"
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio"
import * as Config from "effect/Config"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as ChildProcess from "effect/process/ChildProcess"
import * as ChildProcessSpawner from "effect/process/ChildProcessSpawner"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"

const Processes = Schema.Struct({
  processes: Schema.Array(Schema.Struct({
    id: Schema.String,
    pid: Schema.Int,
    provider: Schema.String,
    live_status: Schema.String
  }))
})

const Outcome = Schema.Struct({ status: Schema.String, signal: Schema.String, pid: Schema.Int })

const connect = Effect.fn("connect")(function*(home: string) {
  // npm puts the commands of this workspace on the path.
  const path = yield* Config.String("PATH")
  const client = new Client({ name: "demo", version: "1.0.0" }, { capabilities: { elicitation: { form: {} } } })
  // Where a person would be shown a form, and tick a box.
  client.setRequestHandler("elicitation/create", ({ params }) => {
    process.stdout.write(`The server asks:\n${params.message.replaceAll(/^/gm, "  ")}\nThe person says yes.\n`)
    return { action: "accept", content: { confirm: true } }
  })
  const transport = new StdioClientTransport({ command: "zag-mcp", env: { PATH: path, ZAG_HOME: home } })
  yield* Effect.acquireRelease(
    Effect.promise(() => client.connect(transport)),
    () => Effect.promise(() => client.close())
  )
  return client
})

const heading = (text: string) => Console.log(`\n# ${text}\n`)

const demo = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const spawner = yield* ChildProcessSpawner.ChildProcessSpawner
  const home = yield* fs.makeTempDirectoryScoped({ prefix: "zag-demo-" })
  const options = { env: { ZAG_HOME: home, ZAG_PROCESS_ID: undefined, ZAG_SESSION_ID: undefined }, extendEnv: true }

  const run = (provider: string, model: string, prompt: string) =>
    spawner.spawn(ChildProcess.make(
      "zag",
      ["ps", "run", "-p", provider, "-m", model, "--prompt", prompt, "--", "sleep", "300"],
      { ...options, stdin: "ignore", stdout: "ignore", stderr: "inherit" }
    ))

  const table = Effect.flatMap(
    spawner.string(ChildProcess.make("zag", ["ps"], options)),
    (text) => Console.log(text.trimEnd())
  )

  yield* heading("Two agents start under `zag ps run` (each is really a `sleep`)")
  const agents = yield* Effect.all([
    run("claude", "sonnet", "Fix the flaky login test"),
    run("codex", "gpt-5", "Summarise the changelog")
  ], { concurrency: "unbounded" })
  const wrappers = new Set<number>(agents.map((agent) => agent.pid))

  const client = yield* connect(home)
  const call = (name: string, args: Record<string, unknown>) =>
    Effect.promise(() => client.callTool({ name, arguments: args }))
  const list = Effect.flatMap(
    call("list_processes", { running: true }),
    ({ structuredContent }) => Schema.decodeUnknownEffect(Processes)(structuredContent)
  )

  // Both are there once each entry points at the agent and no longer at the program that started it.
  const { processes } = yield* list.pipe(Effect.repeat({
    schedule: Schedule.spaced("50 millis"),
    until: ({ processes }) => processes.length === 2 && processes.every((process) => !wrappers.has(process.pid))
  }))
  yield* table

  yield* heading("An MCP client calls `list_processes`")
  for (const { id, live_status, pid, provider } of processes) {
    yield* Console.log(`${provider}: ${live_status}, pid ${pid}, id ${id}`)
  }

  const target = processes.find((process) => process.provider === "claude")!
  yield* heading(`It calls \`kill_process\` with the id of ${target.provider}`)
  const { structuredContent } = yield* call("kill_process", { id: target.id })
  const { signal, status } = yield* Schema.decodeUnknownEffect(Outcome)(structuredContent)
  yield* Console.log(`The tool answers: ${status}, by ${signal}`)
  yield* Console.log(`pid ${target.pid} in the operating system: ${(yield* isAlive(target.pid)) ? "ALIVE" : "gone"}`)
  yield* Console.log(`its \`zag ps run\` ended with exit code ${yield* agents[0].exitCode}`)

  yield* heading("Afterwards")
  yield* table

  const other = processes.find((process) => process.id !== target.id)!
  yield* spawner.string(ChildProcess.make("zag", ["ps", "kill", other.id], options))
  yield* agents[1].exitCode
})

const isAlive = (pid: number) =>
  Effect.sync(() => {
    try {
      return process.kill(pid, 0)
    } catch {
      return false
    }
  })

demo.pipe(
  Effect.scoped,
  Effect.timeout("60 seconds"),
  Effect.provide(NodeServices.layer),
  NodeRuntime.runMain
)
