import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import type { ProcessStore } from "@zag/core/ProcessStore"
import type { ProcessStoreError } from "@zag/core/ProcessStoreError"
import { Effect, FileSystem } from "effect"
import { ChildProcess } from "effect/process"
import { entryOf } from "./entryOf.ts"
import { makeHome, makeOld, namesIn, openStore, stateOf } from "./storeOnDisk.ts"

type Operations = Readonly<Record<string, Effect.Effect<unknown, ProcessStoreError>>>

const reading = (store: ProcessStore["Service"]): Operations => ({
  load: store.load,
  list: store.list,
  find: store.find("a")
})

/** What finds no entry to change. */
const changingNothing = (store: ProcessStore["Service"]): Operations => ({
  updatePid: store.updatePid("a", 1),
  updateStatus: store.updateStatus("a", "killed", null),
  remove: store.remove("a")
})

const changing = (store: ProcessStore["Service"]): Operations => ({
  ...changingNothing(store),
  add: store.add(entryOf({ id: "a" }))
})

interface Expected {
  readonly tag: ProcessStoreError["reason"]["_tag"]
  readonly path: string
  readonly words: string
}

/** Every one of the operations must fail, for one and the same reason. */
const allFail = Effect.fnUntraced(function*(operations: Operations, expected: Expected) {
  for (const [name, operation] of Object.entries(operations)) {
    const error = yield* Effect.flip(operation)
    assert.strictEqual(error._tag, "ProcessStoreError", name)
    assert.strictEqual(error.reason._tag, expected.tag, name)
    assert.strictEqual(error.reason.path, expected.path, name)
    assert.include(error.message, expected.path, name)
    assert.include(error.message, expected.words, name)
  }
})

const failsEverywhere = (store: ProcessStore["Service"], expected: Expected) =>
  allFail({ ...reading(store), ...changing(store) }, expected)

const text = new TextEncoder()

layer(NodeServices.layer)("ProcessStore.layer on a file that is no store", (it) => {
  it.effect.each(
    [
      ["an empty file", "", "it is empty"],
      ["blanks", " \n", "white space"],
      ["an object without processes", "{}", "no `processes`"],
      ["an array", "[]", "not an object"],
      ["null", "null", "not an object"],
      ["processes that are null", "{\"processes\":null}", "not an array"],
      ["a truncated store", "{\"processes\":[{\"id\":\"a\",\"pi", "not JSON"],
      ["a store and garbage", "{\"processes\":[]}}", "not JSON"],
      ["a byte order mark", "\ufeff{\"processes\":[]}", "byte order mark"],
      ["NUL bytes", "\0".repeat(100), "NUL"],
      ["another text", "#!/bin/sh\n", "not JSON"],
      [
        "bytes that are not UTF-8",
        Uint8Array.of(...text.encode("{\"processes\":[\""), 0xff, 0xfe),
        "UTF-8"
      ],
      [
        "a surrogate in UTF-8",
        Uint8Array.of(...text.encode("{\"processes\":[]}"), 0xed, 0xa0, 0x80),
        "UTF-8"
      ],
      ["UTF-16", Uint8Array.of(0xff, 0xfe, 0x7b, 0, 0x7d, 0), "UTF-8"]
    ] as const
  )("fails for %s and leaves the file as it is", ([, content, words]) =>
    Effect.gen(function*() {
      const { directory, file } = yield* makeHome(content)
      const before = yield* makeOld(file)
      const store = yield* openStore(directory)
      const expected = { tag: "StoreCorrupt", path: file, words } as const
      yield* allFail(reading(store), expected)
      assert.deepStrictEqual(yield* namesIn(directory), ["processes.json"])
      yield* allFail(changingNothing(store), expected)
      assert.deepStrictEqual(yield* stateOf(file), before)
      assert.deepStrictEqual(yield* namesIn(directory), ["processes.db", "processes.json"])
    }))

  it.effect("says of a broken file what to do about it", () =>
    Effect.gen(function*() {
      const { directory, file } = yield* makeHome("{")
      const error = yield* Effect.flip((yield* openStore(directory)).load)
      assert.isTrue(error.message.startsWith(`Failed to parse process store: ${file}: `), error.message)
      assert.include(error.message, "It was left as it is")
      assert.include(error.message, "zag ps doctor")
    }))

  it.effect("works again once the file was mended", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const { directory, file } = yield* makeHome("{")
      const store = yield* openStore(directory)
      yield* Effect.flip(store.load)
      yield* Effect.flip(store.remove("a"))
      yield* fs.remove(file)
      assert.deepStrictEqual((yield* store.load).entries, [])
      yield* store.add(entryOf())
      assert.deepStrictEqual((yield* store.load).entries, [entryOf()])
      assert.deepStrictEqual(yield* namesIn(directory), ["processes.db", "processes.json"])
    }))
})

layer(NodeServices.layer)("ProcessStore.layer with something else in the place of its file", (it) => {
  it.effect("fails for a directory", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const { directory, file } = yield* makeHome()
      yield* fs.makeDirectory(file)
      yield* failsEverywhere(yield* openStore(directory), { tag: "StoreUnreadable", path: file, words: "directory" })
      assert.strictEqual((yield* fs.stat(file)).type, "Directory")
      assert.deepStrictEqual(yield* namesIn(directory), ["processes.db", "processes.json"])
    }))

  it.effect("fails for a FIFO and does not wait for a writer", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const { directory, file } = yield* makeHome()
      const mkfifo = yield* ChildProcess.make("mkfifo", [file])
      assert.strictEqual(yield* mkfifo.exitCode, 0)
      yield* failsEverywhere(yield* openStore(directory), { tag: "StoreUnreadable", path: file, words: "fifo" })
      assert.strictEqual((yield* fs.stat(file)).type, "FIFO")
      assert.deepStrictEqual(yield* namesIn(directory), ["processes.db", "processes.json"])
    }))

  it.effect("fails for a symbolic link that leads nowhere, and does not create its target", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const { directory, file } = yield* makeHome()
      yield* fs.symlink(`${directory}/nowhere`, file)
      yield* failsEverywhere(yield* openStore(directory), {
        tag: "StoreUnreadable",
        path: file,
        words: `${directory}/nowhere, which does not exist`
      })
      assert.strictEqual(yield* fs.readLink(file), `${directory}/nowhere`)
      assert.deepStrictEqual(yield* namesIn(directory), ["processes.db", "processes.json"])
    }))

  it.effect("fails for a symbolic link to itself", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const { directory, file } = yield* makeHome()
      yield* fs.symlink("processes.json", file)
      yield* failsEverywhere(yield* openStore(directory), { tag: "StoreUnreadable", path: file, words: "ELOOP" })
      assert.strictEqual(yield* fs.readLink(file), "processes.json")
    }))

  it.effect("fails when the directory is a file", () =>
    Effect.gen(function*() {
      const { file } = yield* makeHome("{\"processes\":[]}")
      const before = yield* makeOld(file)
      const store = yield* openStore(file)
      const path = `${file}/processes.json`
      yield* allFail(reading(store), { tag: "StoreUnreadable", path, words: "ENOTDIR" })
      yield* allFail(changing(store), { tag: "StoreUnwritable", path, words: `${file}/processes.db cannot be used` })
      assert.deepStrictEqual(yield* stateOf(file), before)
    }))

  it.effect("cannot write where the directory cannot be made, and says so", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const { directory } = yield* makeHome()
      yield* fs.symlink(`${directory}/nowhere`, `${directory}/.zag`)
      const store = yield* openStore(`${directory}/.zag`)
      const error = yield* Effect.flip(store.add(entryOf()))
      assert.strictEqual(error.reason._tag, "StoreUnwritable")
      assert.include(error.message, "Nothing was changed")
      assert.deepStrictEqual(yield* fs.readDirectory(directory), [".zag"])
    }))
})
