/**
 * The server of the Model Context Protocol on a Unix socket, for the programs
 * of one user.
 *
 * @since 0.1.0
 */
import { StdioServerTransport } from "@modelcontextprotocol/server/stdio"
import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import * as FiberSet from "effect/FiberSet"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import * as Random from "effect/Random"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Net from "node:net"
import * as Server from "./Server.ts"
import type { Updates } from "./Updates.ts"

/**
 * Another server answers there.
 *
 * @category errors
 * @since 0.1.0
 */
export class SocketInUse extends Schema.TaggedError<SocketInUse>()("SocketInUse", { path: Schema.String }) {
  override get message(): string {
    return `Another server listens on ${this.path}: use that one, or another path`
  }
}

/**
 * What is there is no socket. It was left alone.
 *
 * @category errors
 * @since 0.1.0
 */
export class NotASocket extends Schema.TaggedError<NotASocket>()("NotASocket", {
  path: Schema.String,
  type: Schema.String
}) {
  override get message(): string {
    return `Cannot listen on ${this.path}: there is a ${this.type.toLowerCase()} already. Use another path.`
  }
}

/**
 * The system does not allow a socket there.
 *
 * @category errors
 * @since 0.1.0
 */
export class SocketUnavailable extends Schema.TaggedError<SocketUnavailable>()("SocketUnavailable", {
  path: Schema.String,
  problem: Schema.String,
  cause: Schema.Defect()
}) {
  override get message(): string {
    return `Cannot listen on ${this.path}: ${this.problem}`
  }
}

/**
 * Why nothing listens; `reason` says which of the causes it was.
 *
 * @category errors
 * @since 0.1.0
 */
export class SocketError extends Schema.TaggedError<SocketError>()("SocketError", {
  reason: Schema.Union([SocketInUse, NotASocket, SocketUnavailable])
}) {
  override get message(): string {
    return this.reason.message
  }
}

/**
 * Serves any number of clients on a Unix socket at `path`, with servers such as
 * `Server.factory` makes, until the scope closes.
 *
 * **Details**
 *
 * It is the user's own from its first moment: nobody else can connect but root.
 * A number, such as `3970`, is a path as any other. A file that a dead server
 * has left there is replaced. When the scope closes, the file is removed, unless
 * it is that of another server by then, and all connections end.
 *
 * @category running
 * @since 0.1.0
 */
export const listen = Effect.fn("Socket.listen")(function*(
  path: string,
  factory: Server.Factory
): Effect.fn.Return<void, SocketError, FileSystem.FileSystem | Path.Path | Updates | Scope.Scope> {
  const run = yield* FiberSet.makeRuntime<Updates>()
  const onConnection = (socket: Net.Socket) => {
    // Its transport tells errors while it is open; later ones are nobody's concern.
    socket.on("error", () => {})
    // One for each answer that a client has not read yet.
    socket.setMaxListeners(0)
    run(Effect.ensuring(Server.serve(new StdioServerTransport(socket, socket), factory), hangUp(socket)))
  }
  const file = unmistakable(path, yield* Path.Path)
  yield* Effect.acquireRelease(
    Effect.flatMap(bind(file, onConnection), (server) => Effect.map(identity(file), (own) => ({ server, own }))),
    ({ own, server }) => close(file, server, own)
  )
})

/** Node takes what reads as a number for a port, and would listen there for all who reach the machine. */
const unmistakable = (path: string, { isAbsolute }: Path.Path): string => isAbsolute(path) ? path : `./${path}`

/** Which file has this name now, if any. */
const identity = (path: string) =>
  Effect.flatMap(FileSystem.FileSystem, (fs) => fs.lstat(path)).pipe(
    Effect.map(({ dev, ino }) => `${dev}:${Option.getOrUndefined(ino)}`),
    Effect.option
  )

/** Removes the file, unless another server has taken its place. Those who are connected are the concern of their fibers. */
const close = Effect.fnUntraced(function*(path: string, server: Net.Server, own: Option.Option<string>) {
  const fs = yield* FileSystem.FileSystem
  const now = yield* identity(path)
  const isOther = Option.isSome(now) && !Equal.equals(now, own)
  const aside = yield* asideOf(path)
  // Node removes whatever has the name.
  if (isOther) yield* Effect.ignore(fs.link(path, aside))
  server.close()
  if (isOther) yield* Effect.ignore(Effect.andThen(fs.link(aside, path), fs.remove(aside)))
})

const asideOf = (path: string) => Effect.map(Random.nextIntBetween(0, 2 ** 32), (number) => `${path}.${number}`)

/** Lets the client have what was written, unless it does not read that. */
const hangUp = (socket: Net.Socket) =>
  Effect.callback<void>((resume) => {
    if (socket.closed) return resume(Effect.void)
    socket.once("close", () => resume(Effect.void))
    socket.destroySoon()
  }).pipe(
    Effect.interruptible,
    Effect.timeoutOption("1 second"),
    Effect.andThen(Effect.sync(() => socket.destroy()))
  )

const isTaken = (error: NodeJS.ErrnoException | SocketError): boolean => "code" in error && error.code === "EADDRINUSE"

/** Listens where no other server does. */
const bind = (path: string, onConnection: (socket: Net.Socket) => void) =>
  bindOnce(path, onConnection).pipe(
    Effect.tapError((error) => isTaken(error) ? removeDead(path) : Effect.void),
    Effect.retry({ while: isTaken, times: 3 }),
    Effect.catch((error) => error instanceof SocketError ? Effect.fail(error) : explained(path, error))
  )

const unavailable = (path: string, cause: Error, problem = cause.message) =>
  new SocketError({ reason: new SocketUnavailable({ path, problem, cause }) })

/** What Node says of a path that is too long, or of a directory that does not exist, leads nowhere. */
const explained = Effect.fnUntraced(function*(path: string, error: NodeJS.ErrnoException) {
  if (error.code === "EINVAL") {
    return yield* unavailable(path, error, "the path is too long for a socket, which has room for about 100 bytes")
  }
  const fs = yield* FileSystem.FileSystem
  const directory = (yield* Path.Path).dirname(path)
  const exists = yield* Effect.orElseSucceed(fs.exists(directory), () => true)
  return yield* unavailable(path, error, exists ? error.message : `the directory ${directory} does not exist`)
})

const bindOnce = (path: string, onConnection: (socket: Net.Socket) => void) =>
  Effect.callback<Net.Server, NodeJS.ErrnoException>((resume) => {
    const server = Net.createServer(onConnection)
    server.once("error", (error) => resume(Effect.fail(error)))
    // The file is made by the call itself, with what the mask leaves of all rights. Any later change of its mode would
    // come too late for somebody who connects at once.
    const mask = process.umask(0o177)
    try {
      server.listen(path, () => resume(Effect.succeed(server)))
    } finally {
      process.umask(mask)
    }
  })

/** Whether anybody listens there. What cannot be told counts as if somebody did. */
const isLive = (path: string) =>
  Effect.callback<boolean>((resume) => {
    const socket = Net.connect(path, () => {
      socket.destroy()
      resume(Effect.succeed(true))
    })
    socket.once("error", ({ code }: NodeJS.ErrnoException) =>
      resume(Effect.succeed(code !== "ECONNREFUSED" && code !== "ENOENT")))
  })

/** Removes what a dead server has left. */
const removeDead = Effect.fnUntraced(function*(path: string) {
  const fs = yield* FileSystem.FileSystem
  const { type } = yield* fs.lstat(path)
  if (type !== "Socket") return yield* new SocketError({ reason: new NotASocket({ path, type }) })
  const inUse = new SocketError({ reason: new SocketInUse({ path }) })
  if (yield* isLive(path)) return yield* inUse
  // Another server may have taken its place meanwhile. Moving it decides which of them has it to remove.
  const aside = yield* asideOf(path)
  yield* fs.rename(path, aside)
  const isOther = yield* isLive(aside)
  if (isOther) yield* Effect.ignore(fs.link(aside, path))
  yield* fs.remove(aside)
  if (isOther) return yield* inUse
}, (effect, path) =>
  Effect.catchTag(
    effect,
    "PlatformError",
    (error) => error.reason._tag === "NotFound" ? Effect.void : Effect.fail(unavailable(path, error))
  ))
