/**
 * How a client says what it wants to be told of, and how it is told: revisions
 * until 2025 by a request for each resource, later ones by
 * `subscriptions/listen`.
 */
import {
  type McpServer,
  ProtocolError,
  ProtocolErrorCode,
  ResourceNotFoundError,
  type Transport
} from "@modelcontextprotocol/server"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Resources from "../Resources.ts"
import type { Update, Updates } from "../Updates.ts"
import * as Listening from "./listening.ts"
import * as OpenListens from "./openListens.ts"

export interface Options {
  readonly updates: Updates["Service"]
  readonly scope: Scope.Scope
  readonly run: (effect: Effect.Effect<void>) => Promise<void>
}

/** Begins or ends to tell a client, who needs no answer once the server ends. */
const settling = (
  { run, scope, updates }: Options,
  client: Pick<Listening.Options, "isWanted" | "tell">
): () => Promise<void> => {
  const settle = Listening.make({ updates, scope, ...client })
  return () => run(settle).catch(() => undefined)
}

const notify = ({ server }: McpServer, update: Update): Effect.Effect<void> =>
  // Who has gone away meanwhile need not be told.
  Effect.ignore(Effect.tryPromise(() =>
    update._tag === "Updated" ? server.sendResourceUpdated({ uri: update.uri }) : server.sendResourceListChanged()
  ))

// More than anybody watches one by one: there is a resource with all of them.
const most = 1000

const canChange = (uri: string): boolean =>
  Resources.all.some((resource) => resource.uri === uri) || Resources.idOf(uri) !== undefined

/** Serves the requests of a client of 2025. It hears of the list of resources as long as it subscribes to any. */
export const serveRequests = (server: McpServer, options: Options): void => {
  const watched = new Set<string>()
  const settle = settling(options, {
    isWanted: () => watched.size > 0,
    tell: (update) => update._tag === "ListChanged" || watched.has(update.uri) ? notify(server, update) : Effect.void
  })
  server.server.setRequestHandler("resources/subscribe", ({ params: { uri } }) => {
    if (!canChange(uri)) throw new ResourceNotFoundError(uri)
    if (watched.size >= most) {
      throw new ProtocolError(
        ProtocolErrorCode.InvalidParams,
        `More than ${most} subscriptions at once. Unsubscribe from some, or subscribe to ${Resources.processes.uri}.`
      )
    }
    watched.add(uri)
    return settle().then(() => ({}))
  })
  server.server.setRequestHandler("resources/unsubscribe", ({ params: { uri } }) => {
    watched.delete(uri)
    return settle().then(() => ({}))
  })
  // oxlint-disable-next-line unicorn/prefer-add-event-listener -- a server is no event target
  server.server.onclose = () => {
    watched.clear()
    void settle()
  }
}

/**
 * The same connection, on which a client of 2026 is told by the server that
 * `server` gives; the SDK passes on to it what it has asked for.
 */
export const serveListens = (
  transport: Transport,
  server: () => McpServer | undefined,
  options: Options
): Transport => {
  let areOpen = false
  const settle = settling(options, {
    isWanted: () => areOpen,
    tell: (update) => {
      const telling = server()
      return telling === undefined ? Effect.void : notify(telling, update)
    }
  })
  return OpenListens.observe(transport, (are) => {
    areOpen = are
    return settle()
  })
}
