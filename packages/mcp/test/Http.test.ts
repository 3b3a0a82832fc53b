import { assert, describe, it } from "@effect/vitest"
import type { ServerEvent } from "@modelcontextprotocol/server"
import { Effect, Exit, Queue, Scope, Stream } from "effect"
import { TestClock } from "effect/testing"
// @effect-diagnostics-next-line nodeBuiltinImport:off -- see `listening.ts`
import type { RequestOptions } from "node:http"
import type * as Http from "../src/Http.ts"
import * as Server from "../src/Server.ts"
import * as Fixture from "./conformance/fixture.ts"
import { beginningOf, connectHttp, headers, initialize, listenHttp, message, openStream, send } from "./listening.ts"
import * as Registry from "./Registry.ts"

const megabytes = (count: number) => Buffer.alloc(count * 1024 * 1024, " ")

const post = { method: "POST", headers }

/** Listens, with the registry of the tests. */
const listening = Effect.fnUntraced(function*(options?: Http.Options) {
  return yield* listenHttp(yield* Server.factory(), options)
})

const begin = (url: string) => send(url, post, initialize)

const inSession = (session: string | undefined, method = "POST"): RequestOptions => ({
  method,
  headers: { ...headers, "mcp-session-id": session! }
})

const ping = (url: string, session: string | undefined) =>
  Effect.map(
    send(url, inSession(session), message(2, "ping")),
    ({ status }) => status
  )

/** The stream on which a session tells what nobody has asked for. */
const openSession = (url: string, session: string | undefined) => openStream(url, inSession(session, "GET"))

const { "content-type": _, ...untyped } = headers
const { authorization: __, ...anonymous } = headers

const refusals: ReadonlyArray<
  readonly [name: string, status: number, options: RequestOptions, body?: string | Buffer]
> = [
  ["without a token", 401, { method: "POST", headers: anonymous }],
  ["with a wrong token", 401, { method: "POST", headers: { ...headers, authorization: "Bearer wrong" } }],
  [
    "with a wrong token of the right length",
    401,
    { method: "POST", headers: { ...headers, authorization: headers.authorization.replace(/.$/, "z") } }
  ],
  ["with the token in another scheme", 401, {
    method: "POST",
    headers: { ...headers, authorization: headers.authorization.replace("Bearer", "Basic") }
  }],
  ["from a web page", 403, { method: "POST", headers: { ...headers, origin: "https://evil.example" } }],
  ["from a page of no origin", 403, { method: "POST", headers: { ...headers, origin: "null" } }],
  ["from a page that looks like this machine", 403, {
    method: "POST",
    headers: { ...headers, origin: "http://localhost.evil.example" }
  }],
  ["to another host", 403, { method: "POST", headers: { ...headers, host: "evil.example" } }],
  ["to no host that there could be", 403, { method: "POST", headers: { ...headers, host: "a b" } }],
  ["of 5 MB", 413, post, megabytes(5)],
  ["of 5 MB that does not say so", 413, {
    method: "POST",
    headers: { ...headers, "transfer-encoding": "chunked" }
  }, megabytes(5)],
  ["of another content type", 415, { method: "POST", headers: { ...untyped, "content-type": "text/plain" } }],
  ["of no content type", 415, { method: "POST", headers: untyped }],
  ["that is no JSON", 400, post, "{"],
  ["that accepts no stream", 406, { method: "POST", headers: { ...headers, accept: "application/json" } }],
  ["of another method", 405, { method: "PUT", headers }],
  ["of an unknown session", 404, inSession("6c1ff00e-ffff-4fff-8fff-ffffffffffff")],
  ["of no session", 400, post, message(1, "tools/list")]
]

describe("a request", () => {
  it.effect.each(refusals)(
    "%s is answered with %i, and the next one is served",
    ([, status, options, body]) =>
      Effect.gen(function*() {
        const url = yield* listening()
        const answer = yield* send(url, options, body ?? initialize)
        assert.strictEqual(answer.status, status)
        assert.include(answer.body, "\"error\"")
        assert.strictEqual((yield* begin(url)).status, 200)
      }).pipe(Effect.provide(Registry.layer))
  )

  it.effect("to another path is not found", () =>
    Effect.gen(function*() {
      const url = yield* listening()
      assert.strictEqual((yield* send(new URL("/other", url).href, post, initialize)).status, 404)
      assert.strictEqual((yield* send(`${url}?query`, post, initialize)).status, 200)
    }).pipe(Effect.provide(Registry.layer)))

  it.effect.each(["localhost", "127.0.0.1:1", "[::1]:3970"])(
    "may call this machine %s",
    (host) =>
      Effect.gen(function*() {
        const url = yield* listening()
        const options = { method: "POST", headers: { ...headers, host, origin: `http://${host}` } }
        assert.strictEqual((yield* send(url, options, initialize)).status, 200)
      }).pipe(Effect.provide(Registry.layer))
  )

  it.effect("may call the server by another name that is its own", () =>
    Effect.gen(function*() {
      const url = yield* listening({ hosts: ["agents.example"] })
      const options = { method: "POST", headers: { ...headers, host: "agents.example:3970" } }
      assert.strictEqual((yield* send(url, options, initialize)).status, 200)
    }).pipe(Effect.provide(Registry.layer)))

  it.effect("may call a server of unknown names as it likes, but not from a web page", () =>
    Effect.gen(function*() {
      const url = yield* listening({ anyHost: true })
      const named = { ...headers, host: "agents.example" }
      assert.strictEqual((yield* send(url, { method: "POST", headers: named }, initialize)).status, 200)
      const fromPage = { ...named, origin: "http://agents.example" }
      assert.strictEqual((yield* send(url, { method: "POST", headers: fromPage }, initialize)).status, 403)
    }).pipe(Effect.provide(Registry.layer)))

  it.effect("needs no token where none is asked for", () =>
    Effect.gen(function*() {
      const url = yield* listening({ token: undefined })
      assert.strictEqual((yield* send(url, { method: "POST", headers: anonymous }, initialize)).status, 200)
    }).pipe(Effect.provide(Registry.layer)))
})

describe("sessions", () => {
  it.effect("200 of them end when nobody has used them for half an hour", () =>
    Effect.gen(function*() {
      const url = yield* listening()
      const begun = yield* Effect.all(Array.from({ length: 200 }, () => begin(url)), { concurrency: 20 })
      const sessions = begun.map(({ session }) => session)
      assert.strictEqual(new Set(sessions).size, 200)
      yield* TestClock.adjust("29 minutes")
      assert.strictEqual(yield* ping(url, sessions[0]), 200)
      yield* TestClock.adjust("1 minute")
      const statuses = yield* Effect.forEach(sessions, (session) => ping(url, session), { concurrency: 20 })
      assert.deepStrictEqual(statuses, [200, ...Array.from({ length: 199 }, () => 404)])
      assert.strictEqual((yield* begin(url)).status, 200)
    }).pipe(Effect.provide(Registry.layer)))

  it.effect("one has the beginning of its stream before anything has happened", () =>
    Effect.gen(function*() {
      const url = yield* listening()
      const { session } = yield* begin(url)
      assert.strictEqual(yield* beginningOf(url, inSession(session, "GET")), ":\n\n")
    }).pipe(Effect.provide(Registry.layer)))

  it.effect("one whose stream is open does not end before that is closed", () =>
    Effect.gen(function*() {
      const url = yield* listening()
      const { session } = yield* begin(url)
      yield* Effect.scoped(Effect.gen(function*() {
        yield* openSession(url, session)
        yield* TestClock.adjust("2 hours")
        assert.strictEqual(yield* ping(url, session), 200)
      }))
      // The server learns only later that the stream is closed; each look is a use.
      yield* Effect.sleep(0).pipe(
        Effect.andThen(TestClock.adjust("31 minutes")),
        Effect.andThen(ping(url, session)),
        Effect.repeat({ until: (status) => status === 404, times: 1000 })
      )
      assert.strictEqual(yield* ping(url, session), 404)
    }).pipe(Effect.provide(Registry.layer)))

  it.effect("one more than there may be takes the place of the one that was used least lately", () =>
    Effect.gen(function*() {
      const url = yield* listening({ sessionLimit: 2 })
      const { session: first } = yield* begin(url)
      const { session: second } = yield* begin(url)
      assert.strictEqual(yield* ping(url, first), 200)
      const { session: third } = yield* begin(url)
      assert.deepStrictEqual(yield* Effect.all([ping(url, first), ping(url, second), ping(url, third)]), [
        200,
        404,
        200
      ])
    }).pipe(Effect.provide(Registry.layer)))

  it.effect("no more of them begin while all are at work", () =>
    Effect.gen(function*() {
      const url = yield* listening({ sessionLimit: 1 })
      const { session } = yield* begin(url)
      yield* openSession(url, session)
      assert.strictEqual((yield* begin(url)).status, 503)
      assert.strictEqual(yield* ping(url, session), 200)
    }).pipe(Effect.provide(Registry.layer)))

  it.effect("a client ends its own", () =>
    Effect.gen(function*() {
      const url = yield* listening()
      const { session } = yield* begin(url)
      assert.strictEqual((yield* send(url, inSession(session, "DELETE"))).status, 200)
      assert.strictEqual(yield* ping(url, session), 404)
    }).pipe(Effect.provide(Registry.layer)))

  it.effect("those that are open end with the scope", () =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const url = yield* Scope.provide(listening(), scope)
      const { session } = yield* begin(url)
      const stream = yield* openSession(url, session)
      yield* Scope.close(scope, Exit.void)
      yield* Effect.callback<void>((resume) => {
        if (stream.closed) return resume(Effect.void)
        stream.once("close", () => resume(Effect.void))
      })
    }).pipe(Effect.provide(Registry.layer)))
})

describe("changes", () => {
  it.effect("are told to a client of 2026 that has asked for them", () =>
    Effect.gen(function*() {
      const events = yield* Queue.unbounded<ServerEvent>()
      const url = yield* listenHttp(Fixture.factory(() => {}), { changes: Stream.fromQueue(events) })
      const client = yield* connectHttp(url, { pin: "2026-07-28" })
      const told = yield* Queue.unbounded<string>()
      client.setNotificationHandler("notifications/resources/updated", ({ params }) => {
        Queue.offerUnsafe(told, params.uri)
      })
      const uri = "test://watched-resource"
      yield* Effect.promise(() => client.listen({ resourceSubscriptions: [uri] }))
      yield* Queue.offerAll(events, [{ kind: "resource_updated", uri: "test://other" }, {
        kind: "resource_updated",
        uri
      }])
      assert.strictEqual(yield* Queue.take(told), uri)
    }))
})
