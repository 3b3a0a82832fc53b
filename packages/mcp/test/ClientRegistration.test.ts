import { assert, describe, it } from "@effect/vitest"
import { Client, type ClientOptions, InMemoryTransport } from "@modelcontextprotocol/client"
import { ProcessRegistration } from "@zag/core/ProcessRegistration"
import { ProcessStore } from "@zag/core/ProcessStore"
import { Sidecar } from "@zag/core/Sidecar"
import { Deferred, Effect, Fiber, Layer, Option, type Scope, Stream } from "effect"
import * as ClientRegistration from "../src/ClientRegistration.ts"
import * as Server from "../src/Server.ts"
import { eras } from "./connect.ts"
import * as Registry from "./Registry.ts"

const { providerOf, register } = ClientRegistration

const pid = 2001

const layer = Layer.provideMerge(ProcessRegistration.layer, Registry.layer)

/** The entry of the client, once there is one that looks so. */
const entryWith = (is: (status: string) => boolean) =>
  Effect.gen(function*() {
    const store = yield* ProcessStore
    return yield* Stream.merge(store.changes, Stream.tick("100 millis")).pipe(
      Stream.mapEffect(() => store.load),
      Stream.flatMap(({ entries }) => Stream.fromIterable(entries)),
      Stream.filter(({ command, status }) => command === "mcp" && is(status)),
      Stream.runHead,
      Effect.map(Option.getOrThrow)
    )
  })

const none = Effect.flatMap(
  ProcessStore,
  (store) => Effect.map(store.load, ({ entries }) => entries.every(({ command }) => command !== "mcp"))
)

/** A connected client, and the fiber that serves it. */
const connect = Effect.fnUntraced(function*(mode: NonNullable<ClientOptions["versionNegotiation"]>["mode"]) {
  const [near, far] = InMemoryTransport.createLinkedPair()
  const serving = yield* register(far, pid).pipe(
    Effect.flatMap((transport) => Effect.flatMap(Server.factory(), (make) => Server.serve(transport, make))),
    Effect.scoped,
    Effect.forkScoped
  )
  const client = new Client({ name: "claude-code", version: "2.1.260" }, { versionNegotiation: { mode: mode! } })
  yield* Effect.promise(() => client.connect(near))
  yield* Effect.promise(() => client.listTools())
  return { client, serving }
})

const live = <A, E>(effect: Effect.Effect<A, E, Scope.Scope | Layer.Success<typeof layer>>) =>
  effect.pipe(Effect.scoped, Registry.inSession(undefined), Effect.provide(layer))

describe("providerOf", () => {
  it.each([
    ["claude-code", "claude"],
    ["claude-ai", "claude"],
    ["codex-mcp-client", "codex"],
    ["gemini-cli-mcp-client", "gemini"],
    ["GitHub Copilot", "copilot"],
    ["Visual Studio Code", "Visual Studio Code"],
    ["notclaude", "notclaude"],
    ["an\u001B\u202E agent\n\u2028", "an agent"],
    [`${"x".repeat(99)}\u{1F916}x`, `${"x".repeat(99)}\uFFFD`]
  ])("%j is %j", (name, provider) => {
    assert.strictEqual(providerOf(name), provider)
  })
})

it.live("has ended in a way that nobody knows also when the client goes while it is entered", () =>
  live(Effect.gen(function*() {
    const store = yield* ProcessStore
    const registration = yield* ProcessRegistration
    const entered = yield* Deferred.make<void>()
    const closing = yield* Deferred.make<void>()
    const slow = ProcessRegistration.of({
      ...registration,
      register: (options) =>
        registration.register(options).pipe(
          Effect.tap(Deferred.succeed(entered, undefined)),
          Effect.tap(Deferred.await(closing))
        )
    })
    const [near, far] = InMemoryTransport.createLinkedPair()
    yield* Effect.scoped(Effect.gen(function*() {
      const transport = yield* Effect.provideService(register(far, pid), ProcessRegistration, slow)
      const make = yield* Server.factory()
      yield* Effect.forkScoped(Server.serve(transport, make))
      const client = new Client({ name: "claude-code", version: "2.1.260" })
      yield* Effect.promise(() => client.connect(near))
      yield* Deferred.await(entered)
      yield* Effect.addFinalizer(() => Deferred.succeed(closing, undefined))
    }))
    const { entries } = yield* store.load
    const ended = entries.find(({ command }) => command === "mcp")
    assert.deepInclude(ended, { status: "exited", exitCode: null })
  })))

describe.each(eras)("a client of revision $revision", ({ mode }) => {
  it.live("is in the registry while it is connected, and has ended in a way that nobody knows when it is not", () =>
    live(Effect.gen(function*() {
      const { client, serving } = yield* connect(mode)
      const entry = yield* entryWith((status) => status === "running")
      assert.deepInclude(entry, { pid, provider: "claude", root: process.cwd(), exitCode: null, parentProcessId: null })
      const labels = yield* (yield* Sidecar).labels([entry.id])
      assert.deepStrictEqual(labels.get(entry.id), { client: "claude-code 2.1.260" })
      yield* Effect.promise(() => client.close())
      yield* Fiber.join(serving)
      const ended = yield* entryWith((status) => status !== "running")
      assert.deepInclude(ended, { id: entry.id, status: "exited", exitCode: null })
    })))

  it.live("has ended as well when the server is told to end", () =>
    live(Effect.gen(function*() {
      const { serving } = yield* connect(mode)
      const { id } = yield* entryWith((status) => status === "running")
      yield* Fiber.interrupt(serving)
      assert.deepInclude(yield* entryWith((status) => status !== "running"), { id, status: "exited", exitCode: null })
    })))

  it.live("in a session is there already", () =>
    live(
      Effect.gen(function*() {
        const { client, serving } = yield* connect(mode)
        yield* Effect.promise(() => client.close())
        yield* Fiber.join(serving)
        assert.isTrue(yield* none)
      }).pipe(Registry.inSession(Registry.obedient.id))
    ))
})

it.live("who only looks which revision is spoken is no client", () =>
  live(Effect.gen(function*() {
    const [near, far] = InMemoryTransport.createLinkedPair()
    const serving = yield* register(far, pid).pipe(
      Effect.flatMap((transport) => Effect.flatMap(Server.factory(), (make) => Server.serve(transport, make))),
      Effect.scoped,
      Effect.forkScoped
    )
    yield* Effect.promise(() => near.start())
    const answered = Effect.callback<void>((resume) => {
      // oxlint-disable-next-line unicorn/prefer-add-event-listener -- a transport is no event target
      near.onmessage = () => resume(Effect.void)
    })
    const probe = {
      jsonrpc: "2.0" as const,
      id: 1,
      method: "server/discover",
      params: {
        _meta: {
          "io.modelcontextprotocol/protocolVersion": "2026-07-28",
          "io.modelcontextprotocol/clientInfo": { name: "claude-code", version: "1" },
          "io.modelcontextprotocol/clientCapabilities": {}
        }
      }
    }
    yield* Effect.all([answered, Effect.promise(() => near.send(probe))], { concurrency: 2 })
    yield* Effect.promise(() => near.close())
    yield* Fiber.join(serving)
    assert.isTrue(yield* none)
  })))
