import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { SessionEvents } from "@zag/core/SessionEvents"
import { Effect, FileSystem, Option } from "effect"
import { TestClock } from "effect/testing"
// @effect-diagnostics-next-line nodeBuiltinImport:off -- a FIFO
import { execFileSync } from "node:child_process"
import { eventOf, write } from "./logOnDisk.ts"
import { logOf, onDisk, project, sessionOf, writeLog, writeSessions } from "./sessionsOnDisk.ts"

const at = "2026-11-25T10:00:00+00:00"

const session = { sessionId: "s1", root: "/repo" }

const lastEventAt = (sessionId = "s1", root: string | null = "/repo") =>
  Effect.map(
    Effect.flatMap(SessionEvents, (events) => events.lastEventAt({ sessionId, root })),
    Option.getOrNull
  )

const summary = Effect.map(Effect.flatMap(SessionEvents, (events) => events.summary(session)), Option.getOrNull)

const recordEnd = Effect.flatMap(
  SessionEvents,
  (events) => events.recordEnd({ session, provider: "codex", success: false, error: "cancelled: why" })
)

const linesOf = (file: string) =>
  Effect.map(Effect.flatMap(FileSystem.FileSystem, (fs) => fs.readFileString(file)), (text) => text.split("\n"))

layer(NodeServices.layer)("the log of a session", (it) => {
  it.effect("is that of its id in the project of its root", () =>
    onDisk()((directory) =>
      Effect.gen(function*() {
        yield* writeLog(logOf(directory, "s1"), [at, "heartbeat"])
        assert.strictEqual(yield* lastEventAt(), at)
      })
    ))

  it.effect("is the one that sessions.json says", () =>
    onDisk()((directory) =>
      Effect.gen(function*() {
        const log = `${directory}/elsewhere.jsonl`
        yield* writeSessions(project(directory), [sessionOf("s1", { log_path: log })])
        yield* writeLog(log, [at, "heartbeat"])
        assert.strictEqual(yield* lastEventAt(), at)
        assert.strictEqual(yield* lastEventAt("s1", null), at)
      })
    ))

  it.effect("is found in another project, without an entry in sessions.json", () =>
    onDisk()((directory) =>
      Effect.gen(function*() {
        yield* writeLog(`${directory}/projects/other/logs/sessions/s1.jsonl`, [at, "heartbeat"])
        assert.strictEqual(yield* lastEventAt(), at)
        assert.strictEqual(yield* lastEventAt("s1", null), at)
      })
    ))

  it.effect("is in ZAG_USER_LOG_DIR where that is set", () =>
    Effect.flatMap(
      FileSystem.FileSystem,
      (fs) =>
        Effect.flatMap(fs.makeTempDirectoryScoped(), (logs) =>
          onDisk({ env: { ZAG_USER_LOG_DIR: logs } })(() =>
            Effect.gen(function*() {
              yield* writeLog(`${logs}/sessions/s1.jsonl`, [at, "heartbeat"])
              assert.strictEqual(yield* lastEventAt(), at)
            })
          ))
    ))

  it.effect("may be missing", () =>
    onDisk()((directory) =>
      Effect.gen(function*() {
        assert.isNull(yield* lastEventAt())
        yield* writeSessions(project(directory), [sessionOf("s1")])
        assert.isNull(yield* lastEventAt())
        assert.isNull(yield* summary)
      })
    ))

  it.effect("is never looked for along a path in an id", () =>
    onDisk()((directory) =>
      Effect.gen(function*() {
        yield* writeLog(`${directory}/projects/repo/logs/x.jsonl`, [at, "heartbeat"])
        yield* writeLog(logOf(directory, "s1"), [at, "heartbeat"])
        for (const id of ["../x", "..", "", "/", `${directory}/projects/repo/logs/x`]) {
          assert.isNull(yield* lastEventAt(id), id)
        }
      })
    ))

  it.effect("is told to be unusable where it is something else", () =>
    onDisk()((directory) =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        yield* fs.makeDirectory(`${project(directory)}/logs/sessions/d.jsonl`, { recursive: true })
        execFileSync("mkfifo", [logOf(directory, "f")])
        yield* fs.symlink("l.jsonl", logOf(directory, "l"))
        yield* write(logOf(directory, "n"), "no JSON\n")
        for (const [id, problem] of [["d", "regular"], ["f", "regular"], ["l", "ELOOP"], ["n", "no event"]] as const) {
          const { message } = yield* Effect.flip(lastEventAt(id))
          assert.include(message, `The log of the session ${id} cannot be used: ${logOf(directory, id)}: `)
          assert.include(message, problem)
        }
      })
    ))

  it.effect("is told to be unknown where sessions.json cannot be read", () =>
    onDisk()((directory) =>
      Effect.gen(function*() {
        yield* write(`${project(directory)}/sessions.json`, "no JSON")
        assert.include((yield* Effect.flip(lastEventAt())).message, `${project(directory)}/sessions.json`)
      })
    ))
})

layer(NodeServices.layer)("the summary of a log", (it) => {
  it.effect("has the last heartbeat, the last event and the last end", () =>
    onDisk()((directory) =>
      Effect.gen(function*() {
        yield* writeLog(
          logOf(directory, "s1"),
          ["2026-11-25T09:00:00+00:00", "session_started"],
          ["2026-11-25T09:00:10+00:00", "heartbeat"],
          ["2026-11-25T09:00:20+00:00", "heartbeat"],
          ["2026-11-25T09:00:21+00:00", "session_ended", { success: true, error: null }],
          ["2026-11-25T09:00:22+00:00", "session_ended", { success: false, error: "it broke" }],
          [at, "session_result", { result: "\"type\":\"session_ended\"" }]
        )
        assert.deepStrictEqual(yield* summary, {
          end: { success: false, error: "it broke" },
          lastHeartbeatAt: "2026-11-25T09:00:20+00:00",
          lastEventAt: at,
          provider: "claude"
        })
      })
    ))

  it.effect("has no end of a session that was taken up again", () =>
    onDisk()((directory) =>
      Effect.gen(function*() {
        yield* writeLog(
          logOf(directory, "s1"),
          ["2026-11-25T09:00:21+00:00", "session_ended", { success: true, error: null }],
          [at, "session_started", { resumed: true }]
        )
        assert.isUndefined((yield* summary)?.end)
      })
    ))

  it.effect("is not misled by what is no event, and sees a last line without an end", () =>
    onDisk()((directory) =>
      Effect.gen(function*() {
        const end = eventOf(2, at, "session_ended", { success: true, error: null }).trimEnd()
        const long = `${"{\"type\":\"session_ended\"".padEnd(600_000, "x")}\n`
        yield* write(logOf(directory, "s1"), `\0\nnot "type":"session_ended"\n${long}[]\n${end}`)
        assert.deepStrictEqual((yield* summary)?.end, { success: true, error: null })
        yield* write(logOf(directory, "s1"), `not "type":"session_ended"\n${long}`)
        assert.deepStrictEqual(yield* summary, {
          end: undefined,
          lastHeartbeatAt: undefined,
          lastEventAt: undefined,
          provider: undefined
        })
      })
    ))
})

layer(NodeServices.layer)("the end of a session", (it) => {
  it.effect("is added to its log as zag would, once", () =>
    onDisk()((directory) =>
      Effect.gen(function*() {
        yield* TestClock.setTime(Date.UTC(2026, 10, 25, 12))
        const file = logOf(directory, "s1")
        // Whoever has begun the last line was killed.
        yield* write(file, eventOf(7, at, "session_started") + eventOf(3, at) + "{\"seq\":8")
        assert.isTrue(yield* recordEnd)
        assert.isTrue(yield* recordEnd)
        const lines = yield* linesOf(file)
        assert.deepStrictEqual(lines.slice(2), [
          "{\"seq\":8",
          "{\"seq\":8,\"ts\":\"2026-11-25T12:00:00+00:00\",\"provider\":\"claude\",\"wrapper_session_id\":\"s1\"," +
          "\"provider_session_id\":null,\"source_kind\":\"wrapper\",\"completeness\":\"full\"," +
          "\"type\":\"session_ended\",\"success\":false,\"error\":\"cancelled: why\"}",
          ""
        ])
      })
    ))

  it.effect("is added again when it was taken up meanwhile", () =>
    onDisk()((directory) =>
      Effect.gen(function*() {
        const file = logOf(directory, "s1")
        yield* writeLog(file, [at, "session_ended", { success: true, error: null }], [at, "session_started"])
        assert.isTrue(yield* recordEnd)
        assert.include((yield* linesOf(file))[2], "cancelled: why")
      })
    ))

  it.effect("makes the log of a session that is known", () =>
    onDisk()((directory) =>
      Effect.gen(function*() {
        yield* writeSessions(project(directory), [sessionOf("s1")])
        assert.isTrue(yield* recordEnd)
        assert.include((yield* linesOf(logOf(directory, "s1")))[0], "\"seq\":1,")
        assert.strictEqual((yield* summary)?.provider, "codex")
      })
    ))

  it.effect("is not written where nobody knows the session", () =>
    onDisk()((directory) =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        assert.isFalse(yield* recordEnd)
        assert.isFalse(yield* fs.exists(`${directory}/projects`))
      })
    ))

  it.effect("is not written to what is no log", () =>
    onDisk()((directory) =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        yield* fs.makeDirectory(logOf(directory, "s1"), { recursive: true })
        assert.include((yield* Effect.flip(recordEnd)).message, "not a regular file")
      })
    ))

  it.effect("is there once when several write it at the same time", () =>
    onDisk()((directory) =>
      Effect.gen(function*() {
        const file = logOf(directory, "s1")
        yield* writeLog(file, [at, "session_started"])
        yield* Effect.all(Array.from({ length: 8 }, () => recordEnd), { concurrency: "unbounded" })
        assert.lengthOf((yield* linesOf(file)).filter((line) => line.includes("session_ended")), 1)
      })
    ))
})
