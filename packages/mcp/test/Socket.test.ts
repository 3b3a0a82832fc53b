import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { ProcessControl } from "@zag/core/ProcessControl"
import { Cause, Deferred, Effect, Exit, FileSystem, Layer, type Path, Scope } from "effect"
import { ChildProcess, ChildProcessSpawner } from "effect/process"
import { connect, type Socket as NetSocket } from "node:net"
import * as Server from "../src/Server.ts"
import * as Socket from "../src/Socket.ts"
import { initialize, listenSocket, message } from "./listening.ts"
import * as Registry from "./Registry.ts"

const layer = Layer.mergeAll(NodeServices.layer, Registry.layer)

const inDirectory = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const directory = yield* fs.makeTempDirectoryScoped({ prefix: "zag-mcp-test-" })
  return { fs, directory, path: `${directory}/mcp.sock` }
})

const listening = Effect.fnUntraced(function*(path: string) {
  yield* Socket.listen(path, yield* Server.factory())
})

/** What a server that was killed leaves. */
const leaveDead = Effect.fnUntraced(function*(path: string) {
  const spawner = yield* ChildProcessSpawner.ChildProcessSpawner
  const code = `require("net").createServer().listen("${path}", () => process.kill(process.pid, "SIGKILL"))`
  const handle = yield* spawner.spawn(ChildProcess.make(process.execPath, ["-e", code]))
  yield* Effect.exit(handle.exitCode)
}, Effect.scoped)

const _meta = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientInfo": { name: "test", version: "0" },
  "io.modelcontextprotocol/clientCapabilities": {}
}

const raw = (path: string) =>
  Effect.callback<NetSocket, Error>((resume) => {
    const socket = connect(path, () => resume(Effect.succeed(socket)))
    socket.once("error", (error) => resume(Effect.fail(error)))
  })

const answered = (socket: NetSocket) =>
  Effect.callback<string>((resume) => {
    socket.once("data", (chunk) => resume(Effect.succeed(String(chunk))))
    socket.write(`${initialize}\n`)
  })

const closed = (socket: NetSocket) =>
  Effect.callback<void>((resume) => {
    if (socket.closed) return resume(Effect.void)
    socket.once("close", () => resume(Effect.void)).resume()
  })

const failure = (path: string) => Effect.map(Effect.flip(Effect.scoped(listening(path))), ({ reason }) => reason)

describe("a socket", () => {
  it.live("is for its user alone, and goes with the server", () =>
    Effect.gen(function*() {
      const { directory, fs, path } = yield* inDirectory
      const mask = process.umask()
      yield* Effect.scoped(Effect.gen(function*() {
        yield* listening(path)
        const { mode, type } = yield* fs.stat(path)
        assert.deepStrictEqual({ type, mode: mode & 0o777 }, { type: "Socket", mode: 0o600 })
      }))
      assert.deepStrictEqual(yield* fs.readDirectory(directory), [])
      assert.strictEqual(process.umask(), mask)
    }).pipe(Effect.provide(layer)))

  it.live.skipIf(process.getuid?.() !== 0)("lets no other user connect", () =>
    Effect.gen(function*() {
      const spawner = yield* ChildProcessSpawner.ChildProcessSpawner
      const { directory, fs, path } = yield* inDirectory
      yield* fs.chmod(directory, 0o755)
      yield* listening(path)
      const code = `require("net").connect("${path}")` +
        ".once('connect', () => process.exit(0)).once('error', (e) => { console.log(e.code); process.exit(7) })"
      const as = (...before: ReadonlyArray<string>) => {
        const [command, ...args] = [...before, process.execPath, "-e", code]
        return Effect.flatMap(spawner.spawn(ChildProcess.make(command!, args)), ({ exitCode }) => exitCode)
      }
      assert.strictEqual(yield* as(), 0)
      assert.strictEqual(yield* as("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"), 7)
    }).pipe(Effect.provide(layer)))

  it.live("takes the place of one that a dead server has left", () =>
    Effect.gen(function*() {
      const { directory, fs, path } = yield* inDirectory
      yield* leaveDead(path)
      assert.isTrue(yield* fs.exists(path))
      yield* listening(path)
      assert.include(yield* answered(yield* raw(path)), "\"serverInfo\"")
      assert.deepStrictEqual(yield* fs.readDirectory(directory), ["mcp.sock"])
    }).pipe(Effect.provide(layer)))

  it.live("of several servers that find a dead one gets one", () =>
    Effect.gen(function*() {
      const { directory, fs, path } = yield* inDirectory
      yield* leaveDead(path)
      const exits = yield* Effect.all(Array.from({ length: 8 }, () => Effect.exit(listening(path))), {
        concurrency: "unbounded"
      })
      const reasons = exits.filter(Exit.isFailure).map(({ cause }) =>
        (Cause.squash(cause) as Socket.SocketError).reason
      )
      assert.deepStrictEqual(reasons.map(({ _tag }) => _tag), Array.from({ length: 7 }, () => "SocketInUse"))
      assert.include(yield* answered(yield* raw(path)), "\"serverInfo\"")
      assert.deepStrictEqual(yield* fs.readDirectory(directory), ["mcp.sock"])
    }).pipe(Effect.provide(layer)))

  it.live("is given back to the server that took the place of a dead one meanwhile", () =>
    Effect.gen(function*() {
      const { directory, fs, path } = yield* inDirectory
      yield* leaveDead(path)
      const context = yield* Effect.context<Server.Services | FileSystem.FileSystem | Path.Path | Scope.Scope>()
      const takeOver = Effect.andThen(fs.remove(path), listening(path))
      const overtaken = FileSystem.FileSystem.of({
        ...fs,
        rename: (from, to) => Effect.andThen(Effect.orDie(Effect.provide(takeOver, context)), fs.rename(from, to))
      })
      const reason = yield* Effect.provideService(failure(path), FileSystem.FileSystem, overtaken)
      assert.strictEqual(reason._tag, "SocketInUse")
      assert.include(yield* answered(yield* raw(path)), "\"serverInfo\"")
      assert.deepStrictEqual(yield* fs.readDirectory(directory), ["mcp.sock"])
    }).pipe(Effect.provide(layer)))

  it.live("is left to the server that has taken its place", () =>
    Effect.gen(function*() {
      const { directory, fs, path } = yield* inDirectory
      const first = yield* Scope.make()
      yield* Scope.provide(listening(path), first)
      yield* fs.remove(path)
      yield* listening(path)
      yield* Scope.close(first, Exit.void)
      assert.include(yield* answered(yield* raw(path)), "\"serverInfo\"")
      assert.deepStrictEqual(yield* fs.readDirectory(directory), ["mcp.sock"])
    }).pipe(Effect.provide(layer)))

  it.live("does not take the place of one on which somebody listens", () =>
    Effect.gen(function*() {
      const { path } = yield* inDirectory
      yield* listening(path)
      const reason = yield* failure(path)
      assert.strictEqual(reason._tag, "SocketInUse")
      assert.include(reason.message, `Another server listens on ${path}`)
      assert.include(yield* answered(yield* raw(path)), "\"serverInfo\"")
    }).pipe(Effect.provide(layer)))

  it.live("does not take the place of a file", () =>
    Effect.gen(function*() {
      const { fs, path } = yield* inDirectory
      yield* fs.writeFileString(path, "mine")
      const reason = yield* failure(path)
      assert.strictEqual(reason._tag, "NotASocket")
      assert.strictEqual(reason.message, `Cannot listen on ${path}: there is a file already. Use another path.`)
      assert.strictEqual(yield* fs.readFileString(path), "mine")
    }).pipe(Effect.provide(layer)))

  it.live("is not to be had where the system allows none", () =>
    Effect.gen(function*() {
      const { directory } = yield* inDirectory
      const missing = yield* failure(`${directory}/missing/mcp.sock`)
      assert.strictEqual(missing._tag, "SocketUnavailable")
      assert.include(missing.message, `the directory ${directory}/missing does not exist`)
      assert.include((yield* failure(`${directory}/${"x".repeat(200)}`)).message, "too long for a socket")
    }).pipe(Effect.provide(layer)))
})

describe("a client", () => {
  it.live("that does not speak the protocol harms no other", () =>
    Effect.gen(function*() {
      const path = yield* listenSocket(yield* Server.factory())
      const bad = yield* raw(path)
      bad.write("GET / HTTP/1.1\r\n\r\n")
      const gone = yield* raw(path)
      gone.write(initialize.slice(0, 20))
      gone.destroy()
      assert.include(yield* answered(yield* raw(path)), "\"serverInfo\"")
    }).pipe(Effect.provide(layer)))

  it.live("that does not read does not hold up the end of the server", () =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const path = yield* Scope.provide(listenSocket(yield* Server.factory()), scope)
      const client = yield* raw(path)
      client.write(`${message(1, "subscriptions/listen", { _meta, notifications: { toolsListChanged: true } })}\n`)
      // More than the system takes in for somebody who does not read.
      client.write(`${message(2, "tools/list", { _meta })}\n`.repeat(1000))
      yield* Effect.callback<void>((resume) => {
        const onData = (chunk: Buffer) => {
          if (!String(chunk).includes("\"tools\"")) return
          client.off("data", onData).pause()
          resume(Effect.void)
        }
        client.on("data", onData)
      })
      // By then the server has answered all that it had read.
      yield* answered(yield* raw(path))
      yield* Scope.close(scope, Exit.void)
      yield* closed(client)
    }).pipe(Effect.provide(layer)))

  it.live("is let go when the server ends, also in the middle of a call", () =>
    Effect.gen(function*() {
      const started = yield* Deferred.make<void>()
      const control = Layer.mock(ProcessControl, {
        kill: () => Effect.andThen(Deferred.succeed(started, undefined), Effect.never)
      })
      const scope = yield* Scope.make()
      const [idle, reader] = yield* Effect.gen(function*() {
        const path = yield* listenSocket(yield* Server.factory({ clientIsSelf: true }))
        const idle = yield* raw(path)
        yield* answered(idle)
        const reader = yield* raw(path)
        yield* answered(reader)
        reader.write(`${message(2, "tools/call", { name: "kill_process", arguments: { id: "self" } })}\n`)
        yield* Deferred.await(started)
        return [idle, reader] as const
      }).pipe(Scope.provide(scope), Effect.provide(Registry.around(control)))
      yield* Scope.close(scope, Exit.void)
      yield* Effect.all([closed(idle), closed(reader)])
    }))
})
