/**
 * What no agent can do through this server, whatever it asks for, and in most
 * cases whatever the person says. That an answer counts once, for the process
 * that the question was about, and cannot be replayed, is in
 * `Confirmation.test.ts`; what the scopes allow, in `EndScope.test.ts`; which
 * pids are never signalled by anybody, in the tests of `@zag/core`, with real
 * ones in a jail.
 */
import { assert, describe, it } from "@effect/vitest"
import type { ClientOptions, ElicitResult } from "@modelcontextprotocol/client"
import type { PidState } from "@zag/core/OsProcess"
import { ProcessControl } from "@zag/core/ProcessControl"
import { ProcessStore } from "@zag/core/ProcessStore"
import * as Testing from "@zag/core/testing"
import { Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import type * as Server from "../src/Server.ts"
import { Updates } from "../src/Updates.ts"
import { call, eras } from "./connect.ts"
import { cancel, connectPerson, decline, signalled, textOf, unticked, yes } from "./person.ts"
import * as Registry from "./Registry.ts"

const entered = Date.UTC(2026, 0, 1)

const began = (startTicks: number): PidState => ({ _tag: "Running", startTime: entered, startTicks })

// This program has pid 1000; 999 has started it, and 998 that.
const processes: ReadonlyArray<Testing.TestProcess> = [
  { pid: 1000, parent: 999, processId: "left" },
  { pid: 999, parent: 998 },
  { pid: 998 },
  { pid: 2001 },
  { pid: 2002 },
  { pid: 2003, state: began(7) },
  { pid: 2004, state: { _tag: "Running", startTime: entered + 61_000 } },
  { pid: 2005 },
  { pid: 2006, processId: "left" }
]

const entries = [
  Registry.entry({ id: "server", pid: 1000 }),
  Registry.entry({ id: "parent", pid: 999 }),
  Registry.entry({ id: "ancestor", pid: 998 }),
  Registry.entry({ id: "agent", pid: 2001 }),
  Registry.entry({ id: "other", pid: 2002 }),
  Registry.entry({ id: "reused", pid: 2003 }),
  Registry.entry({ id: "later", pid: 2004 }),
  Registry.entry({ id: "timeless", pid: 2005, startedAt: "yesterday" }),
  Registry.entry({ id: "left", pid: 2007 })
]

const registry = Layer.effectDiscard(
  Effect.flatMap(ProcessStore, (store) => Effect.forEach(entries, store.add, { discard: true }))
)

const layer = Updates.layer.pipe(Layer.provideMerge(registry), Layer.provideMerge(Testing.layer(processes)))

interface Row {
  readonly what: string
  /** What the agent wants to end. */
  readonly id: string
  readonly says: string
  /** What the person answers, each time that they are asked, and how often that is. */
  readonly answers?: ReadonlyArray<ElicitResult | Effect.Effect<ElicitResult, never, Layer.Success<typeof layer>>>
  readonly asked: number
  /** In the last question. */
  readonly asks?: string
  /** The session that the server runs in. */
  readonly session?: string
  readonly options?: Server.Options & { readonly capabilities?: ClientOptions["capabilities"] }
  /** Happens before. */
  readonly before?: Effect.Effect<unknown, unknown, Layer.Success<typeof layer>>
  /** Happens when the person has agreed, before anything is signalled. */
  readonly after?: Effect.Effect<unknown, unknown, Layer.Success<typeof layer>>
}

const otherBegan = Effect.flatMap(Testing.ProcessTable, (table) => table.set({ pid: 2003, state: began(8) }))

const givenAway = Effect.gen(function*() {
  yield* (yield* ProcessControl).show("reused")
  yield* otherBegan
})

const replaced = Effect.flatMap(ProcessStore, (store) => store.updatePid("agent", 2002))

const registeredAnew = Effect.flatMap(
  ProcessStore,
  (store) => store.add(Registry.entry({ id: "agent", pid: 2001, startedAt: "2026-01-01T00:00:09Z" }))
)

/** The person says yes, to something that is not what it was when they began to think. */
const afterChange = Effect.as(Effect.orDie(replaced), yes)

/** A control of processes to which something happens before it kills one. */
const happening = <E, R>(change: Effect.Effect<unknown, E, R>) =>
  Effect.gen(function*() {
    const control = yield* ProcessControl
    const context = yield* Effect.context<R>()
    const happens = Effect.orDie(Effect.provide(change, context))
    return ProcessControl.of({ ...control, kill: (...args) => Effect.andThen(happens, control.kill(...args)) })
  })

const rows: ReadonlyArray<Row> = [
  // Who it is.
  { what: "the server itself", id: "server", says: "Refused to signal process server (pid 1000)", asked: 1 },
  { what: "its own parent", id: "parent", says: "it is an ancestor of the program that asks", asked: 1 },
  { what: "its own parent by its pid", id: "pid:999", says: "it is an ancestor of the program that asks", asked: 1 },
  { what: "an ancestor", id: "ancestor", says: "it is an ancestor of the program that asks", asked: 1 },
  {
    what: "what another session has started, in the scope own",
    id: "other",
    session: "agent",
    says: "Refused: process other was not started by this session (agent)",
    asked: 0
  },
  {
    what: "the own session by its id, which runs the server",
    id: "parent",
    session: "parent",
    says: "To end your own session, say `self`",
    asked: 1
  },
  {
    what: "the session of the server, for a client from elsewhere that says self",
    id: "self",
    session: "agent",
    options: { clientIsSelf: false, confirm: "allow", scope: "all" },
    says: "`self` is the session that it runs in, not yours",
    asked: 0
  },
  // Whether it is what it was.
  {
    what: "who has got a pid that was given away",
    id: "reused",
    before: givenAway,
    says: "pid 2003 was given to another process",
    asked: 1
  },
  {
    what: "an unverified pid that began after it was registered",
    id: "later",
    says: "pid 2004 was given to another process, which started later",
    asked: 1
  },
  {
    what: "an unverified pid that nothing is known of but the pid",
    id: "timeless",
    // Only where the system tells when it began there is something to compare.
    before: Effect.flatMap(
      Testing.ProcessTable,
      (table) => table.set({ pid: 2005, state: { _tag: "Running", startTime: entered } })
    ),
    says: "nothing shows that pid 2005 is still the process that was registered",
    asked: 1
  },
  {
    what: "what has taken its place while the person was thinking",
    id: "agent",
    answers: [afterChange, decline],
    says: "does not want you to kill process agent",
    asked: 2,
    asks: "(pid 2002"
  },
  {
    what: "what has taken its place when the person has agreed",
    id: "agent",
    after: replaced,
    says: "Process agent is not the one that was looked at: its pid was 2001, and is 2002 now",
    asked: 1
  },
  {
    what: "another run with its id and its pid when the person has agreed",
    id: "agent",
    after: registeredAnew,
    says: "it was registered again, at 2026-01-01T00:00:09Z. Nothing was signalled",
    asked: 1
  },
  {
    what: "what has taken its place when nobody is asked",
    id: "agent",
    options: { confirm: "allow" },
    after: replaced,
    says: "Process agent is not the one that was looked at",
    asked: 0
  },
  {
    what: "another one whose id begins with that of one that is gone",
    id: "agent",
    after: Effect.flatMap(
      ProcessStore,
      (store) => Effect.andThen(store.remove("agent"), store.add(Registry.entry({ id: "agent-2", pid: 2002 })))
    ),
    says: "Process not found: agent",
    asked: 1
  },
  {
    what: "who has got its pid when the person has agreed",
    id: "reused",
    after: otherBegan,
    says: "pid 2003 was given to another process",
    asked: 1
  },
  // Who has agreed.
  { what: "anything when it is read-only", id: "agent", options: { readOnly: true }, says: "not found", asked: 0 },
  {
    what: "anything but itself when that is denied",
    id: "agent",
    options: { confirm: "deny" },
    says: "Refused: this server may kill nothing but `self` (--confirm deny). If process agent must end, ask",
    asked: 0
  },
  {
    what: "anything for a client that can ask nothing",
    id: "agent",
    options: { capabilities: {} },
    says:
      "they can run: zag ps kill agent. They can also let you do it without being asked, by starting the server with " +
      "--confirm allow",
    asked: 0
  },
  {
    what: "anything for a client that can only open pages",
    id: "agent",
    options: { capabilities: { elicitation: { url: {} } } },
    says: "they can run: zag ps kill agent",
    asked: 0
  },
  {
    what: "what the person has declined",
    id: "agent",
    answers: [decline],
    says: "does not want you to kill process agent",
    asked: 1
  },
  {
    what: "what the person has left unticked",
    id: "agent",
    answers: [unticked],
    says: "does not want you to kill process agent",
    asked: 1
  },
  {
    what: "what the person has closed the question about",
    id: "agent",
    answers: [cancel],
    says: "closed without an answer",
    asked: 1
  },
  {
    what: "what was answered in another form",
    id: "agent",
    answers: [{ action: "accept", content: { confirm: "yes" } }],
    says: "does not want you to kill process agent",
    asked: 1
  }
]

describe.each(eras)("revision $revision", ({ mode }) => {
  it.effect.each(rows)(
    "an agent does not end $what",
    ({ after, answers = [yes], asked, asks = "", before, id, options, says, session }) =>
      Effect.gen(function*() {
        yield* before ?? Effect.void
        const services = yield* Effect.context<Layer.Success<typeof layer>>()
        const provided = answers.map((answer) => Effect.isEffect(answer) ? Effect.provide(answer, services) : answer)
        const person = yield* connectPerson(mode, provided, options).pipe(
          Effect.provideServiceEffect(ProcessControl, happening(after ?? Effect.void))
        )
        yield* Effect.promise(() => person.client.listTools())
        const text = yield* Effect.tryPromise(() =>
          person.client.callTool({ name: "kill_process", arguments: { id, grace_seconds: 0 } })
        ).pipe(
          Effect.map((result) => result.isError === true ? textOf(result) : "done"),
          Effect.catch(({ cause }) => Effect.succeed(String(cause)))
        )
        assert.include(text, says)
        assert.lengthOf(person.asked, asked)
        assert.include(person.asked.at(-1) ?? "", asks)
        assert.deepStrictEqual(yield* signalled, [])
      }).pipe(Registry.inSession(session), Effect.provide(layer))
  )

  it.effect("the person learns of a process that only its pid is known", () =>
    Effect.gen(function*() {
      const { asked, client } = yield* connectPerson(mode, [decline, decline])
      yield* call(client, "kill_process", { id: "agent" })
      assert.include(asked[0], "Only its pid is known, which may be that of another program by now.")
      yield* (yield* ProcessControl).show("reused")
      yield* call(client, "kill_process", { id: "reused" })
      assert.notInclude(asked[1], "Only its pid is known")
    }).pipe(Registry.inSession(undefined), Effect.provide(layer)))

  it.effect("the server outlives what a session has left behind, though it is a part of it", () =>
    Effect.gen(function*() {
      const { client } = yield* connectPerson(mode, [yes])
      yield* call(client, "kill_process", { id: "left", grace_seconds: 0 })
      assert.deepStrictEqual(yield* signalled, [2006])
    }).pipe(Registry.inSession(undefined), Effect.provide(layer)))

  it.effect("of a thousand kills in a second thirty are done, and as many a minute later", () =>
    Effect.gen(function*() {
      const [store, table] = [yield* ProcessStore, yield* Testing.ProcessTable]
      const calls = 1000
      for (let index = 0; index < calls; index++) {
        yield* table.set({ pid: 10_000 + index })
        yield* store.add(Registry.entry({ id: `many-${index}-`, pid: 10_000 + index }))
      }
      const { client } = yield* connectPerson(mode, [], { confirm: "allow" })
      const kill = (index: number) =>
        Effect.promise(() => client.callTool({ name: "kill_process", arguments: { id: `many-${index}-` } }))
      const results = yield* Effect.forEach(Array.from({ length: calls }, (_, index) => index), kill, {
        concurrency: "unbounded"
      })
      const refused = results.filter((result) => result.isError === true)
      assert.lengthOf(refused, calls - 30)
      for (const result of refused) {
        assert.include(textOf(result), "Refused: more than 30 calls within 1 minute that end something")
      }
      assert.lengthOf(yield* signalled, 30)
      // Who only looks is not counted.
      assert.isUndefined((yield* call(client, "list_processes", {})).isError)
      yield* TestClock.adjust("1 minute")
      yield* Effect.forEach(Array.from({ length: 40 }, (_, index) => 900 + index), kill, { concurrency: "unbounded" })
      assert.lengthOf(yield* signalled, 60)
    }).pipe(Registry.inSession(undefined), Effect.provide(layer)))

  it.effect("thirty are within any minute, and not in each that the clock shows", () =>
    Effect.gen(function*() {
      const { client } = yield* connectPerson(mode, [], { confirm: "allow" })
      yield* (yield* Testing.ProcessTable).set({ pid: 2001, ignores: ["SIGHUP"] })
      const stopped = (calls: number) =>
        Effect.forEach(Array.from({ length: calls }), () => call(client, "stop_process", { id: "agent" })).pipe(
          Effect.map((results) => results.filter(({ isError }) => isError !== true).length)
        )
      assert.strictEqual(yield* stopped(10), 10)
      yield* TestClock.adjust("40 seconds")
      assert.strictEqual(yield* stopped(30), 20)
      yield* TestClock.adjust("19 seconds")
      assert.strictEqual(yield* stopped(1), 0)
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* stopped(20), 10)
    }).pipe(Registry.inSession(undefined), Effect.provide(layer)))

  it.effect("the person agrees to thirty in a minute, whatever was tried besides, and is not asked in vain", () =>
    Effect.gen(function*() {
      const { asked, client } = yield* connectPerson(mode, Array.from({ length: 40 }, () => yes))
      yield* (yield* Testing.ProcessTable).set({ pid: 2001, ignores: ["SIGHUP"] })
      const stop = (id: string) => call(client, "stop_process", { id })
      for (let index = 0; index < 40; index++) {
        assert.include(textOf(yield* stop("nobody")), "Process not found: nobody")
      }
      for (let index = 0; index < 30; index++) assert.isUndefined((yield* stop("agent")).isError)
      assert.include(textOf(yield* stop("agent")), "Refused: more than 30 calls within 1 minute that end something")
      assert.lengthOf(asked, 30)
    }).pipe(Registry.inSession(undefined), Effect.provide(layer)))

  it.effect("nobody is asked more often than that", () =>
    Effect.gen(function*() {
      const { asked, client } = yield* connectPerson(mode, Array.from({ length: 100 }, () => decline))
      const results = yield* Effect.forEach(
        Array.from({ length: 100 }),
        () => Effect.promise(() => client.callTool({ name: "kill_process", arguments: { id: "agent" } })),
        { concurrency: "unbounded" }
      )
      assert.lengthOf(asked, 30)
      const refused = results.filter((result) =>
        textOf(result).startsWith("Refused: more than 30 questions within 1 min")
      )
      assert.lengthOf(refused, 70)
      assert.deepStrictEqual(yield* signalled, [])
    }).pipe(Registry.inSession(undefined), Effect.provide(layer)))
})
