import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
// @effect-diagnostics-next-line nodeBuiltinImport:off -- what the descriptor of a file can do
import * as Fs from "node:fs"
import { open, readText } from "../../src/internal/regularFile.ts"
import { impostors } from "../impostors.ts"

const directory = Effect.flatMap(FileSystem.FileSystem, (fs) => fs.makeTempDirectoryScoped())

/** Of the file that a descriptor is for; somebody else may have the number of one that was closed. */
const inodeOf = (descriptor: number): number | undefined => {
  try {
    return Fs.fstatSync(descriptor).ino
  } catch (failure) {
    assert.include(String(failure), "EBADF")
    return undefined
  }
}

/** Root may read everything. */
const asNobody = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  process.getuid?.() === 0
    ? Effect.acquireUseRelease(
      Effect.sync(() => process.seteuid!(65_534)),
      () => effect,
      () => Effect.sync(() => process.seteuid!(0))
    )
    : effect

layer(NodeServices.layer)("regularFile", (it) => {
  it.effect("reads a text as it is, with its byte order mark", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const file = `${yield* directory}/file`
      yield* fs.writeFileString(file, "\uFEFFé\n")
      assert.strictEqual(yield* readText(file, 6), "\uFEFFé\n")
    }))

  it.effect("reads nothing that is longer than may be, and nothing that is no text", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const file = `${yield* directory}/file`
      yield* fs.writeFileString(file, "1234567")
      const tooLong = yield* Effect.flip(readText(file, 6))
      assert.strictEqual(tooLong.message, `${file}: it is longer than 6 bytes`)
      yield* fs.writeFile(file, new Uint8Array([0xff]))
      assert.isFalse((yield* Effect.flip(readText(file, 6))).isMissing)
    }))

  it.effect("tells what is missing from what is wrong", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const file = `${yield* directory}/file`
      assert.isTrue((yield* Effect.flip(readText(file, 6))).isMissing)
      assert.isTrue((yield* Effect.flip(Effect.scoped(open(file, "append")))).isMissing)
      yield* fs.writeFileString(file, "")
      assert.isTrue((yield* Effect.flip(readText(`${file}/below`, 6))).isMissing)
    }))

  it.effect("makes a file for its owner alone, and closes it with the scope", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const file = `${yield* directory}/file`
      const descriptor = yield* Effect.scoped(Effect.tap(open(file, "create"), (descriptor) =>
        Effect.sync(() => {
          Fs.writeSync(descriptor, "a")
          Fs.writeSync(descriptor, "b")
        })))
      assert.notStrictEqual(inodeOf(descriptor), Fs.statSync(file).ino)
      assert.strictEqual(yield* readText(file, 6), "ab")
      assert.strictEqual((yield* fs.stat(file)).mode & 0o777, 0o600)
    }))

  for (const { name, problem, put } of impostors) {
    it.effect.each(["read", "append", "create"] as const)(
      `waits for no ${name}, to %s`,
      (purpose) =>
        Effect.gen(function*() {
          const file = `${yield* directory}/file`
          yield* put(file)
          const failure = yield* Effect.flip(Effect.scoped(open(file, purpose)))
          assert.match(failure.message, problem)
          assert.isFalse(failure.isMissing)
        })
    )
  }

  it.effect("says that a file may not be read", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const file = `${yield* directory}/file`
      yield* fs.writeFileString(file, "", { mode: 0 })
      assert.match((yield* asNobody(Effect.flip(readText(file, 6)))).message, /EACCES/)
    }))
})
