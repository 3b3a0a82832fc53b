/**
 * A client of either era that wants to be told of changes.
 */
import type { Client } from "@modelcontextprotocol/client"
import { Effect, Queue } from "effect"

/** Subscribes to these resources, and to the list of them; answers what is heard: URIs, and `list`. */
export const subscribe = Effect.fnUntraced(function*(client: Client, uris: ReadonlyArray<string>) {
  const heard = yield* Queue.unbounded<string>()
  client.setNotificationHandler("notifications/resources/updated", ({ params }) => {
    Queue.offerUnsafe(heard, params.uri)
  })
  client.setNotificationHandler("notifications/resources/list_changed", () => {
    Queue.offerUnsafe(heard, "list")
  })
  if (client.getNegotiatedProtocolVersion() === "2026-07-28") {
    const subscription = yield* Effect.promise(() =>
      client.listen({ resourceSubscriptions: Array.from(uris), resourcesListChanged: true })
    )
    return { heard, unsubscribe: Effect.promise(() => subscription.close()) }
  }
  yield* Effect.forEach(uris, (uri) => Effect.promise(() => client.subscribeResource({ uri })))
  return {
    heard,
    unsubscribe: Effect.forEach(uris, (uri) => Effect.promise(() => client.unsubscribeResource({ uri })), {
      discard: true
    })
  }
})
