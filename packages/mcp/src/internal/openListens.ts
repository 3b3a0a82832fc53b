/**
 * Which requests for `subscriptions/listen` are open on a connection. The SDK
 * answers them itself and tells nobody, so it is seen in passing.
 */
import {
  isJSONRPCNotification,
  isJSONRPCRequest,
  type JSONRPCMessage,
  SUBSCRIPTION_ID_META_KEY,
  type Transport
} from "@modelcontextprotocol/server"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { tapped } from "./tapped.ts"

const Id = Schema.Union([Schema.String, Schema.Finite])

const Cancelled = Schema.Struct({ params: Schema.Struct({ requestId: Id }) })

/** What the client is told that it will get. */
const Acknowledged = Schema.Struct({
  params: Schema.Struct({
    notifications: Schema.Struct({
      resourceSubscriptions: Schema.optionalKey(Schema.Array(Schema.String)),
      resourcesListChanged: Schema.optionalKey(Schema.Boolean)
    }),
    _meta: Schema.Struct({ [SUBSCRIPTION_ID_META_KEY]: Id })
  })
})

const decodeCancelled = Schema.decodeUnknownOption(Cancelled)
const decodeAcknowledged = Schema.decodeUnknownOption(Acknowledged)

const isNotification = (message: JSONRPCMessage, method: string): boolean =>
  isJSONRPCNotification(message) && message.method === method

/**
 * The same connection. `changed` is called when some begin or end to be open;
 * the client is told that one is open when that is done.
 */
export const observe = (transport: Transport, changed: (areOpen: boolean) => Promise<void>): Transport => {
  // What was cancelled before it was answered must not be taken for open.
  const asked = new Set<typeof Id.Type>()
  const open = new Set<typeof Id.Type>()

  const ended = (id: typeof Id.Type) => {
    asked.delete(id)
    return open.delete(id) ? changed(open.size > 0) : undefined
  }

  const received = (message: JSONRPCMessage) => {
    if (isJSONRPCRequest(message) && message.method === "subscriptions/listen") asked.add(message.id)
    if (isNotification(message, "notifications/cancelled")) {
      const cancelled = decodeCancelled(message)
      if (Option.isSome(cancelled)) void ended(cancelled.value.params.requestId)
    }
  }

  /** What has to be done before this is sent. */
  const sending = (message: JSONRPCMessage): Promise<void> | undefined => {
    // It was refused, or the server ends it.
    if ("id" in message && !("method" in message) && message.id !== undefined) return ended(message.id)
    if (!isNotification(message, "notifications/subscriptions/acknowledged")) return undefined
    const { _meta, notifications } = Option.getOrThrow(decodeAcknowledged(message)).params
    const id = _meta[SUBSCRIPTION_ID_META_KEY]
    const { resourceSubscriptions = [], resourcesListChanged = false } = notifications
    if (!asked.has(id) || (resourceSubscriptions.length === 0 && !resourcesListChanged)) return undefined
    open.add(id)
    return changed(true)
  }

  return tapped(transport, { received, sending })
}
