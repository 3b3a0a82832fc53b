/**
 * The program that listens, as it is started by somebody.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, FileSystem, Stream } from "effect"
import { ChildProcess, ChildProcessSpawner } from "effect/process"
import { type AddressInfo, connect, createServer, type Socket } from "node:net"
import { eras } from "../connect.ts"
import { connectHttp, connectSocket, headers, initialize, send } from "../listening.ts"
import { makeHome, program, run, services } from "../spawnServer.ts"

/** Starts it in its home, and waits until it has said `lines` lines. */
const start = Effect.fnUntraced(function*(
  args: ReadonlyArray<string>,
  lines: number,
  env: { readonly HOME: string; readonly ZAG_HOME: string }
) {
  const spawner = yield* ChildProcessSpawner.ChildProcessSpawner
  const handle = yield* spawner.spawn(
    ChildProcess.make(process.execPath, [...program, ...args], { cwd: env.HOME, env, stdin: "ignore" })
  )
  const said = yield* handle.stderr.pipe(
    Stream.decodeText(),
    Stream.splitLines,
    Stream.take(lines),
    Stream.runCollect
  )
  return {
    said,
    end: (signal: ChildProcess.Signal) => Effect.andThen(handle.kill({ killSignal: signal }), handle.exitCode)
  }
})

const listening = /^Listening on (http:\/\/127\.0\.0\.1:\d+\/mcp), for who bears the token in (.*)$/

const startHttp = Effect.fnUntraced(function*(args: ReadonlyArray<string> = []) {
  const { env } = yield* makeHome
  const fs = yield* FileSystem.FileSystem
  const { end, said } = yield* start(["--http", "0", ...args], 1, env)
  const [, url, file] = listening.exec(said[0]!)!
  const token = (yield* fs.readFileString(file!)).trim()
  return { end, url: url!, file: file!, token, env, said: said[0]! }
})

/** Sends a beginning, and nothing more; gives what came back once the connection is closed. */
const slow = (url: string, beginning: string) =>
  Effect.callback<string>((resume) => {
    const { hostname, port } = new URL(url)
    const socket: Socket = connect(Number(port), hostname, () => socket.write(beginning))
    let answer = ""
    socket.on("data", (chunk) => answer += String(chunk))
    socket.on("error", () => {})
    socket.once("close", () => resume(Effect.succeed(answer)))
    return Effect.sync(() => socket.destroy())
  })

/** A port on which nobody listens. */
const freePort = Effect.callback<number>((resume) => {
  const server = createServer().listen(0, "127.0.0.1", () => {
    const { port } = server.address() as AddressInfo
    server.close(() => resume(Effect.succeed(port)))
  })
})

const head = (token: string) => `POST /mcp HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\n`

const authorized = (token: string) => ({ ...headers, authorization: `Bearer ${token}` })

describe("--http", () => {
  it.live("listens for those who bear a token that it makes and does not tell", () =>
    Effect.gen(function*() {
      const { env, file, said, token, url } = yield* startHttp()
      assert.strictEqual(file, `${env.ZAG_HOME}/mcp-token`)
      assert.notInclude(said, token)
      assert.strictEqual((yield* send(url, { method: "POST", headers }, initialize)).status, 401)
      const answer = yield* send(url, { method: "POST", headers: authorized(token) }, initialize)
      assert.strictEqual(answer.status, 200)
    }).pipe(Effect.provide(services)))

  it.live.each(eras)(
    "serves the official client of $revision, with a token file of its own",
    ({ mode }) =>
      Effect.gen(function*() {
        const home = yield* makeHome
        const tokenFile = `${home.env.HOME}/elsewhere/token`
        const { token, url } = yield* startHttp(["--token-file", tokenFile])
        const client = yield* connectHttp(url, mode, token)
        const { tools } = yield* Effect.promise(() => client.listTools())
        assert.isNotEmpty(tools)
      }).pipe(Effect.provide(services))
  )

  it.live.each(["SIGINT", "SIGTERM"] as const)(
    "ends in order on %s, with clients connected",
    (signal) =>
      Effect.gen(function*() {
        const { end, token, url } = yield* startHttp()
        for (const { mode } of eras) yield* connectHttp(url, mode, token)
        // Who is in the middle of a request must not hold it up.
        yield* Effect.forkScoped(slow(url, "POST /mcp HTTP/1.1\r\n"))
        assert.strictEqual(yield* end(signal), 0)
      }).pipe(Effect.provide(services))
  )

  it.live("lets nobody take his time for a request, and serves others meanwhile", () =>
    Effect.gen(function*() {
      const { token, url } = yield* startHttp()
      const slowOnes = yield* Effect.forkScoped(Effect.all([
        slow(url, ""),
        slow(url, head(token)),
        slow(url, `${head(token)}Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{`)
      ], { concurrency: "unbounded" }))
      const answer = yield* send(url, { method: "POST", headers: authorized(token) }, initialize)
      assert.strictEqual(answer.status, 200)
      const answers = yield* Fiber.join(slowOnes)
      assert.isTrue(answers.every((answer) => answer === "" || answer.startsWith("HTTP/1.1 408")), String(answers))
    }).pipe(Effect.provide(services)))

  it.live("refuses a token file that others can read", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const { env } = yield* makeHome
      yield* fs.writeFileString(`${env.HOME}/token`, "0123456789abcdefghij")
      yield* fs.chmod(`${env.HOME}/token`, 0o644)
      const { exitCode, stderr, stdout } = yield* run(["--http", "0", "--token-file", `${env.HOME}/token`])
      assert.deepStrictEqual({ exitCode, stdout }, { exitCode: 1, stdout: "" })
      assert.match(stderr, /^Error: Cannot use the token file .*: others can read it\. .*\n$/)
    }).pipe(Effect.provide(services)))

  it.live("says so when the port is taken", () =>
    Effect.gen(function*() {
      const { url } = yield* startHttp()
      const { exitCode, stderr } = yield* run(["--http", new URL(url).port])
      assert.strictEqual(exitCode, 1)
      assert.match(stderr, /^Error: .*EADDRINUSE.*\n$/)
    }).pipe(Effect.provide(services)))

  it.live.each([
    "--http no-port",
    "--http 0.0.0.0:0 --allow-remote",
    "--http 0.0.0.0:0 --token-file /dev/null/token",
    "--socket socket --allow-remote",
    "--socket="
  ])("%s is refused", (args) =>
    Effect.gen(function*() {
      const { exitCode, stderr, stdout } = yield* run(args.split(" "))
      assert.deepStrictEqual({ exitCode, stdout }, { exitCode: 2, stdout: "" })
      assert.match(stderr, /^Error: .*\n\nFor more information, try 'zag-mcp --help'\.\n$/)
    }).pipe(Effect.provide(services)))

  it.live("lets other machines in where that is meant, by any name", () =>
    Effect.gen(function*() {
      const { env } = yield* makeHome
      const fs = yield* FileSystem.FileSystem
      const tokenFile = `${env.HOME}/token`
      const { said } = yield* start(["--http", "0.0.0.0:0", "--token-file", tokenFile, "--allow-remote"], 1, env)
      const [, port] = /^Listening on http:\/\/0\.0\.0\.0:(\d+)\/mcp/.exec(said[0]!)!
      const token = (yield* fs.readFileString(tokenFile)).trim()
      const options = { method: "POST", headers: { ...authorized(token), host: "agents.example" } }
      assert.strictEqual((yield* send(`http://127.0.0.1:${port}/mcp`, options, initialize)).status, 200)
    }).pipe(Effect.provide(services)))
})

describe("--socket", () => {
  it.live.each(["SIGINT", "SIGTERM"] as const)(
    "serves both eras at once until %s, and leaves nothing",
    (signal) =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        const { env } = yield* makeHome
        const path = `${env.HOME}/mcp.sock`
        const { end, said } = yield* start(["--socket", path], 1, env)
        assert.deepStrictEqual(said, [`Listening on ${path}`])
        for (const { mode } of eras) {
          const client = yield* connectSocket(path, mode)
          assert.isNotEmpty((yield* Effect.promise(() => client.listTools())).tools)
        }
        assert.strictEqual(yield* end(signal), 0)
        assert.deepStrictEqual(yield* fs.readDirectory(env.HOME), [])
      }).pipe(Effect.provide(services))
  )

  it.live.each(["0", "1e4", " 39702", "a port"])(
    "takes %j for the name of a file, and listens on no port",
    (text) =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        const { env } = yield* makeHome
        const port = yield* freePort
        const name = text === "a port" ? `${port}` : text
        yield* start(["--socket", name], 1, env)
        assert.deepStrictEqual(yield* fs.readDirectory(env.HOME), [name])
        assert.strictEqual((yield* fs.stat(`${env.HOME}/${name}`)).type, "Socket")
        assert.strictEqual((yield* Effect.flip(send(`http://127.0.0.1:${port}`, {}))).code, "ECONNREFUSED")
        yield* connectSocket(`${env.HOME}/${name}`, "legacy")
      }).pipe(Effect.provide(services))
  )

  it.live("takes over from a server that was killed", () =>
    Effect.gen(function*() {
      const { env } = yield* makeHome
      const path = `${env.HOME}/mcp.sock`
      const first = yield* start(["--socket", path], 1, env)
      yield* Effect.exit(first.end("SIGKILL"))
      yield* start(["--socket", path], 1, env)
      const { exitCode, stderr } = yield* run(["--socket", path])
      assert.deepStrictEqual({ exitCode, stderr }, {
        exitCode: 1,
        stderr: `Error: Another server listens on ${path}: use that one, or another path\n`
      })
    }).pipe(Effect.provide(services)))

  it.live("goes together with --http", () =>
    Effect.gen(function*() {
      const { env } = yield* makeHome
      const path = `${env.HOME}/mcp.sock`
      const { said } = yield* start(["--socket", path, "--http", "0"], 2, env)
      assert.match(said[0]!, listening)
      yield* connectSocket(path, "legacy")
    }).pipe(Effect.provide(services)))
})
