import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
// @effect-diagnostics-next-line nodeBuiltinImport:off -- a FIFO, and a file with a hole
import { execFileSync } from "node:child_process"
import { lastEventAt } from "../../src/internal/logTail.ts"
import { eventOf } from "../logOnDisk.ts"

const at = "2026-11-25T10:00:00.5+00:00"
const earlier = "2026-11-25T09:00:00+00:00"

const inDirectory = <A, E, R>(use: (directory: string) => Effect.Effect<A, E, R>) =>
  Effect.flatMap(FileSystem.FileSystem, (fs) => Effect.flatMap(fs.makeTempDirectoryScoped(), use))

const lastOf = (content: string) =>
  inDirectory((directory) =>
    Effect.gen(function*() {
      yield* (yield* FileSystem.FileSystem).writeFileString(`${directory}/log`, content)
      return yield* lastEventAt(`${directory}/log`)
    })
  )

const mebibyte = 1024 * 1024

layer(NodeServices.layer)("the end of a log", (it) => {
  it.effect.each<readonly [what: string, content: string]>([
    ["its only line", eventOf(1, at)],
    ["the last of several", eventOf(1, earlier) + eventOf(2, at)],
    ["a heartbeat", eventOf(1, earlier) + eventOf(2, at, "heartbeat", { interval_secs: 10 })],
    ["a line without an end", eventOf(1, earlier) + eventOf(2, at).trimEnd()],
    ["a line that was begun", eventOf(1, earlier) + eventOf(2, at).slice(0, -30)],
    ["the one before a line that has just begun", eventOf(1, at) + "{\"seq\":2,\"ts\":\"20"],
    ["the one before what is no JSON", eventOf(1, at) + "\n\nnot JSON\n{]\nnull\n42\n{\"seq\":3}\n"],
    ["the one before a time that is none", eventOf(1, at) + eventOf(2, "yesterday")],
    ["a line with its keys in another order", eventOf(1, earlier) + JSON.stringify({ type: "log", ts: at }) + "\n"],
    ["a line of three megabytes", eventOf(1, earlier) + eventOf(2, at, "log", { text: "é".repeat(1.5 * mebibyte) })],
    ["the one before that many blank lines", eventOf(1, at) + "\n".repeat(900)]
  ])("has the time of %s", ([, content]) => Effect.map(lastOf(content), (time) => assert.strictEqual(time, at)))

  it.effect.each<readonly [what: string, content: string]>([
    ["nothing", ""],
    ["no event", "not JSON\n"],
    ["one line of ten megabytes", eventOf(1, at, "log", { text: "x".repeat(10 * mebibyte) })],
    ["five megabytes of blank lines", eventOf(1, at) + "\n".repeat(5 * mebibyte)],
    ["zeros", "\0".repeat(mebibyte)]
  ])("tells nothing where there is %s", ([, content]) =>
    Effect.gen(function*() {
      const { message } = yield* Effect.flip(lastOf(content))
      assert.match(message, /log: no event with a time is at its end$/)
    }))

  it.effect("is not waited for where the log is something else", () =>
    inDirectory((directory) =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        execFileSync("mkfifo", [`${directory}/fifo`])
        yield* fs.symlink("loop", `${directory}/loop`)
        const problemOf = (name: string) =>
          Effect.map(Effect.flip(lastEventAt(`${directory}/${name}`)), ({ isMissing, message }) => {
            assert.include(message, `${directory}/${name}`)
            return isMissing ? "missing" : message
          })
        assert.include(yield* problemOf("fifo"), "not a regular file")
        assert.include(yield* problemOf("."), "not a regular file")
        assert.include(yield* problemOf("loop"), "ELOOP")
        assert.strictEqual(yield* problemOf("none"), "missing")
      })
    ))

  it.effect.each([["10,000 lines", 0], ["500 megabytes", 500 * mebibyte]] as const)(
    "is read within 5 ms and with little memory in a log of %s",
    ([, hole]) =>
      inDirectory((directory) =>
        Effect.gen(function*() {
          const fs = yield* FileSystem.FileSystem
          const file = `${directory}/log`
          const lines = Array.from({ length: 10_000 }, (_, seq) => eventOf(seq, earlier)).join("")
          yield* fs.writeFileString(file, lines)
          yield* fs.truncate(file, Buffer.byteLength(lines) + hole)
          yield* fs.writeFileString(file, "\n" + eventOf(10_000, at), { flag: "a" })
          const before = process.memoryUsage().rss
          // The machine may be busy with other things: the quickest of several is the time that it takes.
          const times: Array<number> = []
          for (let i = 0; i < 30; i++) {
            const start = performance.now()
            assert.strictEqual(yield* lastEventAt(file), at)
            times.push(performance.now() - start)
          }
          assert.isBelow(Math.min(...times), 5)
          assert.isBelow(process.memoryUsage().rss - before, 100 * mebibyte)
        })
      )
  )
})
