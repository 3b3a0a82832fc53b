/**
 * Loaded into the server before its program, with `--expose-gc`: who connects
 * to the socket in `SOAK_PROBE` gets what the heap holds once all garbage is
 * gone.
 */
import { createServer } from "node:net"

/** What a finalizer lets go of is garbage of the next round. */
const collect = (rounds: number, done: () => void): void => {
  globalThis.gc!()
  if (rounds === 1) done()
  else setImmediate(collect, rounds - 1, done)
}

const server = createServer((socket) => collect(4, () => socket.end(JSON.stringify(process.memoryUsage()))))

// @effect-diagnostics-next-line processEnv:off -- beside the program, and not in it
server.listen(process.env["SOAK_PROBE"]).unref()
