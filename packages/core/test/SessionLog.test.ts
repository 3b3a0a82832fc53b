import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { SessionLog, type SessionResult } from "@zag/core/SessionLog"
import * as Timestamp from "@zag/core/Timestamp"
import { Effect, FileSystem, Layer, Schema } from "effect"
import { TestClock } from "effect/testing"
// @effect-diagnostics-next-line nodeBuiltinImport:off -- others write at a moment of the test's choice
import * as Fs from "node:fs"
import * as LogFile from "../src/internal/logFile.ts"
import * as RealTime from "../src/internal/realTime.ts"
import { inEnvironment } from "./givenProcesses.ts"
import { impostors } from "./impostors.ts"
import { found } from "./sessions.ts"
import { layerSidecar } from "./sidecarOnDisk.ts"
import { makeHome } from "./storeOnDisk.ts"

const since = Timestamp.parse("1970-01-01T00:00:00Z")

/** A session with a log of its own, and what can be done with it. */
const make = Effect.fnUntraced(function*(content?: string | Uint8Array, env: Record<string, string> = {}) {
  const fs = yield* FileSystem.FileSystem
  const { directory } = yield* makeHome()
  const path = `${directory}/project/logs/sessions/s1.jsonl`
  if (content !== undefined) {
    yield* fs.makeDirectory(`${directory}/project/logs/sessions`, { recursive: true })
    yield* fs.writeFile(path, typeof content === "string" ? Buffer.from(content) : content)
  }
  const session = found({ provider_session_id: "native-1" }, `${directory}/project`)
  const of = (result: string, more: Partial<SessionResult> = {}): SessionResult => ({ session, result, since, ...more })
  const log = SessionLog.layer.pipe(Layer.provide(layerSidecar(directory)))
  const using = <A, E>(use: (log: SessionLog["Service"]) => Effect.Effect<A, E>) =>
    Effect.flatMap(SessionLog, use).pipe(Effect.provide(log), inEnvironment(env))
  return {
    directory,
    path,
    session,
    read: fs.readFileString(path),
    record: (result: string, more?: Partial<SessionResult>) => using((log) => log.record(of(result, more))),
    isRecorded: (result: string, more?: Partial<SessionResult>) => using((log) => log.isRecorded(of(result, more))),
    pathOf: (fields: Readonly<Record<string, unknown>>) =>
      using((log) => log.pathOf(found(fields, `${directory}/project`)))
  }
})

const parseLine = Schema.decodeUnknownSync(Schema.fromJsonString(Schema.Record(Schema.String, Schema.Unknown)))

const lines = (text: string) => text.split("\n").filter((line) => line !== "").map((line) => parseLine(line))

layer(NodeServices.layer, { concurrent: false })("SessionLog", (it) => {
  it.effect("writes the event as zag does, into a log that is made when there is none", () =>
    Effect.gen(function*() {
      const { path, read, record, directory } = yield* make()
      yield* TestClock.setTime(1_795_333_097_633)
      assert.strictEqual(yield* record("the \"answer\"\n"), path)
      assert.strictEqual(
        yield* read,
        "{\"seq\":1,\"ts\":\"2026-11-22T07:38:17.633+00:00\",\"provider\":\"claude\",\"wrapper_session_id\":\"s1\"," +
          "\"provider_session_id\":\"native-1\",\"source_kind\":\"wrapper\",\"completeness\":\"full\"," +
          "\"type\":\"session_result\",\"result\":\"the \\\"answer\\\"\\n\"}\n"
      )
      const fs = yield* FileSystem.FileSystem
      assert.strictEqual((yield* fs.stat(path)).mode & 0o777, 0o600)
      assert.strictEqual((yield* fs.stat(`${directory}/project/logs`)).mode & 0o777, 0o700)
    }))

  it.effect("knows where the log of a session is", () =>
    Effect.gen(function*() {
      const here = yield* make()
      assert.strictEqual(yield* here.pathOf({}), here.path)
      assert.strictEqual(yield* here.pathOf({ log_path: "/logs/x" }), "/logs/x")
      const elsewhere = yield* make(undefined, { ZAG_USER_LOG_DIR: "/logs" })
      assert.strictEqual(yield* elsewhere.pathOf({}), "/logs/sessions/s1.jsonl")
      assert.strictEqual(yield* elsewhere.pathOf({ log_path: "/logs/x" }), "/logs/x")
    }))

  it.effect("numbers it after the highest number, and leaves all else as it was", () =>
    Effect.gen(function*() {
      const before = "{\"seq\":7}\n{\"seq\":3}\nno JSON\n"
      const { read, record } = yield* make(before)
      yield* record("42")
      const after = yield* read
      assert.isTrue(after.startsWith(`${before}{"seq":8,`))
      assert.strictEqual(after.split("\n").length, before.split("\n").length + 1)
    }))

  it.effect("begins a line of its own after one that was never ended", () =>
    Effect.gen(function*() {
      const { read, record } = yield* make("{\"seq\":7}\n{\"seq\":8,\"type\":\"assistant_mess")
      yield* record("42")
      const [, broken, line, ...rest] = (yield* read).split("\n")
      assert.strictEqual(broken, "{\"seq\":8,\"type\":\"assistant_mess")
      assert.deepInclude(parseLine(line), { seq: 9, result: "42" })
      assert.deepStrictEqual(rest, [""])
    }))

  it.effect("waits for the end of a line that somebody is writing", () =>
    Effect.gen(function*() {
      const { path, read, record } = yield* make("{\"seq\":1}\n{\"seq\":2")
      yield* Effect.forkChild(Effect.andThen(
        RealTime.pause(1),
        Effect.sync(() => Fs.appendFileSync(path, ",\"type\":\"heartbeat\"}\n"))
      ))
      yield* record("42")
      assert.deepStrictEqual(lines(yield* read).map(({ seq }) => seq), [1, 2, 3])
    }))

  it.effect("writes it once more when somebody began a line just then", () =>
    Effect.gen(function*() {
      const { path, read } = yield* make("{\"seq\":1}\n")
      const files = yield* LogFile.make
      let made = 0
      yield* Effect.scoped(Effect.flatMap(files.open(path), ({ append }) =>
        append((_, seq) => {
          // Nobody else can come between what is read and what is written but here.
          if (made++ === 0) Fs.appendFileSync(path, "{\"seq\":2,\"type\":\"heartbeat\"}")
          return `{"seq":${seq},"mine":true}`
        })))
      Fs.appendFileSync(path, "\n")
      const written = (yield* read).split("\n").filter((line) => line !== "")
      assert.strictEqual(made, 2)
      assert.strictEqual(written.at(-1), "{\"seq\":3,\"mine\":true}")
      assert.lengthOf(written.filter((line) => line.startsWith("{\"seq\":3")), 1)
    }))

  it.effect("gives up when it never gets a line of its own", () =>
    Effect.gen(function*() {
      const { path } = yield* make("")
      const files = yield* LogFile.make
      const failure = yield* Effect.flip(Effect.scoped(Effect.flatMap(files.open(path), ({ append }) =>
        append((_, seq) => {
          Fs.appendFileSync(path, "{")
          return `{"seq":${seq}}`
        }))))
      assert.strictEqual(failure.problem, "others write to it without a pause")
    }))

  it.effect("records a result once, as long as it is the last one and not older than the process", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(5000)
      const { isRecorded, read, record } = yield* make()
      const results = Effect.map(read, (text) => lines(text).map(({ result }) => result))
      assert.isFalse(yield* isRecorded("1"))
      yield* record("1")
      yield* record("1")
      assert.isTrue(yield* isRecorded("1"))
      assert.isFalse(yield* isRecorded("2"))
      assert.deepStrictEqual(yield* results, ["1"])
      yield* record("2")
      yield* record("1")
      assert.deepStrictEqual(yield* results, ["1", "2", "1"])
      const later = { since: Timestamp.parse("1970-01-01T00:00:06Z") }
      assert.isTrue(yield* isRecorded("1", { since: Timestamp.parse("1970-01-01T00:00:05Z") }))
      assert.isFalse(yield* isRecorded("1", later))
      yield* record("1", later)
      assert.isFalse(yield* isRecorded("1", { since: undefined }))
      assert.lengthOf(yield* results, 4)
    }))

  it.effect("records the empty result as well", () =>
    Effect.gen(function*() {
      const { isRecorded, read, record } = yield* make("{\"seq\":1}\n")
      yield* record("")
      assert.isTrue(yield* isRecorded(""))
      assert.deepInclude(lines(yield* read)[1], { seq: 2, result: "" })
    }))

  it.effect("writes nothing to a log that nobody could read it from", () =>
    Effect.gen(function*() {
      const { isRecorded, path, read, record } = yield* make(new Uint8Array([0x7b, 0xff, 0x0a]))
      const before = yield* read
      for (const asked of [Effect.asVoid(record("42")), Effect.asVoid(isRecorded("42"))]) {
        const { message } = yield* Effect.flip(asked)
        assert.strictEqual(message, `${path}: it is not valid UTF-8, so that nobody could read the result from it`)
      }
      assert.strictEqual(yield* read, before)
    }))

  for (const { name, problem, put } of impostors) {
    it.effect(`waits for no ${name} in the place of the log`, () =>
      Effect.gen(function*() {
        const { isRecorded, path, record } = yield* make()
        yield* put(path)
        for (const asked of [Effect.asVoid(record("42")), Effect.asVoid(isRecorded("42"))]) {
          const failure = yield* Effect.flip(asked)
          assert.isTrue(failure.message.startsWith(`${path}: `))
          assert.match(failure.message, problem)
        }
      }))
  }

  it.effect("says when the directory of the log cannot be made", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const { directory, isRecorded, record } = yield* make()
      yield* fs.writeFileString(`${directory}/project`, "")
      assert.match((yield* Effect.flip(record("42"))).message, /EEXIST|ENOTDIR/)
      assert.isFalse(yield* isRecorded("42"))
    }))

  it.effect("follows a link to a log that is not there yet", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const { directory, path, record } = yield* make("")
      yield* fs.remove(path)
      yield* fs.symlink(`${directory}/real.jsonl`, path)
      yield* record("42")
      assert.deepInclude(lines(yield* fs.readFileString(`${directory}/real.jsonl`))[0], { result: "42" })
    }))
})
