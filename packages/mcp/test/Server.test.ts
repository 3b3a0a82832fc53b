import { assert, describe, it } from "@effect/vitest"
import { ProcessControl } from "@zag/core/ProcessControl"
import type { ProcessControlError } from "@zag/core/ProcessControlError"
import { ProcessStore } from "@zag/core/ProcessStore"
import type { ProcessStoreError } from "@zag/core/ProcessStoreError"
import { Sidecar } from "@zag/core/Sidecar"
import { ProcessTable } from "@zag/core/testing"
import { WaitOutcome } from "@zag/core/WaitOutcome"
import { Deferred, Effect, Fiber, Layer, Logger, Queue, Schema } from "effect"
import { TestClock } from "effect/testing"
import { InvalidCursor } from "../src/Cursor.ts"
import * as Tools from "../src/Tools.ts"
import { call, connect, eras } from "./connect.ts"
import * as Registry from "./Registry.ts"

const wire = {
  id: "aaaa-2",
  pid: 2002,
  session_id: null,
  provider: "codex",
  model: "",
  command: "run",
  prompt: null,
  started_at: "2026-01-01T00:00:04+00:00",
  status: "running",
  exit_code: null,
  exited_at: null,
  root: null,
  parent_process_id: "aaaa-1",
  parent_session_id: null,
  live_status: "running",
  verified: false,
  labels: {},
  age_seconds: 0
}

const failed = (text: string) => ({ isError: true, content: [{ type: "text" as const, text }] })

type Asked = (
  control: ProcessControl["Service"]
) => Effect.Effect<unknown, ProcessControlError | ProcessStoreError>

const failures: ReadonlyArray<{
  readonly name: string
  readonly args: Record<string, unknown>
  readonly says: string
  readonly asked: Asked
}> = [
  { name: "get_process", args: { id: "aaaa" }, says: "Ambiguous process id: aaaa", asked: (_) => _.show("aaaa") },
  { name: "get_process", args: { id: "self" }, says: "ZAG_PROCESS_ID is not set", asked: (_) => _.show("self") },
  {
    name: "list_processes",
    args: { children: "self" },
    says: "ZAG_PROCESS_ID is not set",
    asked: (_) => _.list({ children: "self" })
  },
  { name: "stop_process", args: { id: "cccc-1" }, says: "not running (status: exited)", asked: (_) => _.stop("cccc") },
  { name: "kill_process", args: { id: "dddd-1" }, says: "not running (status: dead)", asked: (_) => _.kill("dddd") },
  { name: "kill_process", args: { id: "bbbb-1" }, says: "EPERM", asked: (_) => _.kill("bbbb") }
]

const refusals = [
  ["get_process", {}, "id: Missing key"],
  ["get_process", { id: "" }, "id: Expected a value with a length of at least 1"],
  ["get_process", { id: 7 }, "id: Expected string"],
  ["stop_process", { id: "aaaa-1", force: true }, "force: Expected no excess property"],
  ["kill_process", { id: "aaaa-1", grace_seconds: "5" }, "grace_seconds: Expected number"],
  ["kill_process", { id: "aaaa-1", grace_seconds: 31 }, "grace_seconds: Expected a value between 0 and 30"],
  ["kill_process", { id: "aaaa-1", graceSeconds: 0 }, "graceSeconds: Expected no excess property"],
  ["wait_process", { id: "aaaa-1", timeout_seconds: 301 }, "timeout_seconds: Expected a value between 0 and 300"],
  ["list_processes", { limit: 0 }, "limit: Expected a value between 1 and 500"],
  ["list_processes", { limit: 1.5 }, "limit: Expected an integer"],
  ["list_processes", { running: "yes" }, "running: Expected boolean"],
  ["list_processes", { page: 2 }, "page: Expected no excess property"],
  ["list_processes", { rootWithin: "/" }, "rootWithin: Expected no excess property"],
  ["get_process", { id: "a", usage: "yes" }, "usage: Expected boolean"],
  ["process_tree", { id: "" }, "id: Expected a value with a length of at least 1"],
  ["process_tree", { depth: 3 }, "depth: Expected no excess property"],
  ["whoami", { id: "self" }, "id: Expected never"],
  ["prune_processes", { older_than: 7 }, "older_than: Expected string"],
  ["prune_processes", { keep: 1, force: true }, "force: Expected no excess property"]
] as const

const idsOf = (content: unknown) =>
  (content as { readonly processes: ReadonlyArray<{ readonly id: string }> }).processes.map(({ id }) => id)

describe.each(eras)("revision $revision", ({ mode, revision }) => {
  it.effect("keeps who asked for a signal: the client by name", () =>
    Effect.gen(function*() {
      const { client } = yield* connect(mode)
      yield* call(client, "stop_process", { id: "aaaa-1" })
      const [record] = yield* (yield* Sidecar).audited(1)
      assert.strictEqual(record?.asker, "zag-mcp test 0")
    }).pipe(Effect.provide(Registry.layer)))

  it.effect("keeps no more than a line of what a client calls itself", () =>
    Effect.gen(function*() {
      const name = `te\u001B\u202Est\n\u2028${"!".repeat(100_000)}`
      const { client } = yield* connect(mode, {}, {}, { name, version: "0" })
      yield* call(client, "stop_process", { id: "aaaa-1" })
      const [record] = yield* (yield* Sidecar).audited(1)
      assert.strictEqual(record?.asker, `zag-mcp test${"!".repeat(96)}`)
    }).pipe(Effect.provide(Registry.layer)))

  it.effect("is what the client gets", () =>
    Effect.gen(function*() {
      const { client } = yield* connect(mode)
      assert.strictEqual(client.getNegotiatedProtocolVersion(), revision)
      assert.strictEqual(client.getServerVersion()?.name, "zag")
    }).pipe(Effect.provide(Registry.layer)))

  it.effect("lists every tool with its schemas and hints", () =>
    Effect.gen(function*() {
      const { client } = yield* connect(mode)
      const { tools } = yield* Effect.promise(() => client.listTools())
      assert.deepStrictEqual(
        tools.map(({ annotations, description, name, title }) => ({ name, title, description, annotations })),
        Tools.all.map(({ annotations, description, name, title }) => ({ name, title, description, annotations }))
      )
      for (const tool of tools) {
        assert.strictEqual(tool.inputSchema["additionalProperties"], false)
        const answer = tool.outputSchema
        if (tool.name === "processes_table") {
          assert.deepStrictEqual(answer, { type: "object", description: "As in list_processes." })
        } else if (tool.name === "stop_process") {
          assert.deepStrictEqual(answer, { type: "object", description: "As in kill_process." })
        } else assert.isNotEmpty(answer?.["properties"])
        const reads = tool.annotations?.readOnlyHint === true
        assert.strictEqual(tool.annotations?.destructiveHint, reads ? undefined : tool.name !== "prune_processes")
      }
    }).pipe(Effect.provide(Registry.layer)))

  it.effect("offers no tool that changes anything when it is read-only", () =>
    Effect.gen(function*() {
      const { client } = yield* connect(mode, { readOnly: true })
      const { tools } = yield* Effect.promise(() => client.listTools())
      assert.deepStrictEqual(tools.map(({ name }) => name), Registry.readOnlyTools)
    }).pipe(Effect.provide(Registry.layer)))

  it.effect("takes less than 2,500 tokens of a model's attention", () =>
    Effect.gen(function*() {
      const { client } = yield* connect(mode)
      const { tools } = yield* Effect.promise(() => client.listTools())
      const text = yield* Schema.encodeEffect(Schema.fromJsonString(Schema.Unknown))(tools)
      assert.isBelow(text.length / 4, 2500)
    }).pipe(Effect.provide(Registry.layer)))

  it.effect("list_processes answers in wire form", () =>
    Effect.gen(function*() {
      const { client } = yield* connect(mode)
      const result = yield* call(client, "list_processes", { provider: "codex" })
      const answer = { processes: [wire], unreadable_entries: [] }
      assert.deepStrictEqual(result.structuredContent, answer)
      const text = yield* Schema.encodeEffect(Schema.fromJsonString(Schema.Unknown))(answer)
      assert.deepStrictEqual(result.content, [
        { type: "text", text },
        { type: "resource_link", uri: "zag://processes/aaaa-2", name: "aaaa-2", mimeType: "application/json" }
      ])
    }).pipe(Effect.provide(Registry.layer)))

  it.effect("list_processes links to no more than twenty", () =>
    Effect.gen(function*() {
      const store = yield* ProcessStore
      for (let index = 0; index < 30; index++) yield* store.add(Registry.entry({ id: `a/${index}`, pid: 4000 + index }))
      const { client } = yield* connect(mode)
      const result = yield* call(client, "list_processes", {})
      const links = (result.content as ReadonlyArray<{ readonly type: string; readonly uri?: string }>)
        .filter(({ type }) => type === "resource_link")
      assert.lengthOf(links, 20)
      assert.isTrue(links.some(({ uri }) => uri === "zag://processes/a%2F29"))
    }).pipe(Effect.provide(Registry.layer)))

  it.effect("list_processes goes on at its cursor, and says what is wrong with another", () =>
    Effect.gen(function*() {
      const { client } = yield* connect(mode)
      const { structuredContent } = yield* call(client, "list_processes", { limit: 4 })
      const { next_cursor: cursor } = structuredContent as { readonly next_cursor: string }
      const next = yield* call(client, "list_processes", { limit: 4, cursor })
      assert.deepStrictEqual(idsOf(next.structuredContent), ["dddd-1"])
      const other = yield* call(client, "list_processes", { provider: "codex", cursor })
      assert.deepInclude(other, failed(new InvalidCursor({ problem: "other_filters" }).message))
    }).pipe(Effect.provide(Registry.layer)))

  it.effect("process_tree and whoami answer in wire form", () =>
    Effect.gen(function*() {
      const { client } = yield* connect(mode)
      const tree = yield* call(client, "process_tree", { id: "self" })
      assert.deepStrictEqual(tree.structuredContent, {
        trees: [{
          id: "aaaa-2",
          provider: "codex",
          prompt: null,
          live_status: "running",
          age_seconds: 0,
          processes: [],
          children: []
        }],
        omitted: 0,
        unreadable_entries: []
      })
      const own = yield* call(client, "whoami", {})
      assert.deepStrictEqual(own.structuredContent, {
        process: wire,
        parents: [{ id: "aaaa-1", provider: "claude" }]
      })
    }).pipe(Registry.inSession("aaaa-2"), Effect.provide(Registry.layer)))

  it.effect("prune_processes shows what it would move, and then moves it", () =>
    Effect.gen(function*() {
      const { client } = yield* connect(mode)
      const moved = [{ id: "cccc-1", provider: "claude", status: "exited" }]
      const left = Effect.map((yield* ProcessStore).list, ({ entries }) => entries.map(({ id }) => id))
      const shown = yield* call(client, "prune_processes", { keep: 0 })
      assert.deepStrictEqual(shown.structuredContent, { dry_run: true, count: 1, moved })
      assert.include(yield* left, "cccc-1")
      const done = yield* call(client, "prune_processes", { keep: 0, status: "exited", dry_run: false })
      assert.deepStrictEqual(done.structuredContent, { dry_run: false, count: 1, moved })
      assert.notInclude(yield* left, "cccc-1")
    }).pipe(Effect.provide(Registry.layer)))

  it.effect("get_process answers in wire form, and the same as text", () =>
    Effect.gen(function*() {
      const { client } = yield* connect(mode)
      const result = yield* call(client, "get_process", { id: "self" })
      const shown = { ...wire, activity: "unknown", last_activity_at: null }
      assert.deepStrictEqual(result.structuredContent, { process: shown })
      const text = yield* Schema.encodeEffect(Schema.fromJsonString(Schema.Unknown))({ process: shown })
      assert.deepStrictEqual(result.content, [{ type: "text", text }])
      assert.isUndefined(result.isError)
    }).pipe(Registry.inSession("aaaa-2"), Effect.provide(Registry.layer)))

  it.effect("stop_process sends the signal", () =>
    Effect.gen(function*() {
      const { client } = yield* connect(mode)
      const result = yield* call(client, "stop_process", { id: "aaaa-1" })
      const outcome = { id: "aaaa-1", pid: 2001, signal: "SIGHUP", status: "signalled", ended: [] }
      assert.deepStrictEqual(result.structuredContent, outcome)
      assert.deepStrictEqual(yield* (yield* ProcessTable).signals, [{ pid: 2001, signal: "SIGHUP" }])
    }).pipe(Effect.provide(Registry.layer)))

  it.effect("wait_process answers in wire form", () =>
    Effect.gen(function*() {
      const { client } = yield* connect(mode)
      const result = yield* call(client, "wait_process", { id: "cccc-1", timeout_seconds: 0 })
      assert.deepStrictEqual(result.structuredContent, {
        id: "cccc-1",
        pid: 2004,
        live_status: "exited",
        has_ended: true,
        exit_code: 0
      })
    }).pipe(Effect.provide(Registry.layer)))

  it.effect("kill_process ends the process", () =>
    Effect.gen(function*() {
      const { client } = yield* connect(mode)
      const result = yield* call(client, "kill_process", { id: "aaaa-2", grace_seconds: 0 })
      const outcome = {
        id: "aaaa-2",
        pid: 2002,
        signal: "SIGKILL",
        status: "killed",
        ended: [{ pid: 2002, command: "" }]
      }
      assert.deepStrictEqual(result.structuredContent, outcome)
    }).pipe(Effect.provide(Registry.layer)))

  it.effect.each(failures)("$name $args says: $says", ({ args, asked, name, says }) =>
    Effect.gen(function*() {
      const { client } = yield* connect(mode)
      const error = yield* Effect.flip(asked(yield* ProcessControl))
      const result = yield* call(client, name, args)
      assert.deepInclude(result, failed(error.message))
      assert.include(error.message, says)
    }).pipe(Registry.inSession(undefined), Effect.provide(Registry.layer)))

  it.effect.each(["get_process", "wait_process", "stop_process", "kill_process"])(
    "%s tells where the ids are, when there is none such",
    (name) =>
      Effect.gen(function*() {
        const { client } = yield* connect(mode)
        const result = yield* call(client, name, { id: "zzzz" })
        assert.deepInclude(result, failed("Process not found: zzzz. list_processes shows the ids."))
      }).pipe(Effect.provide(Registry.layer))
  )

  it.effect.each(refusals)("%s %j is refused", ([name, args, problem]) =>
    Effect.gen(function*() {
      const { client } = yield* connect(mode)
      const result = yield* call(client, name, args)
      assert.deepInclude(result, failed(`Input validation error: Invalid arguments for tool ${name}: ${problem}`))
      assert.deepStrictEqual(yield* (yield* ProcessTable).signals, [])
    }).pipe(Effect.provide(Registry.layer)))

  it.effect("a defect is logged, and the client is told no more than that", () =>
    Effect.gen(function*() {
      const logged: Array<unknown> = []
      const layer = Layer.mergeAll(
        Registry.around(Layer.mock(ProcessControl, { show: () => Effect.die(new Error("out of luck")) })),
        Logger.layer([Logger.make(({ message }) => logged.push(message))])
      )
      yield* Effect.gen(function*() {
        const { client } = yield* connect(mode)
        const result = yield* call(client, "get_process", { id: "aaaa" })
        assert.deepInclude(result, failed("Internal error"))
      }).pipe(Effect.scoped, Effect.provide(layer))
      assert.deepStrictEqual(logged, [["The tool get_process is broken", new Error("out of luck")]])
    }))

  /** A server on which every process runs on for 25 seconds, and what tells when somebody waits for one. */
  const waitingServer = Effect.gen(function*() {
    const started = yield* Deferred.make<void>()
    const outcome = new WaitOutcome({ id: "aaaa", pid: 1, liveStatus: "running", hasEnded: false, exitCode: null })
    const control = Layer.mock(ProcessControl, {
      wait: () =>
        Deferred.succeed(started, undefined).pipe(
          Effect.andThen(Effect.sleep("25 seconds")),
          Effect.as([outcome])
        )
    })
    const { client } = yield* Effect.provide(connect(mode), yield* Layer.build(Registry.around(control)))
    const arrived = yield* Queue.unbounded<string>()
    const transport = client.transport!
    const { onmessage } = transport
    // oxlint-disable-next-line unicorn/prefer-add-event-listener -- a transport is no event target
    transport.onmessage = (message, extra) => {
      if ("method" in message) Queue.offerUnsafe(arrived, message.method)
      onmessage?.(message, extra)
    }
    return { client, started, arrived }
  })

  const waiting = { name: "wait_process", arguments: { id: "aaaa", timeout_seconds: 25 } }

  it.effect("wait_process tells its progress to a client that gave a token", () =>
    Effect.gen(function*() {
      const { client, started } = yield* waitingServer
      const steps = yield* Queue.unbounded<object>()
      const answer = yield* Effect.forkScoped(
        Effect.promise(() => client.callTool(waiting, { onprogress: (step) => Queue.offerUnsafe(steps, step) }))
      )
      yield* Deferred.await(started)
      for (const progress of [10, 20]) {
        yield* TestClock.adjust("10 seconds")
        const message = `aaaa has not ended after ${progress} seconds`
        assert.deepStrictEqual(yield* Queue.take(steps), { progress, total: 25, message })
      }
      yield* TestClock.adjust("5 seconds")
      const { isError, structuredContent } = yield* Fiber.join(answer)
      assert.isUndefined(isError)
      assert.deepInclude(structuredContent, { live_status: "running", has_ended: false })
    }))

  it.effect("wait_process tells nothing to a client that gave none", () =>
    Effect.gen(function*() {
      const { arrived, client, started } = yield* waitingServer
      const answer = yield* Effect.forkScoped(Effect.promise(() => client.callTool(waiting)))
      yield* Deferred.await(started)
      yield* TestClock.adjust("25 seconds")
      yield* Fiber.join(answer)
      assert.deepStrictEqual(yield* Queue.clear(arrived), [])
    }))

  /** Ends a call in some way while it is under way, and waits until its fiber has noticed. */
  const interrupted = Effect.fnUntraced(function*(
    end: (
      running: Effect.Success<ReturnType<typeof connect>> & {
        readonly answer: Fiber.Fiber<unknown>
      }
    ) => Effect.Effect<unknown>
  ) {
    const hanging = yield* Registry.makeHanging
    yield* Effect.gen(function*() {
      const connected = yield* connect(mode)
      const answer = yield* Effect.forkScoped(
        Effect.promise((signal) =>
          connected.client.callTool({ name: "kill_process", arguments: { id: "self" } }, { signal })
        )
      )
      yield* hanging.started
      yield* end({ ...connected, answer })
      yield* hanging.stopped
    }).pipe(Effect.scoped, Effect.provide(hanging.layer))
  })

  it.effect("a call that hangs is given up, and says so", () =>
    Effect.gen(function*() {
      const started = yield* Deferred.make<void>()
      const never = Layer.mock(ProcessControl, {
        show: () => Effect.andThen(Deferred.succeed(started, undefined), Effect.never)
      })
      yield* Effect.gen(function*() {
        const { client } = yield* connect(mode)
        const answer = yield* Effect.forkScoped(
          Effect.promise(() => client.callTool({ name: "get_process", arguments: { id: "aaaa" } }, { timeout: 60_000 }))
        )
        yield* Deferred.await(started)
        yield* TestClock.adjust("330 seconds")
        assert.deepInclude(
          yield* Fiber.join(answer),
          failed(
            "get_process was given up after 330 seconds. What it had begun may be done: look with get_process."
          )
        )
      }).pipe(Effect.scoped, Effect.provide(Registry.around(never)))
    }))

  it.effect("a call that the client cancels is interrupted", () => interrupted(({ answer }) => Fiber.interrupt(answer)))

  it.effect("a call is interrupted when the client goes away, and the server ends", () =>
    interrupted(({ client, serving }) =>
      Effect.promise(() => client.close()).pipe(Effect.andThen(Fiber.join(serving)))
    ))

  it.effect("a call is interrupted when the server is", () => interrupted(({ serving }) => Fiber.interrupt(serving)))
})
