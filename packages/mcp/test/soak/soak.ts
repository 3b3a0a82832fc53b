/**
 * Many clients of a server that listens, and of some that do not, for some
 * time, beside processes that come and go. What must hold:
 *
 * - Who reads a resource again after each update of it, and at no other time,
 *   knows what is in the registry: none is missed.
 * - It hears no more updates than there were changes, and none of what it does
 *   not want.
 * - `wait_process` says of nothing that it has ended that has not, and no call
 *   fails about what is there.
 * - When all clients have left, the server holds no more memory than after the
 *   first third of the time, but for 10 %, and no more open files.
 * - Afterwards no process is left.
 */
import { assert } from "@effect/vitest"
import {
  Clock,
  Config,
  Console,
  Deferred,
  Effect,
  Fiber,
  FileSystem,
  Option,
  Random,
  Schedule,
  Schema,
  Stream
} from "effect"
import { ChildProcess } from "effect/process"
import { connect } from "node:net"
import { fileURLToPath } from "node:url"
import { eras } from "../connect.ts"
import * as Registry from "../Registry.ts"
import { makeHome, program, services } from "../spawnServer.ts"
import { type Kind, leaveSession, type Service, type Tally, visit } from "./Visitor.ts"
import * as World from "./World.ts"

export interface Options {
  /** How long it takes, in seconds, without what it takes to begin and to end. */
  readonly seconds: number
  /** With the same one the clients and the processes do the same, as far as they come to it. */
  readonly seed: string
}

/** The server when nobody is there. */
export interface Rest {
  /** What is in use of the heap, and how large that is, in MiB. */
  readonly heap: number
  readonly heapSize: number
  readonly external: number
  readonly resident: number
  readonly files: number
}

export interface Report extends Omit<Tally, "servers"> {
  readonly processes: number
  /** After the first third of the time, and at the end. */
  readonly rests: ReadonlyArray<Rest>
}

// Which part of the time each takes.
const phases = [["first", 1 / 3], ["second", 2 / 3]] as const

const clients = 50

const places = 20

// A server of its own for each of these.
const overStdio = 4

const kindOf = (index: number): Kind => index < overStdio ? "stdio" : index % 2 === 0 ? "socket" : "http"

// So many sessions that clients have left behind are kept: they are there from the beginning.
const sessions = 256

// What a server logs of a connection that ends in the middle of something.
const isOfCutOff = /WARN .*(EPIPE|ECONNRESET|undeliverable)/

const probe = fileURLToPath(new URL("probe.ts", import.meta.url))

const decodeMemory = Schema.decodeUnknownEffect(Schema.fromJsonString(Schema.Struct({
  external: Schema.Finite,
  heapTotal: Schema.Finite,
  heapUsed: Schema.Finite,
  rss: Schema.Finite
})))

const mebi = (bytes: number) => Math.round(bytes / 1024 / 1024 * 100) / 100

const received = (path: string) =>
  Effect.callback<string, Error>((resume) => {
    let text = ""
    const socket = connect(path)
    socket.on("data", (data) => text += data.toString())
    socket.on("error", (error) => resume(Effect.fail(error)))
    socket.on("end", () => resume(Effect.succeed(text)))
  })

/** The server, once it listens, and how it ends. */
const startServer = Effect.fnUntraced(function*(directory: string, env: Record<string, string>) {
  const fs = yield* FileSystem.FileSystem
  const socket = `${directory}/mcp.sock`
  const probeSocket = `${directory}/probe.sock`
  const handle = yield* ChildProcess.make(
    process.execPath,
    ["--expose-gc", "--import", probe, ...program, "--socket", socket, "--http", "0"],
    { env: { ...env, SOAK_PROBE: probeSocket }, stdin: "ignore", killSignal: "SIGTERM", forceKillAfter: "20 seconds" }
  )
  const said: Array<string> = []
  const listening = yield* Deferred.make<void>()
  yield* handle.stderr.pipe(
    Stream.decodeText,
    Stream.splitLines,
    Stream.runForEach((line) => {
      said.push(line)
      return said.length === 2 ? Deferred.succeed(listening, undefined) : Effect.void
    }),
    Effect.forkScoped
  )
  yield* Deferred.await(listening)
  const [url] = /http:\S+(?=,)/.exec(said.join("\n"))!
  const service: Service = { socket, url, env, token: (yield* fs.readFileString(`${directory}/mcp-token`)).trim() }

  const directoryOfFiles = `/proc/${handle.pid}/fd`
  const files = Effect.map(fs.readDirectory(directoryOfFiles), ({ length }) => length)
  const sockets = fs.readDirectory(directoryOfFiles).pipe(
    Effect.flatMap(Effect.forEach((file) =>
      // One that is closed meanwhile is none.
      Effect.orElseSucceed(fs.readLink(`${directoryOfFiles}/${file}`), () => "")
    )),
    Effect.map((targets) => targets.filter((target) => target.startsWith("socket:")).length)
  )

  /** Once it has let go of its clients, for which it has some time. */
  const rest = Effect.fnUntraced(function*(atMost: number) {
    yield* sockets.pipe(
      Effect.repeat({ until: (count) => count <= atMost, schedule: Schedule.spaced("100 millis") }),
      Effect.timeoutOption("30 seconds")
    )
    const sample = Effect.all({ open: files, memory: Effect.flatMap(received(probeSocket), decodeMemory) })
    // What is let go of a moment later is no leak, so the lowest of some counts.
    const samples = yield* Effect.replicateEffect(Effect.delay(sample, "500 millis"), 4)
    const { external, heapTotal, heapUsed, rss } = samples.map(({ memory }) => memory).reduce((low, next) =>
      next.heapUsed < low.heapUsed ? next : low
    )
    return {
      heap: mebi(heapUsed),
      heapSize: mebi(heapTotal),
      external: mebi(external),
      resident: mebi(rss),
      files: Math.min(...samples.map(({ open }) => open))
    } satisfies Rest
  })

  return { handle, said, service, sockets, rest }
})

const isThere = Effect.fnUntraced(function*(pid: number) {
  const fs = yield* FileSystem.FileSystem
  return Option.isSome(yield* Effect.option(fs.readFileString(`/proc/${pid}/stat`)))
})

export const soak = Effect.fnUntraced(
  function*({ seconds, seed }: Options) {
    yield* Console.log(`soak: seed ${seed}, ${seconds} seconds`)
    const { env } = yield* makeHome
    const world = yield* World.make(env)
    const server = yield* startServer(env.HOME, env)
    const tally: Tally = {
      lives: 0,
      cut: 0,
      calls: 0,
      updates: 0,
      compared: 0,
      followed: 0,
      slowest: 0,
      servers: [],
      problems: []
    }
    // What it listens on.
    const socketsAtFirst = yield* server.sockets
    yield* Effect.replicateEffect(leaveSession(server.service), sessions, { concurrency: 4, discard: true })

    /** All that is going on, for so long; then the processes come to their end, and then the clients. */
    const phase = Effect.fnUntraced(function*(name: string, length: number) {
      const stopping = yield* Deferred.make<void>()
      const closing = yield* Deferred.make<void>()
      const living = yield* Effect.forkScoped(world.run(places, `${seed} ${name}`, stopping))
      const visiting = yield* Effect.forkScoped(Effect.forEach(
        Array.from({ length: clients }, (_, index) => index),
        (index) => {
          const kind = kindOf(index)
          const { mode } = eras[Math.floor(index / 2) % eras.length]!
          return visit({
            world,
            service: server.service,
            tally,
            kind,
            mode,
            closing,
            longest: kind === "stdio" ? 30 : 12
          })
            .pipe(
              Effect.catchCause((cause) => {
                tally.problems.push(`${kind}: ${cause}`)
                // Where nothing works any more, this is not to be repeated as fast as it can be.
                return Effect.sleep("1 second")
              }),
              Effect.repeat({ until: () => Deferred.isDone(closing) }),
              Random.withSeed(`${seed} ${name} client ${index}`)
            )
        },
        { concurrency: "unbounded", discard: true }
      ))
      yield* Effect.sleep(length * 1000)
      yield* Deferred.succeed(stopping, undefined)
      yield* Fiber.join(living)
      yield* Deferred.succeed(closing, undefined)
      yield* Fiber.join(visiting)
      yield* world.clear
    }, Effect.scoped)

    const rests = yield* Effect.forEach(
      phases,
      ([name, part]) => Effect.andThen(phase(name, seconds * part), server.rest(socketsAtFirst))
    )

    yield* server.handle.kill({ killSignal: "SIGTERM" }).pipe(Effect.ignore)
    const exitCode = yield* server.handle.exitCode
    if (exitCode !== 0) tally.problems.push(`the server has ended with ${exitCode}`)
    const remarkable = server.said.slice(2).filter((line) => !isOfCutOff.test(line))
    if (remarkable.length > 0) tally.problems.push(`the server has said: ${remarkable.join("\n")}`)
    const { servers, ...counts } = tally
    for (const pid of servers) {
      const isLeft = yield* isThere(pid).pipe(
        Effect.repeat({ until: (is) => !is, schedule: Schedule.spaced("100 millis") }),
        Effect.timeoutOrElse({ duration: "20 seconds", orElse: () => Effect.succeed(true) })
      )
      if (isLeft) tally.problems.push(`the server ${pid} has outlived its client`)
    }
    return { ...counts, processes: world.count(), rests } satisfies Report
  },
  Effect.scoped,
  Registry.inSession(undefined),
  Effect.provide(services)
)

/** What must hold of a report; in the heap there may be 10 % more. */
export const check = ({ followed, problems, rests }: Report): void => {
  assert.deepStrictEqual(problems, [])
  assert.isAbove(followed, 0)
  const [first, last] = [rests[0]!, rests.at(-1)!]
  assert.isAtMost(last.heap, first.heap * 1.1)
  assert.isAtMost(last.files, first.files)
}

/** A seed that nobody has thought of, unless `SOAK_SEED` gives one. */
export const anySeed = Effect.flatMap(
  Clock.currentTimeMillis,
  (now) => Config.withDefault(Config.String("SOAK_SEED"), `${now}`)
)
