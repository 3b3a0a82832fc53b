/**
 * Sending what is ready at the same time in one go: a system call takes as long
 * as the answer to a small question.
 */
import type { Transport } from "@modelcontextprotocol/server"
// @effect-diagnostics-next-line nodeBuiltinImport:off -- the SDK writes to it
import type { Writable } from "node:stream"
import { tapped } from "./tapped.ts"

// So that the first of many does not wait for all others.
const most = 32

/** The same connection, which writes to `out`. */
export const gathered = (transport: Transport, out: Writable): Transport => {
  // The SDK waits for each message with listeners of its own.
  out.setMaxListeners(0)
  let waiting = 0

  const flush = () => {
    waiting = 0
    out.uncork()
  }

  return tapped(transport, {
    sending: () => {
      if (waiting === most) flush()
      if (waiting === 0) {
        out.cork()
        // After all that is to be done now.
        process.nextTick(() => {
          if (waiting > 0) flush()
        })
      }
      waiting++
      return undefined
    }
  })
}
