import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePath from "@effect/platform-node/NodePath"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Zag from "@zag/core/node/processes"
import * as Cause from "effect/Cause"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Runtime from "effect/Runtime"
import { parseArgs } from "node:util"
import PackageJson from "../package.json" with { type: "json" }
import { StartError, UsageError } from "./bin/ProgramError.ts"
import * as Server from "./Server.ts"

const help = `${PackageJson.description}.

Speaks the Model Context Protocol over standard input and output, started by an
MCP client; or, until it is told to end, on a Unix socket or over HTTP for all
clients that come.

Usage: zag-mcp [OPTIONS] [--socket PATH] [--http [HOST:]PORT]
       zag-mcp --help | --version

Configure a client like this:

  {
    "mcpServers": {
      "zag": { "command": "zag-mcp" }
    }
  }

Environment:
  ZAG_HOME        Directory of the registry, processes.json [default: ~/.zag]
  ZAG_PROCESS_ID  Entry of the session it runs in, which the id "self" stands
                  for; set by zag

Options:
  --read-only     Offer only the tools that change nothing: no stop, no kill
  --scope SCOPE   Which processes a client may stop or kill: own, those of the
                  session that the server runs in, or all. Outside a session
                  there is no difference [default: own]
  --confirm HOW   Before a process is stopped or killed: ask the person through
                  the client, and refuse where that cannot ask; allow it; or
                  deny it. Never "self", by which an agent hands in its result
                  and ends its own session [default: ask]
  --register      Enter the client into the registry for as long as it is
                  connected, unless it runs in a session already
  --socket PATH   Listen on a Unix socket that only this user can connect to
  --http [HOST:]PORT
                  Listen at http://HOST:PORT/mcp, on 127.0.0.1 unless told
                  otherwise; port 0 takes a free one. Clients must send the token
                  of the token file: Authorization: Bearer TOKEN
  --token-file FILE
                  File with the token, made with a random one when it does not
                  exist; nobody else may read it [default: mcp-token in ZAG_HOME]
  --allow-remote  Let HOST be an address that other machines can reach; only with
                  --token-file. Nothing is encrypted
  -h, --help      Show this help
  --version       Show the version`

const flags = Effect.try({
  try: () =>
    parseArgs({
      options: {
        help: { type: "boolean", short: "h" },
        version: { type: "boolean" },
        "read-only": { type: "boolean" },
        scope: { type: "string" },
        confirm: { type: "string" },
        register: { type: "boolean" },
        socket: { type: "string" },
        http: { type: "string" },
        "token-file": { type: "string" },
        "allow-remote": { type: "boolean" }
      }
    }).values,
  catch: (error) => new UsageError({ problem: (error as Error).message })
})

const layer = Zag.layer.pipe(Layer.provideMerge(Layer.mergeAll(NodeFileSystem.layer, NodePath.layer)))

const main = Effect.gen(function*() {
  const { confirm, help: wantsHelp, "read-only": readOnly, register, scope, version, ...listening } = yield* flags
  if (wantsHelp === true) return yield* Console.log(help)
  if (version === true) return yield* Console.log(PackageJson.version)
  if (scope !== undefined && scope !== "own" && scope !== "all") {
    return yield* new UsageError({ problem: `--scope is "own" or "all", not "${scope}"` })
  }
  if (confirm !== undefined && confirm !== "ask" && confirm !== "allow" && confirm !== "deny") {
    return yield* new UsageError({ problem: `--confirm is "ask", "allow" or "deny", not "${confirm}"` })
  }
  if (listening.http === undefined && (listening["token-file"] !== undefined || listening["allow-remote"] === true)) {
    return yield* new UsageError({ problem: "--token-file and --allow-remote are for --http" })
  }
  if (listening.socket === "") return yield* new UsageError({ problem: "--socket takes the path of a file to make" })
  const options: Server.Options = { readOnly, scope, confirm }
  if (listening.http === undefined && listening.socket === undefined) {
    return yield* Effect.provide(Server.stdio({ ...options, register }), layer)
  }
  if (register === true) {
    return yield* new UsageError({ problem: "--register is for a server that its client has started" })
  }
  const { listen } = yield* Effect.promise(() => import("./bin/listen.ts"))
  return yield* Effect.provide(listen(options, listening), layer)
})

// Whoever reads the log may go away before the clients do, and that must not end the server.
process.stderr.on("error", () => {})

main.pipe(
  Effect.tapCause((cause) => {
    if (Cause.hasInterruptsOnly(cause)) return Effect.void
    const error = Cause.squash(cause)
    return Console.error(
      error instanceof UsageError || error instanceof StartError ? error.message : Cause.pretty(cause)
    )
  }),
  // The report of `runMain` would go to stdout, which belongs to the protocol.
  NodeRuntime.runMain({
    disableErrorReporting: true,
    // A signal is how a client ends a server that does not see its input end.
    teardown: (exit, onExit) =>
      Exit.isFailure(exit) && Cause.hasInterruptsOnly(exit.cause) ? onExit(0) : Runtime.defaultTeardown(exit, onExit)
  })
)
