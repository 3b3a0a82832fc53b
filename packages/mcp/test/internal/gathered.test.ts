import { assert, describe, it } from "@effect/vitest"
import type { JSONRPCMessage, Transport } from "@modelcontextprotocol/server"
import { StdioServerTransport } from "@modelcontextprotocol/server/stdio"
import { Array as Arr, Effect } from "effect"
// @effect-diagnostics nodeBuiltinImport:off -- the SDK writes to a stream of Node
import { PassThrough, Writable } from "node:stream"
import { setImmediate } from "node:timers/promises"
import { gathered } from "../../src/internal/gathered.ts"

const message = (id: number): JSONRPCMessage => ({ jsonrpc: "2.0", id, result: {} })

const lines = (ids: ReadonlyArray<number>) => ids.map((id) => `${JSON.stringify(message(id))}\n`).join("")

/** A connection, and what each call of the operating system would have written. */
const connect = Effect.gen(function*() {
  const written: Array<string> = []
  const out = new Writable({
    decodeStrings: false,
    writev: (chunks, done) => {
      written.push(chunks.map(({ chunk }) => String(chunk)).join(""))
      done()
    }
  })
  const transport: Transport = gathered(new StdioServerTransport(new PassThrough(), out), out)
  yield* Effect.promise(() => transport.start())
  /** All of them at the same time, until nothing is left to be done. */
  const send = (ids: ReadonlyArray<number>) =>
    Effect.andThen(
      Effect.promise(() => Promise.all(ids.map((id) => transport.send(message(id))))),
      Effect.promise(() => setImmediate())
    )
  return { send, written }
})

describe("gathered", () => {
  it.effect("writes what is ready at the same time in one go, and nothing later than that", () =>
    Effect.gen(function*() {
      const { send, written } = yield* connect
      yield* send([0, 1, 2])
      assert.deepStrictEqual(written, [lines([0, 1, 2])])
      yield* send([3])
      assert.deepStrictEqual(written, [lines([0, 1, 2]), lines([3])])
    }))

  it.effect("does not let the first of many wait for all", () =>
    Effect.gen(function*() {
      const { send, written } = yield* connect
      yield* send(Arr.range(0, 99))
      assert.deepStrictEqual(written, [
        lines(Arr.range(0, 31)),
        lines(Arr.range(32, 63)),
        lines(Arr.range(64, 95)),
        lines(Arr.range(96, 99))
      ])
    }))
})
