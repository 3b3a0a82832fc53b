import { assert, describe, it } from "@effect/vitest"
import { OsProcess } from "@zag/core/OsProcess"
import { ProcessEntryJson } from "@zag/core/ProcessEntry"
import * as Timestamp from "@zag/core/Timestamp"
import { Effect, FileSystem, Layer, Schedule, Schema } from "effect"
import { ChildProcess, ChildProcessSpawner } from "effect/process"
// @effect-diagnostics-next-line nodeBuiltinImport:off -- closes a pipe by itself
import { spawn } from "node:child_process"
import { initialize, message } from "./listening.ts"
import * as Registry from "./Registry.ts"
import { makeHome, program, run, services, spawnServer } from "./spawnServer.ts"

const Store = Schema.fromJsonString(Schema.Struct({ processes: Schema.Array(ProcessEntryJson) }))

const Json = Schema.fromJsonString(Schema.Unknown)

const live = Layer.mergeAll(services, OsProcess.layer)

const Aged = Schema.StructWithRest(
  Schema.Struct({ age_seconds: Schema.Finite }),
  [Schema.Record(Schema.String, Schema.Unknown)]
)

const Listed = Schema.Struct({
  processes: Schema.Array(Aged),
  unreadable_entries: Schema.Array(Schema.Unknown)
})

const Own = Schema.Struct({ process: Aged })

const Used = Schema.Struct({ process: Schema.Struct({ resident_bytes: Schema.Finite }) })

const silent = { exitCode: 0, stdout: "", stderr: "" }

describe("over stdio", () => {
  it.live("lists and kills a process of the operating system, and records that", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const os = yield* OsProcess
      const spawner = yield* ChildProcessSpawner.ChildProcessSpawner
      const { env, file } = yield* makeHome
      const sleeper = yield* spawner.spawn(ChildProcess.make("sleep", ["600"]))
      const { pid } = sleeper
      const entry = Registry.entry({ id: "6fb5ccf0-sleeper", pid, startedAt: yield* Timestamp.now, prompt: "Sleep" })
      yield* fs.writeFileString(file, yield* Schema.encodeEffect(Store)({ processes: [entry] }))
      const server = yield* spawnServer({ ...env, ZAG_PROCESS_ID: entry.id }, ["--confirm", "allow"])

      const listed = yield* server.call("list_processes", { running: true })
      const { processes: [shown], ...rest } = yield* Schema.decodeUnknownEffect(Listed)(listed.structuredContent)
      const { age_seconds: age, ...told } = shown!
      assert.isAtLeast(age, 0)
      assert.deepStrictEqual({ ...told, ...rest }, {
        ...(yield* Schema.encodeEffect(ProcessEntryJson)(entry)),
        live_status: "running",
        verified: false,
        labels: {},
        unreadable_entries: []
      })
      assert.deepInclude(listed.content[1], { type: "resource_link", uri: "zag://processes/6fb5ccf0-sleeper" })

      const looked = yield* server.call("get_process", { id: "self", usage: true })
      const { process } = yield* Schema.decodeUnknownEffect(Used)(looked.structuredContent)
      assert.isAbove(process.resident_bytes, 0)

      const tree = yield* server.call("process_tree", {})
      assert.match(tree.content[0]!.text!, /"id":"6fb5ccf0-sleeper".*"processes":\[\],"children":\[\]/)

      const killed = yield* server.call("kill_process", { id: "6fb5", grace_seconds: 30 })
      assert.deepStrictEqual(killed.structuredContent, {
        id: entry.id,
        pid,
        signal: "SIGTERM",
        status: "killed",
        ended: [{ pid, command: "sleep 600" }]
      })

      yield* Effect.exit(sleeper.exitCode)
      assert.deepStrictEqual(yield* os.inspect(pid), { _tag: "Gone" })
      const { processes: [stored] } = yield* Schema.decodeEffect(Store)(yield* fs.readFileString(file))
      assert.strictEqual(stored?.status, "killed")

      yield* server.hangUp
      assert.deepStrictEqual(yield* server.ended, silent)
    }).pipe(Effect.provide(live)))

  it.live("answers many questions at the same time", () =>
    Effect.gen(function*() {
      const { env } = yield* makeHome
      const server = yield* spawnServer(env)
      assert.isTrue(yield* server.askAtOnce(200))
      yield* server.hangUp
      assert.deepStrictEqual(yield* server.ended, silent)
    }).pipe(Effect.provide(live)))

  it.live("offers nothing that changes anything with --read-only", () =>
    Effect.gen(function*() {
      const { env } = yield* makeHome
      const server = yield* spawnServer(env, ["--read-only"])
      assert.deepStrictEqual(yield* server.tools, Registry.readOnlyTools)
      yield* server.hangUp
      assert.deepStrictEqual(yield* server.ended, silent)
    }).pipe(Effect.provide(live)))

  it.live("knows the session it runs in", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const { env, file } = yield* makeHome
      const processes = [Registry.finished, Registry.entry({ id: "other", pid: 1, status: "killed" })]
      yield* fs.writeFileString(file, yield* Schema.encodeEffect(Store)({ processes }))
      const server = yield* spawnServer({ ...env, ZAG_PROCESS_ID: Registry.finished.id })
      const shown = yield* server.call("get_process", { id: "self" })
      const { process: { age_seconds: _, ...told } } = yield* Schema.decodeUnknownEffect(Own)(shown.structuredContent)
      assert.deepStrictEqual(told, {
        ...(yield* Schema.encodeEffect(ProcessEntryJson)(Registry.finished)),
        live_status: "exited",
        verified: false,
        labels: {}
      })
    }).pipe(Effect.provide(services)))

  it.live("registers its client, with --register, until that is gone", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const { env, file } = yield* makeHome
      const stored = Effect.flatMap(fs.readFileString(file), Schema.decodeEffect(Store)).pipe(
        Effect.map(({ processes: [first] }) => first)
      )
      const server = yield* spawnServer(env, ["--register"])
      const running = yield* stored.pipe(Effect.retry(Schedule.spaced("50 millis")))
      assert.deepInclude(running, { pid: process.pid, provider: "test", command: "mcp", status: "running" })
      yield* server.hangUp
      assert.deepStrictEqual(yield* server.ended, silent)
      assert.deepInclude(yield* stored, { id: running!.id, status: "exited", exitCode: null })
    }).pipe(Effect.provide(services)))

  it.live("logs what is no message on stderr, and goes on", () =>
    Effect.gen(function*() {
      const { env } = yield* makeHome
      const server = yield* spawnServer(env)
      yield* server.send({ what: "no message" })
      yield* server.call("list_processes", {})
      yield* server.hangUp
      const { stderr, ...rest } = yield* server.ended
      assert.deepStrictEqual(rest, { exitCode: 0, stdout: "" })
      assert.include(stderr, "WARN")
    }).pipe(Effect.provide(services)))

  it.live("goes on when nobody reads its log any more", () =>
    Effect.gen(function*() {
      const { env } = yield* makeHome
      const server = yield* Effect.acquireRelease(
        Effect.sync(() => spawn(process.execPath, program, { env })),
        (server) => Effect.sync(() => server.kill())
      )
      const answered = (text: string) =>
        Effect.callback<string>((resume) => {
          server.once("exit", (code) => resume(Effect.succeed(`ended with ${code}`)))
          server.stdout.once("data", (chunk) => resume(Effect.succeed(String(chunk))))
          server.stdin.write(`${text}\n`)
        })
      yield* answered(initialize)
      yield* Effect.callback<void>((resume) => {
        server.stderr.once("close", () => resume(Effect.void)).destroy()
      })
      for (const id of [2, 3, 4]) assert.include(yield* answered(`{}\n${message(id, "ping")}`), `"id":${id}`)
    }).pipe(Effect.provide(services)))

  it.live("starts on no registry at all, and makes none", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const { env } = yield* makeHome
      const server = yield* spawnServer(env)
      const listed = yield* server.call("list_processes", {})
      assert.deepStrictEqual(listed.structuredContent, { processes: [], unreadable_entries: [] })
      assert.deepStrictEqual(yield* fs.readDirectory(env.HOME), [])
    }).pipe(Effect.provide(services)))

  it.live("shows the entries it can read beside those it cannot", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const { env, file } = yield* makeHome
      const good = yield* Schema.encodeEffect(ProcessEntryJson)(Registry.finished)
      yield* fs.writeFileString(file, yield* Schema.encodeEffect(Json)({ processes: [{ id: "bad" }, good] }))
      const server = yield* spawnServer(env)
      const { content: [text] } = yield* server.call("list_processes", {})
      assert.match(text!.text!, /"id":"cccc-1".*"unreadable_entries":\[\{"index":0,"problem":"/)
    }).pipe(Effect.provide(services)))

  it.live("says what is wrong with a registry that is none, and leaves it alone", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const { env, file } = yield* makeHome
      yield* fs.writeFileString(file, "{ half")
      const server = yield* spawnServer(env)
      for (const [name, args] of [["list_processes", {}], ["kill_process", { id: "aaaa" }]] as const) {
        const { content: [text], isError } = yield* server.call(name, args)
        assert.isTrue(isError)
        assert.include(text!.text!, `Failed to parse process store: ${file}: it is not JSON`)
      }
      assert.strictEqual(yield* fs.readFileString(file), "{ half")
    }).pipe(Effect.provide(services)))

  it.live("says so when the registry cannot be read", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const { env, file } = yield* makeHome
      yield* fs.makeDirectory(file)
      const server = yield* spawnServer(env)
      const { content: [text], isError } = yield* server.call("get_process", { id: "aaaa" })
      assert.isTrue(isError)
      assert.strictEqual(text!.text!, `Failed to read process store: ${file}: it is not a file but a directory`)
    }).pipe(Effect.provide(services)))

  it.live.each(["SIGINT", "SIGTERM"] as const)("ends in order on %s", (signal) =>
    Effect.gen(function*() {
      const { env } = yield* makeHome
      const server = yield* spawnServer(env)
      yield* server.kill(signal)
      assert.deepStrictEqual(yield* server.ended, silent)
    }).pipe(Effect.provide(services)))
})

describe("the command line", () => {
  it.live.each(["--help", "-h"])("%s explains how to configure a client", (flag) =>
    Effect.gen(function*() {
      const { exitCode, stderr, stdout } = yield* run([flag])
      assert.deepStrictEqual({ exitCode, stderr }, { exitCode: 0, stderr: "" })
      for (const part of ["\"mcpServers\"", "\"command\"", "ZAG_HOME", "ZAG_PROCESS_ID"]) assert.include(stdout, part)
    }).pipe(Effect.provide(services)))

  it.live("--version shows the version", () =>
    Effect.gen(function*() {
      const { exitCode, stderr, stdout } = yield* run(["--version"])
      assert.deepStrictEqual({ exitCode, stderr }, { exitCode: 0, stderr: "" })
      assert.match(stdout, /^\d+\.\d+\.\d+\n$/)
    }).pipe(Effect.provide(services)))

  it.live.each(["--foo", "serve", "--help=no", "--scope=mine"])("%s is refused", (argument) =>
    Effect.gen(function*() {
      const { exitCode, stderr, stdout } = yield* run([argument])
      assert.strictEqual(exitCode, 2)
      assert.match(stderr, /^Error: .*\n\nFor more information, try 'zag-mcp --help'\.\n$/)
      assert.strictEqual(stdout, "")
    }).pipe(Effect.provide(services)))

  it.live("ends in order when there is no client", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* run([]), silent)
    }).pipe(Effect.provide(services)))
})
