import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { ProcessEntryJson } from "@zag/core/ProcessEntry"
import { ProcessStore } from "@zag/core/ProcessStore"
import { Context, Effect, FileSystem, Layer, Option, Schedule, Schema } from "effect"
import { entryOf } from "./entryOf.ts"
// @effect-diagnostics-next-line nodeBuiltinImport:off -- nothing of this program may come in between
import * as Fs from "node:fs"
import { layerStore, makeHome, openStore } from "./storeOnDisk.ts"

const encode = Schema.encodeSync(ProcessEntryJson)

const textOf = (...entries: ReadonlyArray<object>) => JSON.stringify({ processes: entries }, null, 2)

/** What a writer without a lock saves, who has loaded this text before. At once, as another program would. */
const overwrite = (file: string, text: string) =>
  Effect.sync(() => {
    Fs.writeFileSync(`${file}.other`, text)
    Fs.renameSync(`${file}.other`, file)
  })

const until = (store: ProcessStore["Service"], id: string, pid: number | undefined) =>
  store.find(id).pipe(
    Effect.map((entry) => Option.getOrUndefined(entry)?.pid === pid),
    Effect.repeat({ until: (so) => so, schedule: Schedule.spaced("1 millis") })
  )

const a = entryOf({ id: "a", pid: 2 })

describe("what a writer without a lock takes away", () => {
  it.live("comes back: an entry, a change, a removal", () =>
    Effect.gen(function*() {
      const { directory, file } = yield* makeHome(textOf())
      const store = yield* openStore(directory)
      yield* store.add(a)
      yield* overwrite(file, textOf())
      yield* until(store, "a", 2)

      yield* store.updatePid("a", 3)
      yield* overwrite(file, textOf(encode(a)))
      yield* until(store, "a", 3)

      const [entry] = (yield* store.load).entries
      yield* store.remove("a")
      yield* overwrite(file, textOf(encode(entry!)))
      yield* until(store, "a", undefined)
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)))

  it.live("comes back beside what the other one wrote", () =>
    Effect.gen(function*() {
      const { directory, file } = yield* makeHome(textOf())
      const store = yield* openStore(directory)
      yield* store.add(a)
      yield* overwrite(file, textOf(encode(entryOf({ id: "theirs", pid: 9 }))))
      yield* until(store, "a", 2)
      assert.strictEqual(Option.getOrThrow(yield* store.find("theirs")).pid, 9)
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)))

  it.live("is there before the program ends", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const { directory, file } = yield* makeHome(textOf())
      yield* Effect.scoped(Effect.gen(function*() {
        const store = yield* openStore(directory)
        yield* store.add(a)
        yield* overwrite(file, textOf())
      }))
      assert.include(yield* fs.readFileString(file), "\"id\": \"a\"")
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)))
})

describe("what was done on purpose", () => {
  it.live("stays: the removal of what another program of ours has just written", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const { directory, file } = yield* makeHome(textOf())
      const removed = yield* Effect.scoped(Effect.gen(function*() {
        const one = yield* openStore(directory)
        const other = yield* openStore(directory)
        yield* one.add(a)
        yield* other.remove("a")
        return Fs.statSync(file).ino
      }))
      assert.strictEqual(yield* fs.readFileString(file), textOf())
      assert.strictEqual(Fs.statSync(file).ino, removed)
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)))

  it.live("stays: the return of what another program of ours has just removed", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const { directory, file } = yield* makeHome(textOf(encode(a)))
      const brought = yield* Effect.scoped(Effect.gen(function*() {
        const one = yield* openStore(directory)
        const other = yield* openStore(directory)
        yield* one.remove("a")
        yield* other.add(a)
        return Fs.statSync(file).ino
      }))
      assert.strictEqual(yield* fs.readFileString(file), textOf(encode(a)))
      assert.strictEqual(Fs.statSync(file).ino, brought)
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)))

  it.live("stays: a change that brings back what was before that of another program of ours", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const { directory, file } = yield* makeHome(textOf(encode(a)))
      let writes = 0
      yield* Effect.scoped(Effect.gen(function*() {
        const open = Effect.map(
          Layer.build(layerStore(directory, (fs) => ({
            rename: (from, to) => Effect.tap(fs.rename(from, to), () => Effect.sync(() => writes++))
          }))),
          Context.get(ProcessStore)
        )
        const other = yield* open
        yield* Effect.scoped(Effect.gen(function*() {
          const one = yield* open
          yield* one.updatePid("a", 3)
          yield* other.updatePid("a", 2)
        }))
      }))
      assert.strictEqual(yield* fs.readFileString(file), textOf(encode(a)))
      // Each of them may take the other's for the save of somebody who did not know, but no more than once.
      assert.isAtMost(writes, 4)
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)))

  it.live("stays: our own later change, and a change of somebody else", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const { directory, file } = yield* makeHome(textOf())
      yield* Effect.scoped(Effect.gen(function*() {
        const store = yield* openStore(directory)
        yield* store.add(a)
        yield* store.add(entryOf({ id: "b", pid: 5 }))
        yield* store.remove("a")
        yield* store.updatePid("b", 6)
        yield* overwrite(file, textOf(encode(entryOf({ id: "b", pid: 7 }))))
      }))
      assert.strictEqual(yield* fs.readFileString(file), textOf(encode(entryOf({ id: "b", pid: 7 }))))
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)))
})
