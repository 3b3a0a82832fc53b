import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { ProcessStore } from "@zag/core/ProcessStore"
import { Context, Deferred, Effect, Exit, Fiber, FileSystem, Layer, Path, Scope } from "effect"
import { TestClock } from "effect/testing"
import { entryOf } from "./entryOf.ts"
import {
  type Code,
  failure,
  followingTheLink,
  makingTheDirectory,
  type Step,
  stepsAfterRename,
  stepsBeforeRename,
  stepsOfReading,
  withHandle
} from "./faultyFileSystem.ts"
import { layerStore, makeHome, makeOld, namesIn, openStore, stateOf } from "./storeOnDisk.ts"

const openOn = (directory: string, change: (fs: FileSystem.FileSystem) => Partial<FileSystem.FileSystem>) =>
  Effect.map(Layer.build(layerStore(directory, change)), Context.get(ProcessStore))

const codes: ReadonlyArray<Code> = ["EACCES", "ENOSPC"]

const combinations = (steps: Readonly<Record<string, Step>>) =>
  Object.entries(steps).flatMap(([name, step]) => codes.map((code) => ({ name, code, step })))

layer(NodeServices.layer)("ProcessStore.layer on a failing file system", (it) => {
  it.effect.each(combinations(stepsBeforeRename))(
    "leaves the old file and nothing else when $name fails with $code",
    ({ code, step }) =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        const { directory, file } = yield* makeHome()
        yield* (yield* openStore(directory)).add(entryOf({ id: "old" }))
        yield* fs.chmod(file, 0o640)
        const before = yield* makeOld(file)
        const store = yield* openOn(directory, (fs) => step(fs, code))
        for (
          const change of [
            store.add(entryOf({ id: "new" })),
            store.updatePid("old", 1),
            store.updateStatus("old", "killed", 1),
            store.remove("old")
          ]
        ) {
          const error = yield* Effect.flip(Effect.asVoid(change as Effect.Effect<unknown, Effect.Error<typeof change>>))
          assert.strictEqual(error.reason._tag, "StoreUnwritable")
          assert.isTrue(error.message.startsWith(`Failed to write process store: ${file}: ${code}: `), error.message)
          assert.include(error.message, "Nothing was changed")
          assert.deepStrictEqual(yield* stateOf(file), before)
          assert.deepStrictEqual(yield* namesIn(directory), ["processes.db", "processes.json"])
        }
        assert.deepStrictEqual((yield* store.load).entries, [entryOf({ id: "old" })])
      })
  )

  it.effect.each(codes)(
    "leaves a symbolic link and its file when following it fails with %s",
    (code) =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        const { directory, file } = yield* makeHome()
        const elsewhere = yield* makeHome("{\"processes\":[]}")
        yield* fs.symlink(elsewhere.file, file)
        const before = yield* makeOld(elsewhere.file)
        const store = yield* openOn(directory, (fs) => followingTheLink(fs, code))
        const error = yield* Effect.flip(store.add(entryOf()))
        assert.strictEqual(error.reason._tag, "StoreUnwritable")
        assert.isTrue(error.message.startsWith(`Failed to write process store: ${file}: ${code}: `), error.message)
        assert.include(error.message, "Nothing was changed")
        assert.deepStrictEqual(yield* stateOf(elsewhere.file), before)
        assert.strictEqual(yield* fs.readLink(file), elsewhere.file)
        assert.deepStrictEqual(yield* namesIn(elsewhere.directory), ["processes.json"])
      })
  )

  const onNewFile = Object.fromEntries(
    Object.entries(stepsBeforeRename).filter(([name]) => name !== "setting the mode")
  )

  it.effect.each(combinations(onNewFile))(
    "leaves no file when $name fails with $code and there was none",
    ({ code, step }) =>
      Effect.gen(function*() {
        const { directory } = yield* makeHome()
        const store = yield* openOn(directory, (fs) => step(fs, code))
        const error = yield* Effect.flip(store.add(entryOf()))
        assert.strictEqual(error.reason._tag, "StoreUnwritable")
        assert.deepStrictEqual(yield* namesIn(directory), ["processes.db"])
        assert.deepStrictEqual((yield* store.load).entries, [])
      })
  )

  it.effect.each(codes)("fails when the directory cannot be made: %s", (code) =>
    Effect.gen(function*() {
      const { directory } = yield* makeHome()
      const store = yield* openOn(`${directory}/.zag`, (fs) => makingTheDirectory(fs, code))
      const error = yield* Effect.flip(store.add(entryOf()))
      assert.strictEqual(error.reason._tag, "StoreUnwritable")
      assert.include(error.message, code)
      assert.deepStrictEqual((yield* store.load).entries, [])
    }))

  it.effect.each(combinations(stepsAfterRename))(
    "says that the change was made but may be undone when $name fails with $code",
    ({ code, step }) =>
      Effect.gen(function*() {
        const { directory } = yield* makeHome("{\"processes\":[]}")
        const store = yield* openOn(directory, (fs) => step(fs, code))
        const error = yield* Effect.flip(store.add(entryOf()))
        assert.strictEqual(error.reason._tag, "StoreUnwritable")
        assert.include(error.message, code)
        assert.include(error.message, "The change was made")
        assert.deepStrictEqual((yield* store.load).entries, [entryOf()])
        assert.deepStrictEqual(yield* namesIn(directory), ["processes.db", "processes.json"])
      })
  )

  it.effect.each(combinations(stepsOfReading))(
    "does not take a file for missing when $name fails with $code",
    ({ code, step }) =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        const { directory, file } = yield* makeHome()
        const elsewhere = yield* makeHome("{\"processes\":[]}")
        // What is no plain file is asked what it is.
        yield* fs.symlink(elsewhere.file, file)
        const before = yield* makeOld(file)
        const store = yield* openOn(directory, (fs) => step(fs, code))
        for (const operation of [Effect.asVoid(store.load), store.add(entryOf())]) {
          const error = yield* Effect.flip(operation)
          assert.strictEqual(error.reason._tag, "StoreUnreadable")
          assert.isTrue(error.message.startsWith(`Failed to read process store: ${file}: ${code}: `), error.message)
        }
        assert.deepStrictEqual(yield* stateOf(file), before)
      })
  )

  it.effect.each([["a moment", 3, true], ["ever", Infinity, false]] as const)(
    "waits on Windows for whoever has the file open, and not for ever: %s",
    ([, failures, succeeds]) =>
      Effect.gen(function*() {
        const { directory } = yield* makeHome("{\"processes\":[]}")
        let attempts = 0
        const store = yield* openOn(directory, (fs) => ({
          rename: (from, to) =>
            Effect.suspend(() =>
              attempts++ < failures ? Effect.fail(failure("rename", from, "EACCES")) : fs.rename(from, to)
            )
        })).pipe(
          Effect.updateService(Path.Path, (path) => Path.Path.of({ ...path, sep: "\\" }))
        )
        const adding = yield* Effect.forkChild(Effect.exit(store.add(entryOf())))
        yield* TestClock.adjust("10 millis").pipe(
          Effect.andThen(Effect.yieldNow),
          Effect.repeat({ until: () => adding.pollUnsafe() !== undefined })
        )
        assert.strictEqual(Exit.isSuccess(yield* Fiber.join(adding)), succeeds)
        assert.strictEqual(attempts, succeeds ? failures + 1 : 9)
        assert.deepStrictEqual((yield* store.load).entries, succeeds ? [entryOf()] : [])
        assert.deepStrictEqual(yield* namesIn(directory), ["processes.db", "processes.json"])
      })
  )

  it.effect("does not care when the owner cannot be kept", () =>
    Effect.gen(function*() {
      const { directory } = yield* makeHome("{\"processes\":[]}")
      const store = yield* openOn(directory, () => ({ chown: (path) => Effect.fail(failure("chown", path, "EACCES")) }))
      yield* store.add(entryOf())
      assert.deepStrictEqual((yield* store.load).entries, [entryOf()])
    }))

  it.effect("leaves a file of another writer that has the name of its own", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const { directory, file } = yield* makeHome("{\"processes\":[]}")
      const before = yield* makeOld(file)
      const foreign: Array<string> = []
      const store = yield* openOn(directory, (fs) => ({
        open: (path, options) => {
          if (!path.endsWith(".tmp")) return fs.open(path, options)
          foreign.push(path)
          return Effect.andThen(fs.writeFileString(path, "foreign"), fs.open(path, options))
        }
      }))
      const error = yield* Effect.flip(store.add(entryOf()))
      assert.strictEqual(error.reason._tag, "StoreUnwritable")
      assert.deepStrictEqual(yield* stateOf(file), before)
      assert.strictEqual(yield* fs.readFileString(foreign[0]!), "foreign")
    }))

  it.effect("is not stopped in the middle of a change, and its scope waits for the end", () =>
    Effect.gen(function*() {
      const { directory } = yield* makeHome("{\"processes\":[]}")
      const reached = yield* Deferred.make<void>()
      const goOn = yield* Deferred.make<void>()
      const scope = yield* Scope.make()
      const opening = openOn(directory, (fs) => ({
        rename: (from, to) =>
          Deferred.succeed(reached, undefined).pipe(
            Effect.andThen(Deferred.await(goOn)),
            Effect.andThen(fs.rename(from, to))
          )
      }))
      const store = yield* Scope.provide(opening, scope)
      const adding = yield* Effect.forkChild(store.add(entryOf()))
      yield* Deferred.await(reached)
      yield* Fiber.interrupt(adding)
      assert.deepStrictEqual((yield* store.load).entries, [])
      const closing = yield* Effect.forkChild(Scope.close(scope, Exit.void), { startImmediately: true })
      yield* Deferred.succeed(goOn, undefined)
      yield* Fiber.join(closing)
      assert.deepStrictEqual((yield* store.load).entries, [entryOf()])
      assert.deepStrictEqual(yield* namesIn(directory), ["processes.db", "processes.json"])
    }))
})

layer(NodeServices.layer)("the new file of ProcessStore.layer", (it) => {
  it.effect("is whole and on the disk before it takes the place of the old one", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const { directory, file } = yield* makeHome("{\"processes\":[]}")
      const events: Array<string> = []
      const log = (event: string) => Effect.sync(() => void events.push(event))
      const store = yield* openOn(directory, (fs) => ({
        open: (path, options) =>
          Effect.map(fs.open(path, options), (handle) => {
            const name = path === directory ? "directory" : "file"
            return withHandle(handle, {
              writeAll: (bytes) => Effect.tap(handle.writeAll(bytes), () => log(`write ${name}`)),
              sync: Effect.tap(handle.sync, () => log(`sync ${name}`))
            })
          }),
        rename: (from, to) =>
          Effect.gen(function*() {
            yield* log("rename")
            assert.strictEqual(to, file)
            assert.match(from.slice(directory.length), /^\/\.processes\.json\.1000\.[0-9a-f]+\.tmp$/)
            assert.strictEqual((yield* fs.stat(from)).mode & 0o777, 0o644)
            assert.isTrue((yield* fs.readFileString(from)).endsWith("\n    }\n  ]\n}"))
            yield* fs.rename(from, to)
          })
      }))
      yield* fs.chmod(file, 0o644)
      yield* store.add(entryOf())
      assert.deepStrictEqual(events, ["write file", "sync file", "rename", "sync directory"])
    }))

  it.effect("can be read by its user alone until it has the mode of the old one", () =>
    Effect.gen(function*() {
      const { directory } = yield* makeHome("{\"processes\":[]}")
      const modes: Array<number> = []
      const store = yield* openOn(directory, (fs) => ({
        open: (path, options) =>
          Effect.tap(fs.open(path, options), (handle) =>
            path === directory ? Effect.void : Effect.map(handle.stat, ({ mode }) => modes.push(mode & 0o777)))
      }))
      yield* store.add(entryOf())
      // As it is made, and as it is synced.
      assert.deepStrictEqual(modes, [0o600, 0o644])
    }))
})
