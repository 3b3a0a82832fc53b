/**
 * A client that comes, subscribes, looks around and waits, and then leaves, or
 * is cut off in the middle of something.
 */
import { Client, StreamableHTTPClientTransport, type Transport } from "@modelcontextprotocol/client"
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio"
import { Array as Arr, type Cause, Deferred, Duration, Effect, Queue, Random, Schedule, Schema } from "effect"
import type { Mode } from "../connect.ts"
import { socketTransport } from "../listening.ts"
import { textOf } from "../person.ts"
import { program } from "../spawnServer.ts"
import { subscribe } from "../subscribe.ts"
import { listOf, missing, now, stateOf, type Story, type World } from "./World.ts"

/** Where the service is. */
export interface Service {
  readonly socket: string
  readonly url: string
  readonly token: string
  readonly env: Record<string, string>
}

export type Kind = "socket" | "http" | "stdio"

/** What all clients together have seen. */
export interface Tally {
  lives: number
  cut: number
  calls: number
  updates: number
  /** So often was what a client had read compared with the registry. */
  compared: number
  /** So often did that need an update: something had changed after it was first read. */
  followed: number
  /** The longest time until the two were the same, in milliseconds. */
  slowest: number
  /** Servers on standard input and output, which must be gone with their clients. */
  readonly servers: Array<number>
  /** What must not be. */
  readonly problems: Array<string>
}

const connections: Record<Kind, (service: Service) => Effect.Effect<Transport, Error>> = {
  socket: ({ socket }) => socketTransport(socket),
  http: ({ token, url }) =>
    Effect.sync(() =>
      new StreamableHTTPClientTransport(new URL(url), {
        // A connection that is kept for later would be open when nobody is there.
        requestInit: { headers: { authorization: `Bearer ${token}`, connection: "close" } }
      })
    ),
  stdio: ({ env }) =>
    Effect.sync(() => new StdioClientTransport({ command: process.execPath, args: program, env, stderr: "inherit" }))
}

const Shown = Schema.Struct({
  id: Schema.String,
  live_status: Schema.String,
  exit_code: Schema.NullOr(Schema.Finite)
})

const decodeProcess = Schema.decodeUnknownSync(Schema.fromJsonString(Schema.Struct({ process: Shown })))
const decodeList = Schema.decodeUnknownSync(Schema.fromJsonString(Schema.Struct({ processes: Schema.Array(Shown) })))
const decodeWaited = Schema.decodeUnknownSync(Schema.Struct({ has_ended: Schema.Boolean }))

const list = "zag://processes"
const uriOf = (id: string) => `${list}/${id}`

const isMissing = ({ cause }: Cause.UnknownError) => String(cause).includes("not found")

const shown = ({ exit_code, live_status }: typeof Shown.Type) => stateOf(live_status, exit_code)

// Longer than a machine can be busy, for what comes within a second or two.
const patience = "60 seconds"

const connected = Effect.fnUntraced(function*(kind: Kind, mode: Mode, service: Service) {
  const client = new Client({ name: "visitor", version: "0" }, { versionNegotiation: { mode } })
  const transport = yield* connections[kind](service)
  yield* Effect.acquireRelease(
    Effect.tryPromise(() => client.connect(transport)),
    () => Effect.promise(() => client.close())
  )
  return { client, transport }
})

/** Leaves a session behind, and in it a subscription. */
export const leaveSession = Effect.fnUntraced(function*(service: Service) {
  const { client } = yield* connected("http", "legacy", service)
  yield* Effect.tryPromise(() => client.listTools())
  yield* subscribe(client, [list])
}, Effect.scoped)

export interface Options {
  readonly world: World
  readonly service: Service
  readonly tally: Tally
  readonly kind: Kind
  readonly mode: Mode
  /** The longest that it stays, in seconds. */
  readonly longest: number
  /** When this is done, it compares once more all that it knows, and leaves. */
  readonly closing: Deferred.Deferred<void>
}

/** One life of a client. */
export const visit = Effect.fnUntraced(function*(options: Options) {
  const { closing, kind, longest, mode, service, tally, world } = options
  const name = `${kind} ${mode === "legacy" ? "2025" : "2026"}`
  const problem = (what: string) => Effect.sync(() => void tally.problems.push(`${name}: ${what}`))
  tally.lives++
  const { client, transport } = yield* connected(kind, mode, service)
  if (transport instanceof StdioClientTransport) tally.servers.push(transport.pid!)

  // Mostly such as will change.
  const shuffled = yield* Random.shuffle(world.stories.values())
  const chosen = shuffled.toSorted((self, that) => Number(self.isOver) - Number(that.isOver)).slice(0, 4)
  const wantsList = (yield* Random.next) < 0.3
  const uris = [...chosen.map(({ id }) => uriOf(id)), ...(wantsList ? [list] : [])]
  const since = yield* now
  const { heard, unsubscribe } = yield* subscribe(client, uris)

  /** What was read last, which is after the last update. */
  const known = new Map<string, string>()
  const read = (uri: string) =>
    Effect.tryPromise(() => client.readResource({ uri })).pipe(
      Effect.map(({ contents: [content] }) => {
        const { text } = content as { readonly text: string }
        return uri === list
          ? listOf(decodeList(text).processes.map((process) => [process.id, shown(process)]))
          : shown(decodeProcess(text).process)
      }),
      Effect.catch((error) => isMissing(error) ? Effect.succeed(missing) : Effect.fail(error)),
      Effect.map((state) => void known.set(uri, state))
    )
  yield* Effect.forEach(uris, read)
  const readAt = yield* now

  const updates = new Map<string, number>()
  /** For who wants to know why something was not as it must be. */
  const told: Array<readonly [uri: string, at: number]> = []
  yield* Effect.gen(function*() {
    const news = yield* Queue.takeAll(heard)
    const at = yield* now
    tally.updates += news.length
    for (const uri of news) {
      told.push([uri, at - since])
      updates.set(uri, (updates.get(uri) ?? 0) + 1)
      if (uri !== "list" && !uris.includes(uri)) yield* problem(`an update of ${uri}, which it does not want`)
    }
    yield* Effect.forEach(Arr.dedupe(news).filter((uri) => uri !== "list"), read)
  }).pipe(
    Effect.forever,
    Effect.catch((error) => problem(`a resource could not be read: ${error}`)),
    Effect.forkScoped
  )

  const called = Effect.fnUntraced(function*(name: string, args: Record<string, unknown>) {
    tally.calls++
    const result = yield* Effect.tryPromise(() => client.callTool({ name, arguments: args }))
    return { isError: result.isError === true, content: result.structuredContent, text: textOf(result) }
  })

  const aStory = Effect.suspend(() => Effect.map(Random.shuffle(world.stories.values()), ([story]) => story))

  const look = Effect.fnUntraced(function*(name: string, story: Story | undefined) {
    if (story === undefined) return
    const { content, isError, text } = yield* called(name, {
      id: story.id,
      ...(name === "wait_process" ? { timeout_seconds: 1 } : {})
    })
    if (isError) return story.isRemoved ? undefined : yield* problem(`${name} ${story.id}: ${text}`)
    if (name === "wait_process" && decodeWaited(content).has_ended && story.endsAt > (yield* now)) {
      yield* problem(`wait_process ${story.id} says that it has ended, and it has not`)
    }
  })

  const actions = [
    Effect.asVoid(called("list_processes", { limit: 10 })),
    Effect.asVoid(called("process_tree", {})),
    Effect.flatMap(aStory, (story) => look("get_process", story)),
    Effect.flatMap(aStory, (story) => look("wait_process", story)),
    Effect.asVoid(Effect.tryPromise(() => client.listResources()))
  ]

  const act = Effect.flatten(Random.choice(actions))
  const pause = Effect.flatMap(Random.nextBetween(300, 2000), (millis) => Effect.sleep(millis))
  const until = readAt + (yield* Random.nextBetween(1, longest)) * 1000
  yield* Effect.andThen(act, Effect.raceFirst(pause, Deferred.await(closing))).pipe(
    Effect.repeat({
      until: () =>
        Effect.gen(function*() {
          return (yield* Deferred.isDone(closing)) || (yield* now) > until
        })
    })
  )

  /** Waits until what it knows is what is there, which is the case soon where no update was missed. */
  const compare = Effect.fnUntraced(function*(uri: string, truth: Effect.Effect<string>) {
    tally.compared++
    const [took, isSame] = yield* Effect.map(truth, (state) => known.get(uri) === state).pipe(
      Effect.repeat({ until: (isSame) => isSame, schedule: Schedule.spaced("50 millis") }),
      Effect.timeoutOrElse({ duration: patience, orElse: () => Effect.succeed(false) }),
      Effect.timed
    )
    if (!isSame) return yield* problem(`${uri} is known as "${known.get(uri)}", and is "${yield* truth}"`)
    tally.slowest = Math.max(tally.slowest, Duration.toMillis(took))
  })

  const isClosing = yield* Deferred.isDone(closing)
  const isCut = !isClosing && (yield* Random.next) < 0.5
  if (isCut) {
    tally.cut++
    const story = yield* aStory
    // Nobody is there for the answer.
    void client.callTool({ name: "wait_process", arguments: { id: story?.id ?? "none" } }).catch(() => undefined)
    yield* Effect.sleep(yield* Random.nextBetween(0, 100))
  } else {
    yield* Effect.forEach(
      chosen.filter(({ isOver }) => isOver),
      (story) => {
        if (story.endsAt > readAt || story.changes.some(({ until }) => until > readAt)) tally.followed++
        return compare(uriOf(story.id), world.truth(story.id))
      },
      { concurrency: "unbounded", discard: true }
    )
    if (isClosing && wantsList) yield* compare(list, world.truthOfAll)
    if (yield* Random.nextBoolean) yield* unsubscribe
    if (transport instanceof StreamableHTTPClientTransport) yield* Effect.tryPromise(() => transport.terminateSession())
  }

  for (const [uri, count] of updates) {
    const story = chosen.find(({ id }) => uriOf(id) === uri)
    // Over HTTP all clients of 2026 are told at once: of what happened before somebody came, when nobody had looked yet.
    const most = world.most(story?.id, kind === "http" && mode !== "legacy" ? since - 5000 : since)
    if (count <= most) continue
    // In milliseconds from the beginning.
    const times = told.flatMap(([other, at]) => other === uri ? [Math.round(at)] : [])
    const changes = story?.changes.map(({ until }) => Math.round(until - since)) ?? []
    const ended = story === undefined ? "" : `; it may have ended at ${Math.round(story.endsAt - since)}`
    yield* problem(
      `${count} updates of ${uri}, at ${times}, and no more than ${most} changes, of those until ${changes}${ended}`
    )
  }
}, Effect.scoped)
