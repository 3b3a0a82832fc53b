/**
 * Runs the official Inspector without its window on the built program: every
 * tool, resource and prompt, in both eras of the protocol, and its check of the
 * schemas, which must find nothing. Ends with 1 when something is not as it
 * should be. `npm run test:inspector`, after a build; it is fetched for that.
 */
import { NodeRuntime, NodeServices } from "@effect/platform-node"
import * as Zag from "@zag/core/node"
import { ProcessEntry } from "@zag/core/ProcessEntry"
import { ProcessStore } from "@zag/core/ProcessStore"
import * as Timestamp from "@zag/core/Timestamp"
import { ConfigProvider, Console, Effect, Layer } from "effect"
import { ChildProcess, ChildProcessSpawner } from "effect/process"
import { fileURLToPath } from "node:url"
import { endedOf } from "../../../cli/test/endedOf.ts"
import * as ChangingTools from "../../src/ChangingTools.ts"
import * as ReadingTools from "../../src/ReadingTools.ts"
import * as Everything from "../everything.ts"
import * as Registry from "../Registry.ts"
import { makeHome } from "../spawnServer.ts"

const inspector = "@modelcontextprotocol/inspector@2.12.0"

const program = fileURLToPath(new URL("../../bin/zag-mcp.cjs", import.meta.url))

const eras = ["legacy", "modern"]

// What it ends with.
const [ok, toolError] = [0, 5] as const

/** Nobody can be asked through it. */
const refused = new Set<string>([ChangingTools.stopProcess.name, ChangingTools.killProcess.name])

/** What to ask, and what it ends with. */
const rows: ReadonlyArray<readonly [args: ReadonlyArray<string>, exitCode: number]> = [
  [["tools/list", "--strict"], ok],
  [["resources/list"], ok],
  [["resources/templates/list"], ok],
  [["prompts/list"], ok],
  ...Everything.tools.map(({ args, name }) =>
    [
      ["tools/call", "--tool-name", name, "--tool-args-json", JSON.stringify(args)],
      refused.has(name) ? toolError : ok
    ] as const
  ),
  [
    ["tools/call", "--tool-name", ReadingTools.getProcess.name, "--tool-args-json", JSON.stringify({ id: "none" })],
    toolError
  ],
  ...Everything.uris.map((uri) => [["resources/read", "--uri", uri], ok] as const),
  ...Everything.prompts.map(({ args, name }) =>
    [
      [
        "prompts/get",
        "--prompt-name",
        name,
        ...Object.entries(args).flatMap(([key, value]) => ["--prompt-args", `${key}=${value}`])
      ],
      ok
    ] as const
  )
]

/** Where npm keeps what it has fetched, also for those who have another home. */
const cacheOfNpm = Effect.gen(function*() {
  const spawner = yield* ChildProcessSpawner.ChildProcessSpawner
  return (yield* spawner.string(ChildProcess.make("npm", ["config", "get", "cache"]))).trim()
})

const inspect = Effect.fnUntraced(function*(
  cache: string,
  env: Record<string, string>,
  args: ReadonlyArray<string>
) {
  const spawner = yield* ChildProcessSpawner.ChildProcessSpawner
  // It gives its own environment to no server.
  const given = Object.entries(env).flatMap(([name, value]) => ["-e", `${name}=${value}`])
  const handle = yield* spawner.spawn(ChildProcess.make(
    "npx",
    ["--yes", inspector, "--cli", ...given, process.execPath, program, "--format", "json", "--method", ...args],
    { env: { HOME: env["HOME"], npm_config_cache: cache }, extendEnv: true, stdin: "ignore" }
  ))
  return yield* endedOf(handle)
}, Effect.scoped)

Effect.gen(function*() {
  const { env } = yield* makeHome
  const sleeper = yield* ChildProcess.make("sleep", ["3600"], { killSignal: "SIGKILL" })
  yield* Effect.gen(function*() {
    const store = yield* ProcessStore
    const startedAt = yield* Timestamp.now
    for (const entry of [Registry.obedient, Registry.stubborn]) {
      yield* store.add(new ProcessEntry({ ...entry, pid: sleeper.pid, startedAt }))
    }
    yield* store.add(Registry.finished)
  }).pipe(Effect.provide(
    Zag.layer.pipe(Layer.provide(ConfigProvider.layer(ConfigProvider.fromEnv({ env }))))
  ))
  const cache = yield* cacheOfNpm
  for (const era of eras) {
    for (const [args, exitCode] of rows) {
      const session = args.includes(ReadingTools.whoami.name) ? { ZAG_PROCESS_ID: Registry.finished.id } : {}
      const ended = yield* inspect(cache, { ...env, ...session }, [...args, "--protocol-era", era])
      const isRight = ended.exitCode === exitCode
      yield* Console.log(`${isRight ? "ok  " : "FAIL"} ${era} ${args.join(" ")}`)
      if (isRight) continue
      process.exitCode = 1
      yield* Console.log(`ended with ${ended.exitCode}, not ${exitCode}\n${ended.stdout}\n${ended.stderr}`)
    }
  }
  if (!(yield* sleeper.isRunning)) {
    process.exitCode = 1
    yield* Console.log("A process was ended that nobody was asked about")
  }
}).pipe(
  Effect.scoped,
  Effect.provide(NodeServices.layer),
  NodeRuntime.runMain
)
