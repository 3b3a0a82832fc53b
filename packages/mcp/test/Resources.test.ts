import { assert, describe, it } from "@effect/vitest"
import { Client, InMemoryTransport, type ProtocolError } from "@modelcontextprotocol/client"
import { ProcessControl } from "@zag/core/ProcessControl"
import { ProcessStore } from "@zag/core/ProcessStore"
import { ProcessTable } from "@zag/core/testing"
import { Deferred, Effect, Fiber, Layer, Logger, Queue, Schema } from "effect"
import { TestClock } from "effect/testing"
import * as ProcessesView from "../src/ProcessesView.ts"
import * as Resources from "../src/Resources.ts"
import * as Server from "../src/Server.ts"
import { call, connect, eras } from "./connect.ts"
import * as Registry from "./Registry.ts"
import { subscribe } from "./subscribe.ts"

/** A client that has subscribed is looked for, and no more once it has gone. */
const looksUntilClosed = Effect.fnUntraced(function*(client: Client) {
  const { taken: looks } = yield* Registry.Looks
  yield* TestClock.adjust("10 seconds")
  assert.isAbove(yield* looks, 1)
  yield* Effect.promise(() => client.close())
  yield* TestClock.adjust("1 second")
  yield* looks
  yield* TestClock.adjust("10 seconds")
  assert.strictEqual(yield* looks, 0)
})

const decode = Schema.decodeUnknownEffect(Schema.fromJsonString(Schema.Unknown))

const read = Effect.fnUntraced(function*(client: Client, uri: string) {
  const { contents } = yield* Effect.promise(() => client.readResource({ uri }))
  assert.lengthOf(contents, 1)
  assert.deepInclude(contents[0], { uri, mimeType: "application/json" })
  return yield* decode((contents[0] as { readonly text: string }).text)
})

const problem = (client: Client, uri: string) =>
  Effect.flip(Effect.tryPromise({ try: () => client.readResource({ uri }), catch: (error) => error as ProtocolError }))

const complete = (client: Client, value: string) =>
  Effect.map(
    Effect.promise(() =>
      client.complete({
        ref: { type: "ref/resource", uri: "zag://processes/{id}" },
        argument: { name: "id", value }
      })
    ),
    ({ completion }) => completion
  )

describe("the URI of a process", () => {
  it("has the id in it, of whichever characters", () => {
    for (const id of ["aaaa-1", "a/b", "ä ö", "50%", "{id}", "a,b", "?#"]) {
      assert.strictEqual(Resources.idOf(Resources.uriOf(id)), id)
    }
  })

  it("is spelt in one way", () => {
    for (
      const uri of ["zag://processes/%61", "zag://processes/", "zag://processes/%", "zag://other/aaaa", "zag://audit"]
    ) {
      assert.isUndefined(Resources.idOf(uri))
    }
  })
})

describe.each(eras)("revision $revision", ({ mode }) => {
  it.effect("lists what there is, and each process with its live status", () =>
    Effect.gen(function*() {
      const { client } = yield* connect(mode, { readOnly: true })
      const { resources } = yield* Effect.promise(() => client.listResources())
      assert.deepStrictEqual(resources.map(({ uri }) => uri), [
        "zag://processes",
        "zag://audit",
        ProcessesView.uri,
        ...["aaaa-1", "aaaa-2", "bbbb-1", "cccc-1", "dddd-1"].map(Resources.uriOf)
      ])
      assert.deepInclude(resources.at(-1), {
        name: "dddd-1",
        title: "An agent process",
        description: "claude run, dead",
        mimeType: "application/json"
      })
      const { resourceTemplates } = yield* Effect.promise(() => client.listResourceTemplates())
      assert.deepStrictEqual(resourceTemplates.map(({ uriTemplate }) => uriTemplate), ["zag://processes/{id}"])
      assert.deepInclude(client.getServerCapabilities()?.resources, { subscribe: true, listChanged: true })
      assert.include(client.getInstructions(), "live_status")
    }).pipe(Effect.provide(Registry.layer)))

  it.effect("reads what the tools answer, also when it is read-only", () =>
    Effect.gen(function*() {
      const { client } = yield* connect(mode, { readOnly: true })
      const all = yield* call(client, "list_processes", {})
      assert.deepStrictEqual(yield* read(client, "zag://processes"), all.structuredContent)
      const one = yield* call(client, "get_process", { id: "aaaa-2" })
      assert.deepStrictEqual(yield* read(client, "zag://processes/aaaa-2"), one.structuredContent)
    }).pipe(Effect.provide(Registry.layer)))

  it.effect("reads an id of any characters", () =>
    Effect.gen(function*() {
      yield* (yield* ProcessStore).add(Registry.entry({ id: "a/b, 50%", pid: 2009 }))
      const { client } = yield* connect(mode)
      const content = yield* read(client, Resources.uriOf("a/b, 50%"))
      assert.strictEqual((content as { readonly process: { readonly id: string } }).process.id, "a/b, 50%")
    }).pipe(Effect.provide(Registry.layer)))

  it.effect("reads which signals were sent, the last one first", () =>
    Effect.gen(function*() {
      const { client } = yield* connect(mode)
      assert.deepStrictEqual(yield* read(client, "zag://audit"), { records: [] })
      yield* call(client, "stop_process", { id: "aaaa-1" })
      yield* call(client, "stop_process", { id: "aaaa-2" })
      const { records } = (yield* read(client, "zag://audit")) as { readonly records: ReadonlyArray<object> }
      assert.lengthOf(records, 2)
      assert.deepInclude(records[0], { id: "aaaa-2", pid: 2002, signal: "SIGHUP", asker: "zag-mcp test 0" })
    }).pipe(Effect.provide(Registry.layer)))

  it.effect.each([
    "zag://processes/zzzz",
    // A beginning, and other handles.
    "zag://processes/aaaa",
    "zag://processes/cccc",
    "zag://processes/self",
    "zag://processes/pid%3A2001",
    "zag://processes/%61aaa-1",
    "zag://nothing"
  ])("%s is not found", (uri) =>
    Effect.gen(function*() {
      const { client } = yield* connect(mode)
      const error = yield* problem(client, uri)
      assert.deepInclude(error, { code: -32602, data: { uri } })
      assert.include(error.message, "Resource not found")
    }).pipe(Registry.inSession("aaaa-1"), Effect.provide(Registry.layer)))

  it.effect("completes an id", () =>
    Effect.gen(function*() {
      const { client } = yield* connect(mode)
      assert.deepStrictEqual((yield* complete(client, "aa")).values, ["aaaa-1", "aaaa-2"])
      assert.deepStrictEqual((yield* complete(client, "x")).values, [])
    }).pipe(Effect.provide(Registry.layer)))

  it.effect("stays small, however many there are", () =>
    Effect.gen(function*() {
      const entries = Array.from({ length: 10_000 }, (_, index) =>
        Registry.entry({ id: `crowd-${index}`, pid: 10_000 + index }))
      const content = Effect.succeed({ entries, unreadable: [] })
      const store = Layer.succeed(ProcessStore, { ...(yield* ProcessStore), list: content, load: content })
      const { client } = yield* Effect.provide(
        connect(mode),
        yield* Layer.build(Layer.fresh(ProcessControl.layer).pipe(Layer.provideMerge(store)))
      )
      const { resources } = yield* Effect.promise(() =>
        client.listResources()
      )
      assert.lengthOf(resources, 3 + Resources.bound)
      const { next_cursor: cursor, processes } = (yield* read(client, "zag://processes")) as {
        readonly processes: ReadonlyArray<unknown>
        readonly next_cursor: string
      }
      assert.lengthOf(processes, Resources.bound)
      assert.isNotEmpty(cursor)
      const { hasMore, total, values } = yield* complete(client, "crowd")
      assert.deepStrictEqual({ hasMore, total, shown: values.length }, { hasMore: true, total: 10_000, shown: 100 })
    }).pipe(Effect.provide(Registry.layer)))

  it.effect("says why nothing can be read", () =>
    Effect.gen(function*() {
      const logged: Array<unknown> = []
      const layer = Layer.mergeAll(
        Registry.around(Layer.mock(ProcessControl, { list: () => Effect.die(new Error("out of luck")) })),
        Logger.layer([Logger.make(({ message }) => logged.push(message))])
      )
      yield* Effect.gen(function*() {
        const { client } = yield* connect(mode)
        assert.deepInclude(yield* problem(client, "zag://processes"), { code: -32603, message: "Internal error" })
      }).pipe(Effect.scoped, Effect.provide(layer))
      assert.deepStrictEqual(logged, [["The resource processes is broken", new Error("out of luck")]])
    }))

  it.effect("tells a client what it wants to be told, until it does not want it any more", () =>
    Effect.gen(function*() {
      const store = yield* ProcessStore
      const table = yield* ProcessTable
      const { client } = yield* connect(mode)
      const { heard, unsubscribe } = yield* subscribe(client, ["zag://processes/aaaa-2", "zag://audit"])
      // Not a word of a process that was not asked for.
      yield* store.updateStatus("aaaa-1", "exited", 0)
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* Queue.take(heard), "list")
      yield* table.end(2002)
      yield* TestClock.adjust("2 seconds")
      assert.deepStrictEqual(yield* Queue.takeN(heard, 2), ["zag://processes/aaaa-2", "list"])
      yield* call(client, "stop_process", { id: "bbbb-1" })
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* Queue.take(heard), "zag://audit")
      yield* unsubscribe
      yield* store.remove("aaaa-2")
      yield* TestClock.adjust("5 seconds")
      // Whatever had been told would have come before this answer.
      yield* Effect.promise(() => client.listTools())
      assert.deepStrictEqual(yield* Queue.clear(heard), [])
    }).pipe(Effect.provide(Registry.layer)))

  it.effect("looks at nothing before a client subscribes, nor once it does not want that any more, or is gone", () =>
    Effect.gen(function*() {
      const { taken: looks } = yield* Registry.Looks
      const { client } = yield* connect(mode)
      yield* TestClock.adjust("10 seconds")
      assert.strictEqual(yield* looks, 0)
      const { unsubscribe } = yield* subscribe(client, ["zag://processes/aaaa-2", "zag://audit"])
      yield* TestClock.adjust("10 seconds")
      // More than the one with which it begins.
      assert.isAbove(yield* looks, 1)
      yield* unsubscribe
      // An unsubscription of 2026 has no answer.
      yield* Effect.promise(() => client.listTools())
      yield* looks
      yield* TestClock.adjust("10 seconds")
      assert.strictEqual(yield* looks, 0)
      yield* subscribe(client, ["zag://audit"])
      yield* looksUntilClosed(client)
    }).pipe(Effect.provide(Registry.layerCounting)))

  it.effect("says that a client is subscribed when nothing can be missed any more", () =>
    Effect.gen(function*() {
      const begun = yield* Deferred.make<void>()
      const seen = yield* Deferred.make<void>()
      const control = Layer.mock(ProcessControl, {
        list: () =>
          Deferred.succeed(begun, undefined).pipe(
            Effect.andThen(Deferred.await(seen)),
            Effect.as({ processes: [], unreadable: [] })
          )
      })
      const { client } = yield* Effect.provide(connect(mode), yield* Layer.build(Registry.around(control)))
      const subscribing = yield* Effect.forkScoped(subscribe(client, ["zag://processes"]))
      yield* Deferred.await(begun)
      // Long enough for an answer.
      for (let turn = 0; turn < 50; turn++) yield* TestClock.adjust(1)
      assert.isUndefined(subscribing.pollUnsafe())
      yield* Deferred.succeed(seen, undefined)
      yield* Fiber.join(subscribing)
    }))

  it.effect("tells each client what that one wants", () =>
    Effect.gen(function*() {
      const store = yield* ProcessStore
      const [one, other] = [yield* connect(mode), yield* connect(mode)]
      const first = yield* subscribe(one.client, ["zag://processes/aaaa-1"])
      const second = yield* subscribe(other.client, ["zag://processes"])
      yield* store.updateStatus("aaaa-1", "exited", 0)
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(yield* Queue.takeN(first.heard, 2), ["zag://processes/aaaa-1", "list"])
      assert.deepStrictEqual(yield* Queue.takeN(second.heard, 2), ["zag://processes", "list"])
      yield* Effect.promise(() => one.client.close())
      yield* store.updateStatus("aaaa-2", "exited", 0)
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(yield* Queue.takeN(second.heard, 2), ["zag://processes", "list"])
    }).pipe(Effect.provide(Registry.layer)))
})

describe("revision 2025-11-25", () => {
  const { mode } = eras[0]

  it.effect("ends to look when the session ends, also while the server goes on", () =>
    Effect.gen(function*() {
      const make = yield* Server.factory()
      const [near, far] = InMemoryTransport.createLinkedPair()
      yield* Effect.promise(() => make({ era: "legacy" }).connect(far))
      const client = new Client({ name: "test", version: "0" }, { versionNegotiation: { mode } })
      yield* Effect.promise(() => client.connect(near))
      yield* subscribe(client, ["zag://audit"])
      yield* looksUntilClosed(client)
    }).pipe(Effect.provide(Registry.layerCounting)))

  it.effect("takes no subscription to what cannot change, nor too many", () =>
    Effect.gen(function*() {
      const { client } = yield* connect(mode)
      const refused = (uri: string) =>
        Effect.flip(
          Effect.tryPromise({ try: () => client.subscribeResource({ uri }), catch: (error) => error as ProtocolError })
        )
      for (const uri of ["zag://nothing", "file:///etc/passwd", "zag://processes/"]) {
        assert.deepInclude(yield* refused(uri), { code: -32602, data: { uri } })
      }
      // One that is not there yet may come.
      const subscribeTo = (index: number) =>
        Effect.promise(() => client.subscribeResource({ uri: `zag://processes/p-${index}` }))
      yield* Effect.forEach(Array.from({ length: 1000 }, (_, index) => index), subscribeTo, { concurrency: 50 })
      assert.include((yield* refused("zag://audit")).message, "More than 1000 subscriptions at once")
      yield* Effect.promise(() => client.unsubscribeResource({ uri: "zag://processes/p-0" }))
      yield* Effect.promise(() => client.subscribeResource({ uri: "zag://audit" }))
    }).pipe(Effect.provide(Registry.layer)))
})
