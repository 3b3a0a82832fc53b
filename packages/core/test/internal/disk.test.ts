import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { type Disk, overFileSystem } from "../../src/internal/disk.ts"
import * as NodeDisk from "../../src/internal/nodeDisk.ts"
import { makeHome, namesIn } from "../storeOnDisk.ts"

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

const disks: Readonly<Record<string, (fs: FileSystem.FileSystem) => Disk>> = {
  "over any file system": overFileSystem,
  "of Node": NodeDisk.over
}

const setUp = Effect.fnUntraced(function*(name: string) {
  const fs = yield* FileSystem.FileSystem
  const { directory } = yield* makeHome()
  return { disk: disks[name]!(fs), directory, file: `${directory}/file`, fs }
})

const tagOf = (effect: Effect.Effect<unknown, { readonly reason: { readonly _tag: string } }>) =>
  Effect.map(Effect.flip(effect), ({ reason }) => reason._tag)

layer(NodeServices.layer)("a disk", (it) => {
  it.effect.each(Object.keys(disks))("%s makes a file, lists, reads and renames it", (name) =>
    Effect.gen(function*() {
      const { directory, disk, file, fs } = yield* setUp(name)
      yield* disk.create(file, bytes("héllo"), 0o600)
      assert.strictEqual((yield* fs.stat(file)).mode & 0o777, 0o600)
      yield* disk.sync(file, "file")
      yield* disk.create(`${directory}/old`, bytes("old"), 0o644)
      yield* disk.rename(file, `${directory}/old`)
      yield* disk.sync(directory, "directory")
      assert.deepStrictEqual(yield* disk.names(directory), ["old"])
      assert.deepStrictEqual(new Uint8Array(yield* disk.read(`${directory}/old`)), bytes("héllo"))
    }))

  it.effect.each(Object.keys(disks))("%s never makes a file in place of another", (name) =>
    Effect.gen(function*() {
      const { disk, file, fs } = yield* setUp(name)
      yield* fs.writeFileString(file, "theirs")
      assert.strictEqual(yield* tagOf(disk.create(file, bytes("ours"), 0o600)), "AlreadyExists")
      assert.strictEqual(yield* fs.readFileString(file), "theirs")
    }))

  it.effect.each(Object.keys(disks))("%s tells what is missing", (name) =>
    Effect.gen(function*() {
      const { directory, disk } = yield* setUp(name)
      const missing = `${directory}/none/file`
      for (
        const operation of [
          disk.read(missing),
          disk.create(missing, bytes(""), 0o600),
          disk.sync(missing, "file"),
          disk.sync(missing, "directory"),
          disk.rename(missing, `${directory}/file`),
          disk.names(missing)
        ]
      ) assert.strictEqual(yield* tagOf(operation), "NotFound")
      assert.deepStrictEqual(yield* namesIn(directory), [])
    }))

  it.effect.skipIf(process.platform !== "linux")(
    "of Node says so when the disk does not take what it was given",
    () =>
      Effect.gen(function*() {
        const { disk, file, fs } = yield* setUp("of Node")
        yield* fs.symlink("/dev/full", file)
        assert.strictEqual(yield* tagOf(disk.create(file, bytes("x"), 0o600)), "AlreadyExists")
        // What cannot be synced at all: the kernel refuses, and nobody tries again.
        assert.strictEqual(yield* tagOf(disk.sync("/dev/full", "file")), "Unknown")
      })
  )
})
