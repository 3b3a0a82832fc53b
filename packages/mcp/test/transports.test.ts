/**
 * What a client may expect of every transport, in both eras of the protocol.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Zag from "@zag/core/node"
import { ProcessControl } from "@zag/core/ProcessControl"
import { ProcessEntry } from "@zag/core/ProcessEntry"
import { ProcessStore } from "@zag/core/ProcessStore"
import * as Timestamp from "@zag/core/Timestamp"
import { WaitOutcome } from "@zag/core/WaitOutcome"
import { ConfigProvider, Deferred, Effect, Fiber, Layer, Queue } from "effect"
import { ChildProcess } from "effect/process"
import { TestClock } from "effect/testing"
import * as Server from "../src/Server.ts"
import * as Tools from "../src/Tools.ts"
import * as Fixture from "./conformance/fixture.ts"
import { call, eras } from "./connect.ts"
import * as Everything from "./everything.ts"
import { type Kind, listen } from "./listening.ts"
import { signalled } from "./person.ts"
import * as Registry from "./Registry.ts"
import { makeHome, services, spawnClient } from "./spawnServer.ts"

const kinds: ReadonlyArray<Kind> = ["http", "socket"]

const ways = kinds.flatMap((kind) => eras.map(({ mode, revision }) => ({ kind, mode, revision })))

const textOf = ({ content }: { readonly content: unknown }) => JSON.stringify(content)

const nobody = () => {}

const waited = new WaitOutcome({ id: "aaaa", pid: 1, liveStatus: "running", hasEnded: false, exitCode: null })

describe.each(ways)("over $kind, revision $revision", ({ kind, mode, revision }) => {
  const connect = Effect.flatMap(
    Server.factory({ confirm: "allow", clientIsSelf: true }),
    (factory) => listen(kind, factory)
  )

  it.effect("a client lists the tools and calls them", () =>
    Effect.gen(function*() {
      const client = yield* (yield* connect)(mode)
      assert.strictEqual(client.getNegotiatedProtocolVersion(), revision)
      const { tools } = yield* Effect.promise(() => client.listTools())
      assert.deepStrictEqual(tools.map(({ name }) => name), Tools.all.map(({ name }) => name))
      const { structuredContent } = yield* call(client, "get_process", { id: "aaaa-1" })
      assert.strictEqual((structuredContent as { readonly process: { readonly id: string } }).process.id, "aaaa-1")
    }).pipe(Effect.provide(Registry.layer)))

  it.effect("a client uses every tool, resource and prompt", () =>
    Effect.gen(function*() {
      const factory = yield* Server.factory({ confirm: "allow", scope: "all" })
      yield* Everything.use(yield* (yield* listen(kind, factory))(mode))
      assert.sameMembers(yield* signalled, [Registry.obedient.pid, Registry.stubborn.pid])
    }).pipe(Registry.inSession(Registry.finished.id), Effect.provide(Registry.layer)))

  it.effect("two clients are served at once, and one that leaves takes nothing from the other", () =>
    Effect.gen(function*() {
      const to = yield* connect
      const other = yield* to(mode)
      yield* Effect.scoped(Effect.gen(function*() {
        const client = yield* to(mode)
        yield* Effect.all([call(client, "list_processes", {}), call(other, "list_processes", {})], {
          concurrency: "unbounded"
        })
      }))
      assert.isUndefined((yield* call(other, "list_processes", {})).isError)
    }).pipe(Effect.provide(Registry.layer)))

  it.effect("all clients together end no more than one may", () =>
    Effect.gen(function*() {
      const to = yield* connect
      const clients = yield* Effect.all([to(mode), to(mode)])
      const results = yield* Effect.all(
        clients.flatMap((client) =>
          Array.from({ length: 20 }, () =>
            Effect.promise(() => client.callTool({ name: "stop_process", arguments: { id: "aaaa-2" } })))
        ),
        { concurrency: "unbounded" }
      )
      const refused = results.filter((result) =>
        textOf(result).includes("Refused: more than 30 calls")
      )
      assert.lengthOf(refused, 10)
    }).pipe(Effect.provide(Registry.layer)))

  it.effect("a client that gave a token is told the progress of a call", () =>
    Effect.gen(function*() {
      const started = yield* Deferred.make<void>()
      const control = Layer.mock(ProcessControl, {
        wait: () =>
          Effect.as(Effect.andThen(Deferred.succeed(started, undefined), Effect.sleep("15 seconds")), [waited])
      })
      yield* Effect.gen(function*() {
        const client = yield* (yield* connect)(mode)
        const steps = yield* Queue.unbounded<{ readonly progress: number }>()
        const answer = yield* Effect.forkScoped(Effect.promise(() =>
          client.callTool({ name: "wait_process", arguments: { id: "aaaa" } }, {
            onprogress: (step) => Queue.offerUnsafe(steps, step)
          })
        ))
        yield* Deferred.await(started)
        yield* TestClock.adjust("10 seconds")
        assert.strictEqual((yield* Queue.take(steps)).progress, 10)
        yield* TestClock.adjust("5 seconds")
        assert.isUndefined((yield* Fiber.join(answer)).isError)
      }).pipe(Effect.provide(Registry.around(control)))
    }))

  it.effect("a call that the client cancels is interrupted", () =>
    Effect.gen(function*() {
      const hanging = yield* Registry.makeHanging
      yield* Effect.gen(function*() {
        const client = yield* (yield* connect)(mode)
        const answer = yield* Effect.forkScoped(
          Effect.promise((signal) => client.callTool({ name: "kill_process", arguments: { id: "self" } }, { signal }))
        )
        yield* hanging.started
        yield* Fiber.interrupt(answer)
        yield* hanging.stopped
      }).pipe(Effect.provide(hanging.layer))
    }))

  it.effect("a server asks the person whom the client works for", () =>
    Effect.gen(function*() {
      const to = yield* listen(kind, Fixture.factory(nobody))
      const client = yield* to(mode, { capabilities: { elicitation: { form: {} } } })
      const asked = yield* Queue.unbounded<string>()
      client.setRequestHandler("elicitation/create", ({ params }) => {
        Queue.offerUnsafe(asked, params.message)
        return { action: "accept", content: { username: "somebody", email: "somebody@example.com" } }
      })
      const result = yield* call(client, "test_elicitation", { message: "Who are you?" })
      assert.strictEqual(yield* Queue.take(asked), "Who are you?")
      assert.include(textOf(result), "somebody@example.com")
    }).pipe(Effect.provide(Registry.layer)))
})

describe.each(eras)("over standard input and output, revision $revision", ({ mode, revision }) => {
  it.live("a client uses every tool, resource and prompt of the program", () =>
    Effect.gen(function*() {
      const { env } = yield* makeHome
      const agent = ChildProcess.make("sleep", ["600"], { killSignal: "SIGKILL" })
      const agents = [yield* agent, yield* agent] as const
      yield* Effect.gen(function*() {
        const store = yield* ProcessStore
        const startedAt = yield* Timestamp.now
        yield* store.add(new ProcessEntry({ ...Registry.obedient, pid: agents[0].pid, startedAt }))
        yield* store.add(new ProcessEntry({ ...Registry.stubborn, pid: agents[1].pid, startedAt }))
        yield* store.add(Registry.finished)
      }).pipe(Effect.provide(Zag.layer.pipe(Layer.provide(ConfigProvider.layer(ConfigProvider.fromEnv({ env }))))))
      const client = yield* spawnClient(mode, { ...env, ZAG_PROCESS_ID: Registry.finished.id }, [
        "--scope",
        "all",
        "--confirm",
        "allow"
      ])
      assert.strictEqual(client.getNegotiatedProtocolVersion(), revision)
      yield* Everything.use(client)
      for (const { exitCode } of agents) yield* Effect.exit(exitCode)
    }).pipe(Effect.provide(services)))
})
