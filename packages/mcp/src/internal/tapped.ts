/* oxlint-disable unicorn/prefer-add-event-listener -- a transport is no event target */
/**
 * Seeing in passing what goes over a connection.
 */
import type { JSONRPCMessage, Transport } from "@modelcontextprotocol/server"

export interface Tap {
  readonly received?: (message: JSONRPCMessage) => void
  /** What has to be done before a message is sent, if anything. */
  readonly sending?: (message: JSONRPCMessage) => Promise<void> | undefined
}

/** The same connection; who serves it gets each message after `received` has. */
export const tapped = (transport: Transport, { received, sending }: Tap): Transport => {
  const same: Transport = {
    start: () => {
      transport.onmessage = (message, extra) => {
        received?.(message)
        same.onmessage?.(message, extra)
      }
      transport.onclose = () => same.onclose?.()
      transport.onerror = (error) => same.onerror?.(error)
      return transport.start()
    },
    send: (message, options) => {
      const before = sending?.(message)
      return before === undefined
        ? transport.send(message, options)
        : before.then(() => transport.send(message, options))
    },
    close: () => transport.close()
  }
  return same
}
