/**
 * Handing in a result before a process is killed.
 */
import { assert, describe, it } from "@effect/vitest"
import { JsonSchemaError, ValidatorMissing } from "@zag/core/JsonSchemaError"
import { JsonSchemaValidator } from "@zag/core/JsonSchemaValidator"
import { ProcessControl } from "@zag/core/ProcessControl"
import type { ProcessEntry } from "@zag/core/ProcessEntry"
import { ProcessStore } from "@zag/core/ProcessStore"
import { maxResultBytes, SessionLog, SessionLogError } from "@zag/core/SessionLog"
import { type FoundSession, SessionStore } from "@zag/core/SessionStore"
import { SessionStoreError, SessionUnreadable } from "@zag/core/SessionStoreError"
import type { KillOptions } from "@zag/core/SignalOutcome"
import * as Testing from "@zag/core/testing"
import { ProcessTable, type TestProcess } from "@zag/core/testing"
import * as Timestamp from "@zag/core/Timestamp"
import { Effect, Fiber, Layer, Option } from "effect"
import { TestClock } from "effect/testing"
import * as RealTime from "../src/internal/realTime.ts"
import { entryOf } from "./entryOf.ts"
import { inEnvironment } from "./givenProcesses.ts"
import { logged } from "./logged.ts"
import { accepted, type ExitJson, rejected } from "./resultCases.ts"
import { found } from "./sessions.ts"

const agent = entryOf({ id: "it", pid: 50, sessionId: "s1", root: "/repo", startedAt: "1970-01-01T00:00:00Z" })

const log = "/project/logs/sessions/s1.jsonl"

interface Given {
  readonly entry?: ProcessEntry
  /** What the session was launched with. */
  readonly exit?: ExitJson | null
  readonly sessions?: ReadonlyArray<FoundSession>
  readonly processes?: ReadonlyArray<TestProcess>
}

/** A registry, a system and sessions with one agent. */
const given =
  ({ entry = agent, exit = null, processes = [{ pid: 50 }], sessions = [found({ exit })] }: Given = {}) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>) =>
    Effect.flatMap(ProcessStore, (store) => store.add(entry)).pipe(
      Effect.andThen(effect),
      Effect.provide(Testing.layer(processes, { sessions })),
      inEnvironment({})
    )

const kill = (options?: KillOptions) => Effect.flatMap(ProcessControl, (control) => control.kill("it", options))

const rejection = (options?: KillOptions) =>
  Effect.flatMap(
    Effect.flip(kill(options)),
    (error) => error._tag === "ProcessControlError" ? Effect.succeed(error) : Effect.die(error)
  )

/** With one service in the place of another. */
const killWith = <I>(layer: Layer.Layer<I, never, SessionLog>, options: KillOptions) =>
  Effect.provide(kill(options), Layer.provide(ProcessControl.layer, layer), { local: true })

const signals = Effect.map(
  Effect.flatMap(ProcessTable, (table) => table.signals),
  (sent) => sent.map(({ signal }) => signal)
)

const status = Effect.gen(function*() {
  return Option.getOrThrow(yield* (yield* ProcessStore).find("it")).status
})

const isRecorded = (result: string, since = "1970-01-01T00:00:00Z") =>
  Effect.flatMap(SessionLog, (log) => log.isRecorded({ session: found(), result, since: Timestamp.parse(since) }))

const record = (result: string) =>
  Effect.flatMap(SessionLog, (log) => log.record({ session: found(), result, since: undefined }))

/** Nothing was done to it. */
const assertUntouched = Effect.gen(function*() {
  assert.deepStrictEqual(yield* signals, [])
  assert.strictEqual(yield* status, "running")
})

const noDisk = Layer.effect(
  SessionLog,
  Effect.map(SessionLog, (log) =>
    SessionLog.of({
      ...log,
      record: () => Effect.fail(new SessionLogError({ path: "/log", problem: "ENOSPC: no space left on device" }))
    }))
)

const unreadable = Layer.succeed(
  SessionStore,
  SessionStore.of({
    find: ({ sessionId }) =>
      Effect.fail(
        new SessionStoreError({ reason: new SessionUnreadable({ sessionId, problems: ["/sessions.json: no JSON"] }) })
      ),
    latest: () => Effect.succeedNone
  })
)

describe("kill with a result", () => {
  it.effect("records it, then signals, and says where it is", () =>
    Effect.gen(function*() {
      const { resultRecorded, status: outcome } = yield* kill({ result: "42\n" })
      assert.deepStrictEqual([resultRecorded, outcome], [log, "killed"])
      assert.isTrue(yield* isRecorded("42\n"))
      assert.deepStrictEqual(yield* signals, ["SIGTERM"])
      assert.strictEqual(yield* status, "killed")
    }).pipe(given()))

  it.effect("records before it signals", () =>
    Effect.gen(function*() {
      const killing = yield* Effect.forkChild(kill({ result: "42" }))
      while ((yield* signals).length === 0) yield* RealTime.pause(1)
      assert.isTrue(yield* isRecorded("42"))
      assert.strictEqual(yield* status, "running")
      yield* TestClock.adjust("10 seconds")
      yield* Fiber.join(killing)
    }).pipe(given({ processes: [{ pid: 50, ignores: ["SIGTERM"] }] })))

  it.effect("makes half of a character whole, which zag could not read", () =>
    Effect.gen(function*() {
      yield* kill({ result: "x\uD800" })
      assert.isTrue(yield* isRecorded("x\uFFFD"))
    }).pipe(given()))

  it.effect.each(accepted.map((one, index) => ({ one, index })))(
    "takes what will do: $index",
    ({ one: { exit, result } }) =>
      Effect.gen(function*() {
        const { resultRecorded } = yield* kill({ result })
        assert.strictEqual(resultRecorded, result === undefined ? undefined : log)
        assert.deepStrictEqual(yield* signals, ["SIGTERM"])
      }).pipe(given({ exit }))
  )

  it.effect.each(rejected.map((one, index) => ({ one, index })))(
    "leaves the process alone when it will not do, in the words of zag: $index",
    ({ one: { exit, rejected, result } }) =>
      Effect.gen(function*() {
        const error = yield* rejection({ result })
        assert.strictEqual(error.reason._tag, "ResultRejected")
        assert.strictEqual(error.message, rejected)
        assert.isFalse(yield* isRecorded(result ?? ""))
        yield* assertUntouched
      }).pipe(given({ exit }))
  )

  it.effect("lists each thing that is wrong", () =>
    Effect.gen(function*() {
      const { reason } = yield* rejection({ result: "{}" })
      if (reason._tag !== "ResultRejected") return assert.fail(reason._tag)
      assert.deepStrictEqual(reason.violations, [
        "must have required property 'a'",
        "must have required property 'b'"
      ])
    }).pipe(given({ exit: { schema: { required: ["a", "b"] } } })))

  it.effect("refuses one that could not be read back", () =>
    Effect.gen(function*() {
      const error = yield* rejection({ result: "x".repeat(maxResultBytes + 1) })
      assert.strictEqual(
        error.message,
        `Result rejected: the result has ${maxResultBytes + 1} bytes, and at most ${maxResultBytes} can be recorded. ` +
          "Hand in where it is instead."
      )
      yield* assertUntouched
    }).pipe(given()))

  it.effect("takes no result for one that is due when it is discarded", () =>
    Effect.gen(function*() {
      assert.isUndefined((yield* kill({ discardResult: true })).resultRecorded)
      assert.strictEqual(yield* status, "killed")
    }).pipe(given({ exit: { hint: "the answer" } })))

  it.effect("refuses one that will not do also when it may be discarded", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* rejection({ result: "x", discardResult: true })).reason._tag, "ResultRejected")
      yield* assertUntouched
    }).pipe(given({ exit: { json_mode: true } })))

  it.effect("does not look at a process that it must not signal", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* rejection({ result: "42" })).reason._tag, "SignalRefused")
      assert.isFalse(yield* isRecorded("42"))
      yield* assertUntouched
    }).pipe(given({ entry: entryOf({ ...agent, pid: 1 }), processes: [{ pid: 1 }] })))
})

describe("a result whose session cannot be found", () => {
  const refused =
    /^The result of process it cannot be recorded: (.+)\. The process was not signalled\. Keep the result /

  it.effect.each<readonly [name: string, why: string, given: Given]>([
    ["the entry names none", "its entry in the registry names no session", {
      entry: entryOf({ ...agent, sessionId: null })
    }],
    ["no file has it", "no sessions.json below memory has the session s1", { sessions: [] }]
  ])("is refused: %s", ([, why, options]) =>
    Effect.gen(function*() {
      const error = yield* rejection({ result: "42" })
      assert.strictEqual(error.reason._tag, "SessionNotFound")
      assert.strictEqual(refused.exec(error.message)?.[1], why)
      yield* assertUntouched
      // Nothing is lost without one.
      yield* kill()
      assert.strictEqual(yield* status, "killed")
    }).pipe(given(options)))

  it.effect("is refused when the files cannot be read; without a result that is a warning", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(killWith(unreadable, { result: "42" }))
      assert.strictEqual(
        refused.exec(error.message)?.[1],
        "the session s1 cannot be read: /sessions.json: no JSON"
      )
      yield* assertUntouched
      assert.deepStrictEqual(yield* logged(killWith(unreadable, {})), [
        "Warn: Nobody can say whether process it owes a result: the session s1 cannot be read: /sessions.json: no JSON"
      ])
      assert.strictEqual(yield* status, "killed")
    }).pipe(given()))

  it.effect("is discarded when that was asked for, with a warning", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* logged(kill({ result: "42", discardResult: true })), [
        "Warn: The result of process it is discarded: no sessions.json below memory has the session s1"
      ])
      assert.strictEqual(yield* status, "killed")
    }).pipe(given({ sessions: [] })))
})

describe("a result that cannot be recorded", () => {
  it.effect("is refused in the words of zag", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(killWith(noDisk, { result: "42" }))
      assert.match(
        error.message,
        /^Failed to record session result: .*ENOSPC: no space left on device\. Kill aborted — the process is still running\. Retry once the underlying I\/O error is resolved\.$/
      )
      yield* assertUntouched
    }).pipe(given()))

  it.effect("is discarded when that was asked for, with a warning", () =>
    Effect.gen(function*() {
      const [warning] = yield* logged(killWith(noDisk, { result: "42", discardResult: true }))
      assert.match(warning ?? "", /^Warn: The result of process it is discarded: .*ENOSPC/)
      assert.strictEqual(yield* status, "killed")
    }).pipe(given()))

  it.effect("is refused when there is nothing to check it by", () =>
    Effect.gen(function*() {
      const missing = new JsonSchemaError({ reason: new ValidatorMissing({ problem: "install one" }) })
      const none = Layer.succeed(JsonSchemaValidator, JsonSchemaValidator.of({ validate: () => Effect.fail(missing) }))
      const error = yield* Effect.flip(killWith(none, { result: "1" }))
      assert.strictEqual(
        error.message,
        "The result of process it has to match a JSON schema. JSON schemas cannot be checked: install one. " +
          "The process was not signalled."
      )
      yield* assertUntouched
    }).pipe(given({ exit: { schema: {} } })))
})

describe("a result for a process that has ended", () => {
  it.effect.each([
    ["running", "dead"],
    ["exited", "exited"],
    ["killed", "killed"]
  ])("is refused: %s on paper", ([stored, live]) =>
    Effect.gen(function*() {
      const error = yield* rejection({ result: "42" })
      assert.match(error.message, new RegExp(`^Process it is not running \\(status: ${live}\\)`))
      assert.isFalse(yield* isRecorded("42"))
      assert.strictEqual(yield* status, stored)
    }).pipe(given({ entry: entryOf({ ...agent, status: stored! }), processes: [] })))

  it.effect("brings to its end what was recorded before", () =>
    Effect.gen(function*() {
      yield* record("42")
      const outcome = yield* kill({ result: "42" })
      assert.deepInclude({ ...outcome }, { status: "killed", signal: "SIGTERM", ended: [], resultRecorded: log })
      assert.deepStrictEqual(yield* signals, [])
      assert.strictEqual(yield* status, "killed")
    }).pipe(given({ processes: [] })))

  it.effect("says that it is recorded when the end is as well", () =>
    Effect.gen(function*() {
      yield* record("42")
      const error = yield* rejection({ result: "42" })
      assert.strictEqual(error.resultRecorded, log)
      assert.strictEqual(
        error.message,
        `Process it is not running (status: killed). Its result is recorded in ${log}`
      )
    }).pipe(given({ entry: entryOf({ ...agent, status: "killed" }), processes: [] })))

  it.effect("is not taken for recorded when it is that of an earlier process", () =>
    Effect.gen(function*() {
      yield* record("42")
      assert.strictEqual((yield* rejection({ result: "42" })).reason._tag, "NotRunning")
    }).pipe(given({ entry: entryOf({ ...agent, startedAt: "1970-01-01T00:00:01Z" }), processes: [] })))

  it.effect("ends what it has left behind, when it was recorded before", () =>
    Effect.gen(function*() {
      yield* record("42")
      assert.deepStrictEqual((yield* kill({ result: "42" })).ended.map(({ pid }) => pid), [60])
      assert.strictEqual(yield* status, "killed")
    }).pipe(given({ processes: [{ pid: 60, processId: "it" }] })))

  it.effect("owes nothing any more", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual((yield* kill()).ended.map(({ pid }) => pid), [60])
    }).pipe(given({ exit: { hint: "the answer" }, processes: [{ pid: 60, processId: "it" }] })))
})

describe("a kill that fails after its result was recorded", () => {
  it.effect("says where that is, and records it no more when it is tried again", () =>
    Effect.gen(function*() {
      const error = yield* rejection({ result: "42" })
      assert.strictEqual(error.reason._tag, "SignalNotPermitted")
      assert.isTrue(error.message.endsWith(` Its result is recorded in ${log}`), error.message)
      yield* (yield* ProcessTable).set({ pid: 50 })
      yield* TestClock.adjust("1 second")
      assert.strictEqual((yield* kill({ result: "42" })).resultRecorded, log)
    }).pipe(given({ processes: [{ pid: 50, foreign: true }] })))
})
