/**
 * Servers that listen, and the official client that connects to them.
 */
import { NodeHttpServer, NodeServices } from "@effect/platform-node"
import { Client, type ClientOptions, StreamableHTTPClientTransport, type Transport } from "@modelcontextprotocol/client"
import { StdioServerTransport } from "@modelcontextprotocol/server/stdio"
import { Effect, FileSystem, Redacted } from "effect"
import { HttpServer } from "effect/http"
// @effect-diagnostics-next-line nodeBuiltinImport:off -- what clients send that no client of Effect or MCP would
import { createServer, type IncomingMessage, request, type RequestOptions } from "node:http"
import { connect } from "node:net"
import * as Http from "../src/Http.ts"
import type * as Server from "../src/Server.ts"
import * as Socket from "../src/Socket.ts"
import type { Mode } from "./connect.ts"

const token = "a-token-that-is-only-for-tests"

/** Listens on a port of its own; gives the URL of that. */
export const listenHttp = Effect.fnUntraced(function*(factory: Server.Factory, options?: Http.Options) {
  const node = createServer()
  const handler = yield* Http.make(factory, { token: Redacted.make(token), ...options })
  const server = yield* NodeHttpServer.make(() => node, { host: "127.0.0.1", port: 0 })
  yield* server.serve(handler)
  yield* Effect.addFinalizer(() => Effect.sync(() => node.closeAllConnections()))
  return `${HttpServer.formatAddress(server.address)}${Http.path}`
})

/** Listens on a socket in a directory of its own; gives the path of that. */
export const listenSocket = Effect.fnUntraced(function*(factory: Server.Factory) {
  const fs = yield* FileSystem.FileSystem
  const path = `${yield* fs.makeTempDirectoryScoped({ prefix: "zag-mcp-test-" })}/mcp.sock`
  yield* Socket.listen(path, factory)
  return path
}, Effect.provide(NodeServices.layer))

/** Connected to a path. The server's end of a stream speaks as the client's does. */
export const socketTransport = (path: string): Effect.Effect<Transport, Error> =>
  Effect.callback((resume) => {
    const socket = connect(path, () => {
      const transport = new StdioServerTransport(socket, socket)
      const close = transport.close.bind(transport)
      resume(Effect.succeed(Object.assign(transport, { close: () => close().then(() => void socket.destroy()) })))
    })
    socket.once("error", (error) => resume(Effect.fail(error)))
  })

const httpTransport = (url: string, bearing = token): Effect.Effect<Transport> =>
  Effect.sync(() =>
    new StreamableHTTPClientTransport(new URL(url), {
      requestInit: { headers: { authorization: `Bearer ${bearing}` } }
    })
  )

const connectBy = <E>(transport: Effect.Effect<Transport, E>) =>
  Effect.fnUntraced(function*(mode: Mode, options?: ClientOptions) {
    const client = new Client({ name: "test", version: "0" }, { ...options, versionNegotiation: { mode } })
    const connection = yield* transport
    yield* Effect.acquireRelease(
      Effect.promise(() => client.connect(connection)),
      () => Effect.promise(() => client.close())
    )
    return client
  })

export const connectHttp = (url: string, mode: Mode, bearing?: string) => connectBy(httpTransport(url, bearing))(mode)

export const connectSocket = (path: string, mode: Mode) => connectBy(Effect.orDie(socketTransport(path)))(mode)

const kinds = {
  http: (factory: Server.Factory) => Effect.map(listenHttp(factory), (url) => connectBy(httpTransport(url))),
  socket: (factory: Server.Factory) =>
    Effect.map(listenSocket(factory), (path) => connectBy(Effect.orDie(socketTransport(path))))
}

export type Kind = keyof typeof kinds

/** Listens; gives what connects a client, a new one each time. */
export const listen = Effect.fnUntraced(function*(kind: Kind, factory: Server.Factory) {
  return yield* kinds[kind](factory)
})

export interface Answer {
  readonly status: number
  readonly session: string | undefined
  readonly body: string
}

/** One request as it is, without a client that knows what is right. */
export const send = (url: string, options: RequestOptions, body: string | Buffer = "") =>
  Effect.callback<Answer, NodeJS.ErrnoException>((resume) => {
    const sent = request(url, options, (response) => {
      response.setEncoding("utf8")
      let body = ""
      response.on("data", (chunk: string) => body += chunk)
      response.on("end", () =>
        resume(Effect.succeed({
          status: response.statusCode!,
          session: response.headers["mcp-session-id"] as string | undefined,
          body
        })))
    })
    sent.on("error", (error) => resume(Effect.fail(error)))
    sent.end(body)
    return Effect.sync(() => sent.destroy())
  })

export const headers = {
  authorization: `Bearer ${token}`,
  "content-type": "application/json",
  accept: "application/json, text/event-stream"
}

/** A response that stays open, until the scope closes. */
export const openStream = (url: string, options: RequestOptions) =>
  Effect.acquireRelease(
    Effect.callback<IncomingMessage>((resume) => {
      request(url, options, (response) => resume(Effect.succeed(response.resume()))).end()
    }),
    (response) => Effect.sync(() => response.destroy())
  )

/** The first that a response has in it. */
export const beginningOf = (url: string, options: RequestOptions) =>
  Effect.callback<string>((resume) => {
    const sent = request(url, options, (response) => {
      response.once("data", (chunk) => resume(Effect.succeed(String(chunk))))
      response.on("error", () => {})
    })
    sent.end()
    return Effect.sync(() => sent.destroy())
  })

export const message = (id: number, method: string, params = {}) =>
  JSON.stringify({ jsonrpc: "2.0", id, method, params })

export const initialize = message(1, "initialize", {
  protocolVersion: "2025-11-25",
  capabilities: {},
  clientInfo: { name: "test", version: "0" }
})
