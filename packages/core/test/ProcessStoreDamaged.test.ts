import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { ProcessStore } from "@zag/core/ProcessStore"
import type { ProcessStoreError } from "@zag/core/ProcessStoreError"
import { Context, Effect, FileSystem, Layer, Option } from "effect"
import { TestClock } from "effect/testing"
import { entryOf } from "./entryOf.ts"
import { stepsBeforeRename } from "./faultyFileSystem.ts"
import { logged } from "./logged.ts"
import { layerStore, makeHome, namesIn, openStore } from "./storeOnDisk.ts"

const good = (id: string) =>
  `{"id":"${id}","pid":19819,"provider":"claude","model":"sonnet","command":"run",` +
  `"started_at":"2026-11-22T07:34:37.769707116+00:00","status":"running"}`

const asides = Effect.fnUntraced(function*(directory: string) {
  const fs = yield* FileSystem.FileSystem
  const names = (yield* namesIn(directory)).filter((name) => /^processes\.json\.corrupt-[^:]+$/.test(name))
  return yield* Effect.forEach(names, (name) => fs.readFileString(`${directory}/${name}`))
})

layer(NodeServices.layer)("a change of ProcessStore.layer beside a damaged file", (it) => {
  it.effect.each<readonly [string, string, ReadonlyArray<string>]>([
    ["cut off", `{"processes":[${good("a")},${good("b")},{"id":"c","pi`, ["a", "b"]],
    ["followed by garbage", `{"processes":[${good("a")}]}]}`, ["a"]],
    ["broken in the middle", `{"processes":[${good("a")},{"id":oops},${good("b")}]}`, ["a", "b"]],
    ["empty", "", []],
    ["all NUL", "\0".repeat(64), []],
    ["something else", "#!/bin/sh\n", []]
  ])("that is %s keeps it, and all that can be read of it", ([, content, ids]) =>
    Effect.gen(function*() {
      const { directory, file } = yield* makeHome(content)
      const store = yield* openStore(directory)
      const log = yield* logged(store.add(entryOf({ id: "new" })))
      assert.deepStrictEqual((yield* store.load).entries, [...ids, "new"].map((id) => entryOf({ id })))
      assert.deepStrictEqual(yield* asides(directory), [content])
      assert.strictEqual(log.length, 1)
      assert.isTrue(log[0]!.startsWith(`Warn: ${file} was damaged: `), log[0])
      assert.include(log[0], `${file}.corrupt-`)
      assert.deepStrictEqual(yield* logged(store.updatePid("new", 5)), [])
      assert.strictEqual((yield* asides(directory)).length, 1)
    }))

  it.effect("may be one to an entry that can still be read", () =>
    Effect.gen(function*() {
      const { directory } = yield* makeHome(`{"processes":[${good("a")},`)
      const store = yield* openStore(directory)
      yield* Effect.flip(store.load)
      assert.isTrue(Option.isSome(yield* store.updatePid("a", 7)))
      assert.deepStrictEqual((yield* store.load).entries, [entryOf({ id: "a", pid: 7 })])
    }))

  it.effect.each<readonly [string, (store: ProcessStore["Service"]) => Effect.Effect<unknown, ProcessStoreError>]>([
    ["a change", (store) => store.add(entryOf())],
    ["a repair", (store) => store.repair]
  ])(
    "leaves it alone, and says nothing else, when the new one cannot be written: %s",
    ([, attempt]) =>
      Effect.gen(function*() {
        const { directory } = yield* makeHome(`{"processes":[${good("a")},`)
        const full = stepsBeforeRename["writing the second half"]!
        const store = Context.get(yield* Layer.build(layerStore(directory, (fs) => full(fs, "ENOSPC"))), ProcessStore)
        const log = yield* logged(Effect.flatMap(Effect.flip(attempt(store)), ({ message }) =>
          Effect.sync(() =>
            assert.include(message, "Nothing was changed")
          )))
        assert.deepStrictEqual(log, [])
        assert.deepStrictEqual(yield* namesIn(directory), ["processes.db", "processes.json"])
      })
  )

  it.effect("never takes the place of a damaged file that was kept before", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const { directory, file } = yield* makeHome("first")
      const store = yield* openStore(directory)
      yield* store.add(entryOf())
      yield* fs.writeFileString(file, "second")
      // Of one and the same millisecond.
      yield* Effect.exit(store.add(entryOf()))
      assert.include(yield* asides(directory), "first")
      yield* TestClock.adjust(1)
      yield* store.add(entryOf())
      assert.deepStrictEqual((yield* asides(directory)).toSorted(), ["first", "second"])
    }))

  it.effect("is not made when the file cannot be kept", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const { directory, file } = yield* makeHome("damaged")
      const refuse = (_from: string, to: string) => fs.copyFile(file, `${to}/not/there`)
      const context = yield* Layer.build(layerStore(directory, () => ({ link: refuse, copyFile: refuse })))
      const error = yield* Effect.flip(Context.get(context, ProcessStore).add(entryOf()))
      assert.strictEqual(error.reason._tag, "StoreUnwritable")
      assert.include(error.message, "Nothing was changed")
      assert.strictEqual(yield* fs.readFileString(file), "damaged")
      assert.deepStrictEqual(yield* namesIn(directory), ["processes.db", "processes.json"])
    }))

  it.effect("keeps it by a copy where there are no links", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const { directory } = yield* makeHome("damaged")
      const noLinks = (_from: string, to: string) => fs.link(`${directory}/not/there`, to)
      const context = yield* Layer.build(layerStore(directory, () => ({ link: noLinks })))
      yield* Context.get(context, ProcessStore).add(entryOf())
      assert.deepStrictEqual(yield* asides(directory), ["damaged"])
    }))

  it.effect("is not needed: repair does the same alone, once", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const content = `{"processes":[${good("a")},${good("b")}`
      const { directory } = yield* makeHome(content)
      const store = yield* openStore(directory)
      const { aside, kept } = Option.getOrThrow(yield* store.repair)
      assert.strictEqual(kept, 2)
      assert.strictEqual(yield* fs.readFileString(aside), content)
      assert.deepStrictEqual((yield* store.load).entries, [entryOf({ id: "a" }), entryOf({ id: "b" })])
      assert.deepStrictEqual(yield* store.repair, Option.none())
      assert.deepStrictEqual(yield* asides(directory), [content])
    }))
})
