import { assert, describe, it } from "@effect/vitest"
import { ProcessStore } from "@zag/core/ProcessStore"
import { SessionLog } from "@zag/core/SessionLog"
import * as Testing from "@zag/core/testing"
import { ProcessTable } from "@zag/core/testing"
import * as Timestamp from "@zag/core/Timestamp"
import { Effect, Layer, Option } from "effect"
import { type ExitJson, refusedBySchema, rejected } from "../../core/test/resultCases.ts"
import { found, json } from "../../core/test/sessions.ts"
import { Updates } from "../src/Updates.ts"
import { call, connect } from "./connect.ts"
import * as Registry from "./Registry.ts"

const log = "/project/logs/sessions/s1.jsonl"

/** An agent that was launched with this, and that the server runs in. */
const given = (exit: ExitJson | null) => <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  effect.pipe(
    Effect.provide(
      Layer.effectDiscard(Effect.flatMap(
        ProcessStore,
        (store) => store.add(Registry.entry({ id: "it", pid: 50, sessionId: "s1", startedAt: "1970-01-01T00:00:00Z" }))
      )).pipe(
        Layer.merge(Updates.layer),
        Layer.provideMerge(Testing.layer([{ pid: 50 }], { sessions: [found({ exit })] }))
      )
    ),
    Registry.inSession("it")
  )

const kill = (input: Record<string, unknown>) =>
  Effect.gen(function*() {
    const { client } = yield* connect({ pin: "2026-07-28" })
    return yield* call(client, "kill_process", { id: "self", ...input })
  }).pipe(Effect.scoped)

const failed = (text: string) => ({ isError: true, content: [{ type: "text" as const, text }] })

const isRecorded = (result: string) =>
  Effect.flatMap(
    SessionLog,
    (log) => log.isRecorded({ session: found(), result, since: Timestamp.parse("1970-01-01T00:00:00Z") })
  )

const assertUntouched = Effect.gen(function*() {
  assert.deepStrictEqual(yield* (yield* ProcessTable).signals, [])
  assert.strictEqual(Option.getOrThrow(yield* (yield* ProcessStore).find("it")).status, "running")
})

describe("kill_process with a result", () => {
  it.effect("records it, and says where", () =>
    Effect.gen(function*() {
      const { isError, structuredContent } = yield* kill({ result: "{\"a\":1}" })
      assert.isUndefined(isError)
      assert.deepInclude(structuredContent, { id: "it", status: "killed", result_recorded: log })
      assert.isTrue(yield* isRecorded("{\"a\":1}"))
      assert.strictEqual(Option.getOrThrow(yield* (yield* ProcessStore).find("it")).status, "killed")
    }).pipe(given({ schema: { required: ["a"] } })))

  it.effect("says nothing of a result when there is none", () =>
    Effect.gen(function*() {
      assert.notProperty((yield* kill({})).structuredContent, "result_recorded")
    }).pipe(given(null)))

  it.effect.each(rejected.map((one, index) => ({ one, index })))(
    "refuses what will not do in the words of zag, and the process goes on: $index",
    ({ one: { exit, rejected, result } }) =>
      Effect.gen(function*() {
        assert.deepInclude(yield* kill(result === undefined ? {} : { result }), failed(rejected!))
        yield* assertUntouched
      }).pipe(given(exit))
  )

  it.effect.each(refusedBySchema)(
    "lists all that $schema refuses of $result",
    ({ result, schema, violations }) =>
      Effect.gen(function*() {
        const list = violations.map((violation) => `  - ${violation}\n`).join("")
        assert.deepInclude(
          yield* kill({ result }),
          failed(`Result failed JSON-schema validation. Fix the result and call kill again:\n${list}`)
        )
        yield* assertUntouched
      }).pipe(given({ schema }))
  )

  it.effect("ends without a result that is due when that is asked for", () =>
    Effect.gen(function*() {
      assert.isUndefined((yield* kill({ discard_result: true })).isError)
      assert.strictEqual(Option.getOrThrow(yield* (yield* ProcessStore).find("it")).status, "killed")
    }).pipe(given({ hint: "the answer" })))

  it.effect("takes a text and no other JSON", () =>
    Effect.gen(function*() {
      const { content, isError } = yield* kill({ result: { a: 1 } })
      assert.isTrue(isError)
      assert.include(json(content), "result: Expected string")
      yield* assertUntouched
    }).pipe(given(null)))
})
