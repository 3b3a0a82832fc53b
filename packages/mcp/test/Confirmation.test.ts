import { assert, describe, it } from "@effect/vitest"
import type { ElicitResult } from "@modelcontextprotocol/client"
import { ProcessStore } from "@zag/core/ProcessStore"
import { Deferred, Effect } from "effect"
import type { ConfirmPolicy } from "../src/Confirmation.ts"
import { call, eras, type Mode } from "./connect.ts"
import { connectPerson, decline, signalled, textOf, yes } from "./person.ts"
import * as Registry from "./Registry.ts"

const { finished, obedient } = Registry

describe.each(eras)("revision $revision", ({ mode }) => {
  it.effect.each(["stop_process", "kill_process"])(
    "%s asks the person, who sees what it is about",
    (name) =>
      Effect.gen(function*() {
        const { asked, client } = yield* connectPerson(mode, [yes])
        const result = yield* call(client, name, { id: "aaaa-1" })
        assert.isUndefined(result.isError)
        assert.deepStrictEqual(yield* signalled, [obedient.pid])
        assert.lengthOf(asked, 1)
        assert.match(asked[0]!, /^An agent wants to (stop|kill) “claude” aaaa-1 \(pid 2001, running, registered \d+/)
      }).pipe(Effect.provide(Registry.layer))
  )

  it.effect("asks a client that says no more than that it can ask", () =>
    Effect.gen(function*() {
      const { client } = yield* connectPerson(mode, [yes], { capabilities: { elicitation: {} } })
      yield* call(client, "kill_process", { id: "aaaa-1" })
      assert.deepStrictEqual(yield* signalled, [obedient.pid])
    }).pipe(Effect.provide(Registry.layer)))

  it.effect.each<readonly [ConfirmPolicy, Array<number>]>([["allow", [obedient.pid]], ["deny", []]])(
    "asks nobody with %s",
    ([confirm, pids]) =>
      Effect.gen(function*() {
        const { asked, client } = yield* connectPerson(mode, [yes], { confirm })
        const result = yield* call(client, "kill_process", { id: "aaaa-1" })
        assert.strictEqual(result.isError === true, confirm === "deny")
        assert.deepStrictEqual(asked, [])
        assert.deepStrictEqual(yield* signalled, pids)
      }).pipe(Effect.provide(Registry.layer))
  )

  it.effect.each<ConfirmPolicy>(["ask", "deny"])(
    "asks nobody when an agent ends itself, with %s",
    (confirm) =>
      Effect.gen(function*() {
        const { asked, client } = yield* connectPerson(mode, [], { confirm })
        yield* call(client, "stop_process", { id: "self" })
        assert.deepStrictEqual(asked, [])
        assert.deepStrictEqual(yield* signalled, [obedient.pid])
      }).pipe(Registry.inSession(obedient.id), Effect.provide(Registry.layer))
  )

  it.effect("asks nobody about what has ended", () =>
    Effect.gen(function*() {
      const { asked, client } = yield* connectPerson(mode, [yes])
      assert.include(textOf(yield* call(client, "kill_process", { id: finished.id })), "not running (status: exited)")
      assert.deepStrictEqual(asked, [])
    }).pipe(Effect.provide(Registry.layer)))

  it.effect("lets no prompt of a process look like a part of the question", () =>
    Effect.gen(function*() {
      const hostile = Registry.entry({
        id: "eeee-1",
        pid: 2001,
        prompt: "x\u001B[2J\u202E\n\nThe administrator has agreed already.\r\nTick the box." + "!".repeat(500)
      })
      yield* (yield* ProcessStore).add(hostile)
      const { asked, client } = yield* connectPerson(mode, [decline])
      yield* call(client, "kill_process", { id: "eeee-1" })
      const lines = asked[0]!.split("\n")
      assert.lengthOf(lines, 2)
      assert.match(lines[1]!, /^Its task: “x \[2J The administrator has agreed already\. Tick the box\.!+…”$/)
      assert.isAtMost(lines[1]!.length, 140)
    }).pipe(Effect.provide(Registry.layer)))

  const forged =
    "x\u201D (pid 1, running). \u2033The\" administrator\u202E has\n\nagreed \u00ABalready\u00BB: don't \u201Cask"
  const harmless = "x' (pid 1, running). 'The' administrator has agreed 'already': don't 'ask"

  it.effect.each(["stop_process", "kill_process"])(
    "lets nothing that others wrote end its quotation when %s asks",
    (name) =>
      Effect.gen(function*() {
        const id = `${forged}${"!".repeat(500)}`
        yield* (yield* ProcessStore).add(
          Registry.entry({ id, pid: 2001, provider: forged, root: forged, prompt: forged })
        )
        const { asked, client } = yield* connectPerson(mode, [decline])
        yield* call(client, name, { id: forged })
        const [question, ...below] = asked[0]!.split("\n")
        assert.match(question!, /^An agent wants to (stop|kill) “[^“”"]+” “[^“”"]{100,120}…” \(pid 2001, running, /)
        assert.include(question, `“${harmless}” “${harmless}!`)
        assert.deepStrictEqual(below, [`In: “${harmless}”`, `Its task: “${harmless}”`])
      }).pipe(Effect.provide(Registry.layer))
  )
})

interface Message {
  readonly id?: string | number
  readonly params?: { readonly requestState?: string; readonly _meta?: unknown }
  readonly result?: { readonly resultType?: string; readonly requestState?: string }
  readonly error?: { readonly code: number }
}

const callOf = (id: string, params: object) => ({ jsonrpc: "2.0", id, method: "tools/call", params })

describe("a state that a client brings back", () => {
  const modern: Mode = { pin: "2026-07-28" }

  /** What a client sends and gets, and the means to send something of its own. */
  const tapped = Effect.fnUntraced(function*(answers: ReadonlyArray<ElicitResult>) {
    const connected = yield* connectPerson(modern, answers)
    const transport = connected.client.transport!
    const sent: Array<Message> = []
    const send = transport.send.bind(transport)
    transport.send = (message, options) => {
      sent.push(message as Message)
      return send(message, options)
    }
    const request = Effect.fnUntraced(function*(message: Message) {
      const answered = yield* Deferred.make<Message>()
      const { onmessage } = transport
      // oxlint-disable-next-line unicorn/prefer-add-event-listener -- a transport is no event target
      transport.onmessage = (incoming, extra) => {
        if ("id" in incoming && incoming.id === message.id) {
          Deferred.doneUnsafe(answered, Effect.succeed(incoming as Message))
        } else onmessage?.(incoming, extra)
      }
      yield* Effect.promise(() => send(message as never))
      return yield* Deferred.await(answered)
    })
    return { ...connected, sent, request }
  })

  it.effect("counts once: a no is not followed by a yes that nobody gave", () =>
    Effect.gen(function*() {
      const { client, request, sent } = yield* tapped([decline])
      yield* call(client, "kill_process", { id: "aaaa-1" })
      const answer = sent.find(({ params }) => params?.requestState !== undefined)!
      const replayed = yield* request({
        ...answer,
        id: "replayed",
        params: { ...answer.params, inputResponses: { confirm: yes } }
      } as Message)
      assert.strictEqual(replayed.result?.resultType, "input_required")
      assert.deepStrictEqual(yield* signalled, [])
    }).pipe(Effect.provide(Registry.layer)))

  it.effect("is for the process that the question was about, and no other", () =>
    Effect.gen(function*() {
      const { client, request, sent } = yield* tapped([])
      yield* Effect.promise(() => client.listTools())
      const _meta = sent.at(-1)!.params!._meta
      const asked = yield* request(callOf("asking", { name: "kill_process", arguments: { id: "aaaa-1" }, _meta }))
      const answered = yield* request(callOf("answering", {
        name: "kill_process",
        arguments: { id: "aaaa-2", grace_seconds: 0 },
        _meta,
        inputResponses: { confirm: yes },
        requestState: asked.result?.requestState
      }))
      assert.strictEqual(answered.result?.resultType, "input_required")
      assert.deepStrictEqual(yield* signalled, [])
    }).pipe(Effect.provide(Registry.layer)))

  it.effect("is refused when it was changed", () =>
    Effect.gen(function*() {
      const { client, request, sent } = yield* tapped([decline])
      yield* call(client, "kill_process", { id: "aaaa-1" })
      const answer = sent.find(({ params }) => params?.requestState !== undefined)!
      const forged = yield* request({
        ...answer,
        id: "forged",
        params: { ...answer.params, requestState: `${answer.params?.requestState}x` }
      } as Message)
      assert.strictEqual(forged.error?.code, -32602)
      assert.deepStrictEqual(yield* signalled, [])
    }).pipe(Effect.provide(Registry.layer)))
})
