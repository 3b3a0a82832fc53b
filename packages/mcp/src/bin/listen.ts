/**
 * What the program does with `--socket` and `--http`: a file of its own, which
 * a server on standard input and output does not load.
 */
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import type { ServerEvent } from "@modelcontextprotocol/server"
import { ZagHome } from "@zag/core/ZagHome"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Logger from "effect/Logger"
import * as Path from "effect/Path"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
// @effect-diagnostics-next-line nodeBuiltinImport:off -- to set its bounds, and to close what is left in the end
import { createServer } from "node:http"
import * as BearerToken from "../BearerToken.ts"
import * as Http from "../Http.ts"
import * as Server from "../Server.ts"
import * as Socket from "../Socket.ts"
import { stream as updateStream, Updates } from "../Updates.ts"
import * as HttpAddress from "./httpAddress.ts"
import { StartError, UsageError } from "./ProgramError.ts"

export interface Flags {
  readonly socket?: string | undefined
  readonly http?: string | undefined
  readonly "token-file"?: string | undefined
  readonly "allow-remote"?: boolean | undefined
}

// Milliseconds. Long enough for a slow machine, short enough that nobody keeps many connections busy with nothing.
const bounds = {
  headersTimeout: 10_000,
  requestTimeout: 20_000,
  keepAliveTimeout: 10_000,
  connectionsCheckingInterval: 1000
}

const connectionLimit = 1024

const onSocket = Effect.fnUntraced(function*(path: string, factory: Server.Factory) {
  yield* Socket.listen(path, factory)
  yield* Console.error(`Listening on ${path}`)
})

/** For those who speak the revision of 2026. That is watched from the beginning, so that nobody misses anything. */
const changes = Effect.map(Updates, (updates) =>
  updateStream.pipe(
    Stream.map((update): ServerEvent =>
      update._tag === "Updated" ? { kind: "resource_updated", uri: update.uri } : { kind: "resources_list_changed" }
    ),
    Stream.provideService(Updates, updates)
  ))

/** Only as far as the machine goes, unless all that makes it safe was thought of. */
const allowedAddress = Effect.fnUntraced(function*(text: string, flags: Flags) {
  const address = HttpAddress.parse(text)
  if (address === undefined) {
    return yield* new UsageError({ problem: `--http takes [HOST:]PORT, such as 3970 or [::1]:3970, not "${text}"` })
  }
  if (!HttpAddress.isLoopback(address) && !(flags["allow-remote"] === true && flags["token-file"] !== undefined)) {
    return yield* new UsageError({
      problem: `other machines may reach ${address.host}. Use 127.0.0.1, or give both --token-file and --allow-remote`
    })
  }
  return address
})

const onHttp = Effect.fnUntraced(function*(text: string, flags: Flags, factory: Server.Factory) {
  const address = yield* allowedAddress(text, flags)
  const path = yield* Path.Path
  const tokenFile = flags["token-file"] ?? path.join((yield* ZagHome).directory, "mcp-token")
  const token = yield* BearerToken.fromFile(tokenFile)

  const node = createServer(bounds)
  node.maxConnections = connectionLimit
  const server = yield* NodeHttpServer.make(() => node, { ...address, gracefulShutdownTimeout: "1 second" }).pipe(
    Effect.mapError(({ cause }) => new StartError({ problem: `Cannot listen on ${text}: ${(cause as Error).message}` }))
  )
  yield* Effect.addFinalizer(() => Effect.sync(() => node.closeAllConnections()))

  // Closes before the server does, so that clients get an answer to what they are waiting for.
  const open = yield* Scope.make()
  const handler = yield* Scope.provide(open)(Http.make(factory, {
    token,
    hosts: [HttpAddress.inUrl(address)],
    anyHost: HttpAddress.isEvery(address),
    changes: yield* changes
  }))
  yield* server.serve(handler)
  yield* Effect.addFinalizer(() => Scope.close(open, Exit.void))

  const port = server.address._tag === "UnixPathAddress" ? address.port : server.address.port
  yield* Console.error(
    `Listening on http://${HttpAddress.inUrl(address)}:${port}${Http.path}, for who bears the token in ${tokenFile}`
  )
})

/** Serves all who come, until the program is told to end. */
export const listen = (options: Server.Options, flags: Flags) =>
  Effect.gen(function*() {
    const factory = yield* Server.factory(options)
    if (flags.http !== undefined) yield* onHttp(flags.http, flags, factory)
    if (flags.socket !== undefined) yield* onSocket(flags.socket, factory)
    return yield* Effect.never
  }).pipe(
    Effect.scoped,
    Effect.provide(Updates.layer),
    Effect.mapError((error) =>
      error instanceof UsageError || error instanceof StartError ? error : new StartError({ problem: error.message })
    ),
    Effect.provideService(Logger.LogToStderr, true)
  )
