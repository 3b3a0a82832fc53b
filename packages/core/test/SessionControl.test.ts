import { NodeServices } from "@effect/platform-node"
import { assert, describe, layer } from "@effect/vitest"
import type { ProcessEntry } from "@zag/core/ProcessEntry"
import { ProcessStore } from "@zag/core/ProcessStore"
import { SessionControl } from "@zag/core/SessionControl"
import { ProcessTable, type TestProcess } from "@zag/core/testing"
import { Effect, FileSystem } from "effect"
import { TestClock } from "effect/testing"
import { entryOf } from "./entryOf.ts"
import { write } from "./logOnDisk.ts"
import { logOf, onDisk, project, sessionOf, writeLog, writeSessions } from "./sessionsOnDisk.ts"

const now = Date.UTC(2026, 10, 25, 12)
const justNow = "2026-11-25T11:59:31+00:00"
const longAgo = "2026-11-25T11:59:30+00:00"

const pid = 4242

const entry = (fields: Parameters<typeof entryOf>[0] = {}) =>
  entryOf({ id: "p1", pid, sessionId: "s1", root: "/repo", startedAt: "2026-11-25T10:00:00+00:00", ...fields })

type LogEvent = readonly [ts: string, type: string, fields?: object]

/** What there is of the session s1. */
interface Given {
  readonly entries?: ReadonlyArray<ProcessEntry>
  /** Its process, which runs by default; null where there is none. */
  readonly process?: Partial<TestProcess> | null
  readonly log?: ReadonlyArray<LogEvent>
  readonly session?: object
  readonly env?: Record<string, string>
}

const given =
  ({ entries = [], env = {}, log, process = {}, session }: Given) =>
  <A, E, R>(use: (directory: string) => Effect.Effect<A, E, R>) =>
    onDisk({ processes: process === null ? [] : [{ pid, ...process }], env })((directory) =>
      Effect.gen(function*() {
        yield* TestClock.setTime(now)
        const store = yield* ProcessStore
        yield* Effect.forEach(entries, (one) => store.add(one))
        if (session !== undefined) yield* writeSessions(project(directory), [sessionOf("s1", session)])
        if (log !== undefined) yield* writeLog(logOf(directory, "s1"), ...log)
        return yield* use(directory)
      })
    )

const status = (id = "s1") => Effect.flatMap(SessionControl, (control) => control.status(id))

const ended = (
  success: boolean,
  error: string | null = null
): LogEvent => [longAgo, "session_ended", { success, error }]

layer(NodeServices.layer)("the status of a session", (it) => {
  it.effect.each<readonly [what: string, Given, object]>([
    ["running, by its last heartbeat", { entries: [entry()], log: [[justNow, "heartbeat"]] }, {
      status: "running",
      lastHeartbeatAt: justNow
    }],
    ["running, by an event after its last heartbeat", {
      entries: [entry()],
      log: [[longAgo, "heartbeat"], [justNow, "log"]]
    }, { status: "running", lastHeartbeatAt: longAgo }],
    ["idle", { entries: [entry()], log: [[longAgo, "log"]] }, { status: "idle", lastHeartbeatAt: longAgo }],
    ["running, without a log", { entries: [entry()] }, { status: "running" }],
    ["completed, by its log", { entries: [entry()], log: [[justNow, "heartbeat"], ended(true)] }, {
      status: "completed",
      lastHeartbeatAt: justNow
    }],
    ["failed, by its log", { process: null, entries: [entry()], log: [ended(false, "it broke")] }, {
      status: "failed",
      error: "it broke"
    }],
    ["running, taken up again", { entries: [entry()], log: [ended(true), [justNow, "session_started"]] }, {
      status: "running",
      lastHeartbeatAt: justNow
    }],
    ["dead", { process: null, entries: [entry()], log: [[justNow, "heartbeat"]] }, {
      status: "dead",
      error: "process died without clean exit",
      lastHeartbeatAt: justNow
    }],
    ["dead, without a log", { process: null, entries: [entry()] }, { status: "dead" }],
    ["completed, without a log", { entries: [entry({ status: "exited", exitCode: 0 })] }, { status: "completed" }],
    ["failed, without a log", { entries: [entry({ status: "exited", exitCode: 3 })] }, { status: "failed" }],
    ["killed, without a log", { entries: [entry({ status: "killed", exitCode: 0 })] }, { status: "failed" }],
    ["that of the newest process", {
      entries: [entry(), entry({ id: "p0", startedAt: "2026-11-25T11:30:00+02:00", status: "exited", exitCode: 0 })]
    }, { status: "running" }]
  ])(
    "is %s",
    ([, what, expected]) =>
      given(what)(() =>
        Effect.map(status(), (state) =>
          assert.deepStrictEqual({ ...state }, {
            sessionId: "s1",
            provider: "claude",
            model: "sonnet",
            pid,
            ...expected
          } as object))
      )
  )

  it.effect("is unknown where nothing tells", () =>
    given({ session: { name: "Fred", provider_session_id: "native" } })(() =>
      Effect.gen(function*() {
        const expected = { sessionId: "s1", status: "unknown", provider: "claude", model: "opus", name: "Fred" }
        assert.deepStrictEqual<object>({ ...(yield* status()) }, expected)
        assert.deepStrictEqual<object>({ ...(yield* status("native")) }, expected)
      })
    ))

  it.effect("is unknown where the process is elsewhere", () =>
    given({ entries: [entry({ status: "strange" })], log: [[justNow, "heartbeat"]] })(() =>
      Effect.map(status(), (state) => assert.strictEqual(state.status, "unknown"))
    ))

  it.effect("is that of its process where sessions.json cannot be read", () =>
    given({ entries: [entry()], log: [[justNow, "heartbeat"]] })((directory) =>
      Effect.gen(function*() {
        yield* write(`${project(directory)}/sessions.json`, "no JSON")
        assert.strictEqual((yield* status()).status, "running")
        assert.include((yield* Effect.flip(status("s2"))).message, `${project(directory)}/sessions.json`)
      })
    ))

  it.effect("is still to be had of a session that was moved to the archive", () =>
    given({ entries: [entry({ status: "exited", exitCode: 0, exitedAt: longAgo })] })(() =>
      Effect.gen(function*() {
        yield* (yield* ProcessStore).prune({ keep: 0 })
        assert.strictEqual((yield* status()).status, "completed")
      })
    ))

  it.effect.each(["s", "s2", "~s1", "", "self", "../s1"])(
    "is not to be had of %j",
    (id) =>
      given({ entries: [entry()], log: [[justNow, "heartbeat"]] })(() =>
        Effect.map(Effect.flip(status(id)), ({ message }) => assert.match(message, /^Session not found: /))
      )
  )
})

const cancel = (reason?: string) => Effect.flatMap(SessionControl, (control) => control.cancel("s1", reason))

const signals = Effect.flatMap(ProcessTable, (table) => table.signals)

const endsIn = (directory: string) =>
  Effect.gen(function*() {
    const text = yield* (yield* FileSystem.FileSystem).readFileString(logOf(directory, "s1"))
    return text.split("\n").filter((line) => line.includes("session_ended"))
      .map((line) => (JSON.parse(line) as { readonly error: string }).error)
  })

layer(NodeServices.layer)("cancelling a session", (it) => {
  const beat: ReadonlyArray<LogEvent> = [[justNow, "heartbeat"]]

  it.effect("asks its process to end, and says so in its log", () =>
    given({ entries: [entry()], log: beat })((directory) =>
      Effect.gen(function*() {
        yield* cancel()
        assert.deepStrictEqual(yield* signals, [{ pid, signal: "SIGHUP" }])
        assert.deepStrictEqual(yield* endsIn(directory), ["cancelled: cancelled by user"])
        assert.deepInclude({ ...(yield* status()) }, { status: "failed", error: "cancelled: cancelled by user" })
        yield* cancel("again")
        assert.lengthOf(yield* endsIn(directory), 1)
      })
    ))

  it.effect("does so without a log", () =>
    given({ entries: [entry()] })(() =>
      Effect.gen(function*() {
        yield* cancel()
        assert.deepStrictEqual(yield* signals, [{ pid, signal: "SIGHUP" }])
      })
    ))

  it.effect.each<readonly [what: string, Given]>([
    ["is dead", { process: null, entries: [entry()] }],
    ["has ended, whoever has its pid now", { entries: [entry({ status: "exited", exitCode: 0 })] }],
    ["is not registered", {}]
  ])(
    "signals nothing and says so in the log when its process %s",
    ([, what]) =>
      given({ ...what, log: beat })((directory) =>
        Effect.gen(function*() {
          yield* cancel("no time")
          assert.deepStrictEqual(yield* signals, [])
          assert.deepStrictEqual(yield* endsIn(directory), ["cancelled: no time"])
        })
      )
  )

  it.effect.each<readonly [what: string, message: RegExp, Given]>([
    ["cannot be signalled", /EPERM/, { entries: [entry()], process: { foreign: true } }],
    ["may be another one", /Refused to signal/, {
      entries: [entry({ startedAt: "yesterday" })],
      process: { state: { _tag: "Running", startTime: now } }
    }],
    ["is the one that asks", /Refused to signal/, { entries: [entry({ pid: 1000 })], process: { pid: 1000 } }]
  ])(
    "leaves the log as it is when its process %s",
    ([, message, what]) =>
      given({ ...what, log: beat })((directory) =>
        Effect.gen(function*() {
          assert.match((yield* Effect.flip(cancel())).message, message)
          assert.deepStrictEqual(yield* signals, [])
          assert.deepStrictEqual(yield* endsIn(directory), [])
        })
      )
  )

  it.effect.each([0, 1, 4_294_967_295])(
    "never signals pid %i",
    (dangerous) =>
      given({ entries: [entry({ pid: dangerous })], process: { pid: dangerous }, log: beat })(() =>
        Effect.gen(function*() {
          yield* Effect.exit(cancel())
          assert.deepStrictEqual(yield* signals, [])
        })
      )
  )

  it.effect("fails where there is nothing to be cancelled", () =>
    given({ process: null, entries: [entry()] })(() =>
      Effect.map(
        Effect.flip(cancel()),
        ({ message }) => assert.strictEqual(message, "No session log found for 's1', nor a process that runs")
      )
    ))

  it.effect("says so when the log cannot be written", () =>
    given({ session: {} })((directory) =>
      Effect.gen(function*() {
        yield* write(`${logOf(directory, "s1")}/file`, "")
        assert.include((yield* Effect.flip(cancel())).message, "not a regular file")
      })
    ))
})

const environment = (id?: string) => Effect.flatMap(SessionControl, (control) => control.environment(id))

layer(NodeServices.layer)("the variables of a session", (it) => {
  describe("of which all is known", () => {
    const session = { name: "it's", provider_session_id: "native", worktree_path: "/repo/tree" }
    const expected = {
      ZAG_SESSION_ID: "s1",
      ZAG_SESSION_NAME: "it's",
      ZAG_PROCESS_ID: "p1",
      ZAG_PROVIDER: "claude",
      ZAG_MODEL: "opus",
      ZAG_ROOT: "/repo/tree"
    }

    it.effect("are those of zag, in its order", () =>
      given({ entries: [entry({ id: "p0", startedAt: "2026-11-25T09:00:00Z" }), entry()], session })(() =>
        Effect.gen(function*() {
          assert.deepStrictEqual(Object.entries(yield* environment("s1")), Object.entries(expected))
          assert.deepStrictEqual(yield* environment("native"), expected)
        })
      ))

    it.effect("are those of the own session, when none is named", () =>
      given({ entries: [entry()], session, env: { ZAG_SESSION_ID: "s1" } })(() =>
        Effect.map(environment(), (variables) => assert.deepStrictEqual(variables, expected))
      ))
  })

  it.effect("leave out what is not known", () =>
    given({ session: { model: "", worktree_path: "" } })(() =>
      Effect.map(
        environment("s1"),
        (variables) => assert.deepStrictEqual(variables, { ZAG_SESSION_ID: "s1", ZAG_PROVIDER: "claude" })
      )
    ))

  it.effect("are known by the process, when no file has the session", () =>
    given({ entries: [entry()] })(() =>
      Effect.map(environment("s1"), (variables) =>
        assert.deepStrictEqual(variables, {
          ZAG_SESSION_ID: "s1",
          ZAG_PROCESS_ID: "p1",
          ZAG_PROVIDER: "claude",
          ZAG_MODEL: "sonnet",
          ZAG_ROOT: "/repo"
        }))
    ))

  it.effect("are not to be had of a session that nobody knows", () =>
    given({})(() =>
      Effect.gen(function*() {
        assert.match((yield* Effect.flip(environment("s1"))).message, /^Session not found: s1/)
        assert.match((yield* Effect.flip(environment())).message, /^No sessions found/)
      })
    ))
})
