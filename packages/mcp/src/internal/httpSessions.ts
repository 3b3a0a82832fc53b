/**
 * The sessions of clients that speak a revision of the protocol from before
 * 2026, which begin one with their first request and name it in all others.
 */
import { type McpServerFactory, WebStandardStreamableHTTPServerTransport } from "@modelcontextprotocol/server"
import * as SecureRandom from "effect/crypto/SecureRandom"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FiberMap from "effect/FiberMap"
import type * as Scope from "effect/Scope"

export interface Options {
  /** After how long without a request, and without a stream that is open, a session ends. */
  readonly idle: Duration.Input
  /** How many there are at most. */
  readonly limit: number
  readonly onError: (error: Error) => void
}

interface Session {
  readonly id: string
  readonly close: Effect.Effect<void>
  readonly answer: (request: Request) => Effect.Effect<Response>
  /** How many requests are being answered, streams that stay open among them. */
  busy: number
}

const refusal = (status: number, code: number, message: string, headers?: Record<string, string>): Response =>
  Response.json({ jsonrpc: "2.0", error: { code, message }, id: null }, { status, headers: headers ?? {} })

/** What answers the requests of all sessions; they end with the scope. */
export const make = Effect.fnUntraced(function*(factory: McpServerFactory, options: Options) {
  // Those that were used last are at the end.
  const sessions = new Map<string, Session>()
  const expiries = yield* FiberMap.make<string>()
  const later = yield* FiberMap.runtime(expiries)()
  yield* Effect.addFinalizer(() => Effect.forEach(sessions.values(), ({ close }) => close, { discard: true }))

  /** Until the scope, that of a request, closes. */
  const use = (session: Session): Effect.Effect<void, never, Scope.Scope> =>
    Effect.acquireRelease(
      Effect.suspend(() => {
        session.busy++
        return FiberMap.remove(expiries, session.id)
      }),
      () =>
        Effect.sync(() => {
          session.busy--
          if (session.busy > 0 || !sessions.delete(session.id)) return
          sessions.set(session.id, session)
          later(session.id, Effect.delay(session.close, options.idle))
        })
    )

  const isFull = () => sessions.size >= options.limit
  const oldestIdle = () => Array.from(sessions.values()).find(({ busy }) => busy === 0)

  const begin = Effect.fnUntraced(function*(request: Request) {
    if (isFull() && oldestIdle() === undefined) {
      return refusal(503, -32_000, "Too many sessions are at work; try again later", { "retry-after": "10" })
    }
    const transport = new WebStandardStreamableHTTPServerTransport({ sessionIdGenerator: SecureRandom.uuidV4Unsafe })
    // oxlint-disable-next-line unicorn/prefer-add-event-listener -- a transport is no event target
    transport.onerror = options.onError
    const server = yield* Effect.promise(() => Promise.resolve(factory({ era: "legacy", requestInfo: request })))
    yield* Effect.promise(() => server.connect(transport))
    const response = yield* Effect.promise(() => transport.handleRequest(request))
    const close = Effect.promise(() => server.close())
    const { sessionId: id } = transport
    if (id === undefined) {
      yield* close
      return response
    }
    const superseded = isFull() ? oldestIdle() : undefined
    if (superseded !== undefined) {
      yield* superseded.close
      yield* FiberMap.remove(expiries, superseded.id)
    }
    const session: Session = {
      id,
      close,
      answer: (request) => Effect.promise(() => transport.handleRequest(request)),
      busy: 0
    }
    sessions.set(id, session)
    const { onclose } = transport
    // oxlint-disable-next-line unicorn/prefer-add-event-listener -- a transport is no event target
    transport.onclose = () => {
      sessions.delete(id)
      onclose?.()
    }
    yield* use(session)
    return response
  }, Effect.uninterruptible)

  return Effect.fnUntraced(function*(request: Request) {
    const id = request.headers.get("mcp-session-id")
    if (id === null) return yield* begin(request)
    const session = sessions.get(id)
    if (session === undefined) return refusal(404, -32_001, "Session not found: begin another one with initialize")
    yield* use(session)
    return yield* session.answer(request)
  })
})
