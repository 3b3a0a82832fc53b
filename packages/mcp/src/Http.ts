/**
 * The server of the Model Context Protocol over HTTP, as a handler for any HTTP
 * server of Effect.
 *
 * @since 0.1.0
 */
import {
  createMcpHandler,
  isLegacyRequest,
  localhostAllowedHostnames,
  type McpServerFactory,
  type ServerEvent,
  validateHostHeader,
  validateOriginHeader
} from "@modelcontextprotocol/server"
import * as Mac from "effect/crypto/Mac"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FiberSet from "effect/FiberSet"
import * as HttpBody from "effect/http/HttpBody"
import { HttpServerError } from "effect/http/HttpServerError"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as HttpSessions from "./internal/httpSessions.ts"

/**
 * The path of the only resource.
 *
 * @category constants
 * @since 0.1.0
 */
export const path = "/mcp"

/**
 * Who is served, and for how long.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** What each request must bear. Without it, whoever reaches the server is served. */
  readonly token?: Redacted.Redacted | undefined
  /**
   * The names that the server may be called by, as in a `Host` header and, for
   * web pages, an `Origin`; IPv6 addresses in brackets. Those of the loopback
   * interface by default.
   */
  readonly hosts?: ReadonlyArray<string> | undefined
  /** The server may be called by any name; for one whose names are not known. An `Origin` is checked all the same. */
  readonly anyHost?: boolean | undefined
  /** After how long without a request, and without an open stream, a session ends; 30 minutes by default. */
  readonly idle?: Duration.Input | undefined
  /**
   * How many sessions there are at most; 256 by default. One more takes the
   * place of the one that has been idle for longest.
   */
  readonly sessionLimit?: number | undefined
  /**
   * What changes, such as a resource that has another content now. Clients that
   * speak the revision of 2026 are told when they have asked for it; those with
   * a session learn it from their own server.
   */
  readonly changes?: Stream.Stream<ServerEvent> | undefined
}

/**
 * Answers one request.
 *
 * @category models
 * @since 0.1.0
 */
export type Handler = Effect.Effect<
  HttpServerResponse.HttpServerResponse,
  HttpServerError,
  HttpServerRequest.HttpServerRequest | Scope.Scope
>

/**
 * Makes a handler over servers such as `Server.factory` makes. What it has open
 * is closed with the scope.
 *
 * **Details**
 *
 * All revisions of the protocol from 2024-11-05 to 2026-07-28 are spoken, those
 * before 2026 in sessions. Bodies have 4 MiB at most. The handler checks the
 * host, the origin and the token by itself; to bound how long a client may take
 * for its request, and how many connect, is up to the HTTP server.
 *
 * **Example** (Serving it on Node)
 *
 * ```ts
 * Effect.gen(function*() {
 *   const handler = yield* Http.make(yield* Server.factory(), { token })
 *   const server = yield* NodeHttpServer.make(createServer, { host: "127.0.0.1", port: 3970 })
 *   yield* server.serve(handler)
 *   yield* Effect.never
 * })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = Effect.fn("Http.make")(function*(
  factory: McpServerFactory,
  options: Options = {}
): Effect.fn.Return<Handler, never, Scope.Scope> {
  const run = yield* FiberSet.makeRuntime()
  const onError = (error: Error) => void run(Effect.logWarning(error.message))
  const sessions = yield* HttpSessions.make(factory, {
    idle: options.idle ?? "30 minutes",
    limit: options.sessionLimit ?? 256,
    onError
  })
  const stateless = yield* Effect.acquireRelease(
    Effect.sync(() => createMcpHandler(factory, { legacy: "reject", onerror: onError })),
    (handler) => Effect.promise(() => handler.close())
  )
  if (options.changes !== undefined) {
    yield* Effect.forkScoped(
      Stream.runForEach(options.changes, (event) => Effect.sync(() => stateless.bus.publish(event)))
    )
  }
  const refuse = guard(options)

  return Effect.gen(function*() {
    const request = yield* HttpServerRequest.HttpServerRequest
    const refused = refuse(request)
    if (refused !== undefined) return refused
    const web = yield* HttpServerRequest.toWeb(request, { signal: yield* abortSignal }).pipe(
      Effect.mapError((reason) => new HttpServerError({ reason }))
    )
    const response = (yield* Effect.promise(() => isLegacyRequest(web)))
      ? yield* sessions(web)
      : yield* Effect.promise(() => stateless.fetch(web))
    return begun(HttpServerResponse.fromWeb(response))
  }).pipe(
    // So that a client that goes away ends what it has asked for.
    Effect.interruptible
  )
})

const bytes = (text: string) => new TextEncoder().encode(text)

const comment = bytes(":\n\n")

/** Node sends the headers with the first bytes. So that nobody waits for them until something happens, these are a comment. */
const begun = (response: HttpServerResponse.HttpServerResponse): HttpServerResponse.HttpServerResponse => {
  const { body } = response
  if (body._tag !== "Stream" || !body.contentType.startsWith("text/event-stream")) return response
  const stream = Stream.concat(Stream.make(comment), body.stream)
  return HttpServerResponse.setBody(response, HttpBody.stream(stream, body.contentType))
}

/** Aborts when all of a request is done, or its client has gone. */
const abortSignal = Effect.map(
  Effect.acquireRelease(
    Effect.sync(() => new AbortController()),
    (controller) => Effect.sync(() => controller.abort())
  ),
  ({ signal }) => signal
)

const refusal = (status: number, message: string, headers?: Record<string, string>) =>
  HttpServerResponse.jsonUnsafe(
    { jsonrpc: "2.0", error: { code: -32_000, message }, id: null },
    { status, headers: headers ?? {} }
  )

/** What must hold before a request is looked at. */
const guard = ({ anyHost, hosts = [], token }: Options) => {
  const names = [...localhostAllowedHostnames(), ...hosts]
  const bears = token === undefined ? () => true : bearing(token)
  return ({ headers, url }: HttpServerRequest.HttpServerRequest) => {
    const host = validateHostHeader(headers["host"], names)
    if (!host.ok && anyHost !== true) return refusal(403, host.message)
    // A web page that somebody visits must not speak for them.
    const origin = validateOriginHeader(headers["origin"], names)
    if (!origin.ok) return refusal(403, origin.message)
    if (url.split("?", 1)[0] !== path) return refusal(404, `There is nothing but ${path}`)
    const { authorization } = headers
    if (authorization === undefined ? token !== undefined : !bears(authorization)) {
      return refusal(401, "A bearer token is needed, the one in the file that the server has named", {
        "www-authenticate": authorization === undefined ? "Bearer" : "Bearer error=\"invalid_token\""
      })
    }
    return undefined
  }
}

const bearing = (token: Redacted.Redacted) => {
  const expected = bytes(Redacted.value(token))
  return (authorization: string): boolean => {
    const [, given] = /^Bearer +(\S+) *$/i.exec(authorization) ?? []
    return given !== undefined && Mac.timingSafeEqual(bytes(given), expected)
  }
}
