import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Clock, Effect, Fiber, FileSystem } from "effect"
import { lockHolder } from "../../src/internal/lockHolder.ts"
import * as Sqlite from "../../src/internal/sidecarSqlite.ts"
import { openSidecar } from "../sidecarOnDisk.ts"
import { makeHome, namesIn } from "../storeOnDisk.ts"
import { finishAll, startTogether } from "./workers.ts"

const linux = process.platform === "linux"

/** A program of its own that holds the lock. */
const startHolder = Effect.fnUntraced(function*(directory: string) {
  const [holder] = yield* startTogether([[directory, "lock"]])
  yield* holder!.says("locked")
  return holder!
})

layer(NodeServices.layer, { excludeTestServices: true })("the lock between programs", (it) => {
  it.effect("is held by one at a time", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const { directory } = yield* makeHome()
      const file = `${directory}/counter`
      yield* fs.writeFileString(file, "0")
      const workers = yield* startTogether(["a", "b", "c"].map((name) => [directory, "count", name, "50"]))
      const here = yield* Effect.forEach([0, 1], () => openSidecar(directory))
      const increment = Effect.flatMap(
        fs.readFileString(file),
        (before) => fs.writeFileString(file, String(Number(before) + 1))
      )
      yield* Effect.forEach(here, ({ withLock }) =>
        Effect.forEach(Array.from({ length: 50 }), () => withLock(() => increment)), { concurrency: "unbounded" })
      yield* finishAll(workers)
      assert.strictEqual(yield* fs.readFileString(file), "250")
    }))

  it.effect("is free once its holder is killed, and not before", () =>
    Effect.gen(function*() {
      const { directory } = yield* makeHome()
      const holder = yield* startHolder(directory)
      const events: Array<string> = []
      const { withLock } = yield* openSidecar(directory)
      const waiting = yield* Effect.forkChild(withLock(() => Effect.sync(() => events.push("ours"))))
      yield* Effect.sync(() => events.push("killed")).pipe(Effect.andThen(holder.kill))
      yield* Fiber.join(waiting)
      assert.deepStrictEqual(events, ["killed", "ours"])
      assert.deepStrictEqual(yield* namesIn(directory), ["processes.db"])
    }))

  it.effect("is not touched by a waiter that is interrupted", () =>
    Effect.gen(function*() {
      const { directory } = yield* makeHome()
      const holder = yield* startHolder(directory)
      const { withLock } = yield* openSidecar(directory)
      const ran: Array<string> = []
      const waiting = yield* Effect.forkChild(withLock(() => Effect.sync(() => ran.push("interrupted"))))
      yield* Effect.yieldNow
      yield* Fiber.interrupt(waiting)
      const next = yield* Effect.forkChild(withLock(() => Effect.sync(() => ran.push("next"))))
      if (linux) assert.include(lockHolder(`${directory}/processes.db`), `pid ${holder.pid} `)
      yield* holder.tell
      yield* Fiber.join(next)
      yield* finishAll([holder])
      assert.deepStrictEqual(ran, ["next"])
      assert.isUndefined(lockHolder(`${directory}/processes.db`))
    }))

  it.effect("is waited for by all of one program at the same time", () =>
    Effect.gen(function*() {
      const { directory } = yield* makeHome()
      const holder = yield* startHolder(directory)
      const { withLock } = yield* Sqlite.make(directory, 1)
      const began = yield* Clock.currentTimeMillis
      yield* Effect.forEach(Array.from({ length: 60 }), () => Effect.flip(withLock(() => Effect.void)), {
        concurrency: "unbounded"
      })
      // One after the other they would have waited for a minute.
      assert.isBelow((yield* Clock.currentTimeMillis) - began, 30_000)
      yield* holder.tell
      yield* finishAll([holder])
    }))

  it.effect.skipIf(!linux)("names its holder to whoever has waited too long", () =>
    Effect.gen(function*() {
      const { directory } = yield* makeHome()
      const file = `${directory}/processes.db`
      assert.isUndefined(lockHolder(file))
      const holder = yield* startHolder(directory)
      const { withLock } = yield* Sqlite.make(directory, 0.1)
      const error = yield* Effect.flip(withLock(() => Effect.die("it is locked")))
      assert.strictEqual(error.reason._tag, "LockTimeout")
      assert.include(error.message, `is locked by pid ${holder.pid} (`)
      assert.include(error.message, `worker.ts ${directory} lock)`)
      assert.include(error.message, file)
      yield* holder.tell
      yield* finishAll([holder])
      assert.strictEqual(yield* withLock(() => Effect.succeed("free")), "free")
    }))
})
