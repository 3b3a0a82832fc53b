import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { ProcessStore } from "@zag/core/ProcessStore"
import { SessionLog } from "@zag/core/SessionLog"
import * as Timestamp from "@zag/core/Timestamp"
import { Context, Effect, FileSystem, Layer } from "effect"
import { ChildProcess } from "effect/process"
import { lockHolder } from "../src/internal/lockHolder.ts"
import { assertWellFormed, codesOf, openDoctor } from "./doctorOnDisk.ts"
import { entryOf } from "./entryOf.ts"
import { found } from "./sessions.ts"
import { layerSidecar } from "./sidecarOnDisk.ts"
import { layerStore, makeHome, namesIn, openStore, stateOf } from "./storeOnDisk.ts"
// @effect-diagnostics-next-line nodeBuiltinImport:off -- whether to skip is asked before any test runs
import * as NodeChildProcess from "node:child_process"
// @effect-diagnostics-next-line nodeBuiltinImport:off -- Effect's files do not tell their device
import * as Fs from "node:fs"
import { DatabaseSync } from "node:sqlite"

const canMount = process.platform === "linux" && process.getuid?.() === 0 &&
  NodeChildProcess.spawnSync("unshare", ["-m", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]).status === 0

const run = (program: string, ...args: ReadonlyArray<string>) =>
  Effect.gen(function*() {
    const handle = yield* ChildProcess.make(program, args, { stderr: "inherit" })
    assert.strictEqual(yield* handle.exitCode, 0)
  }).pipe(Effect.scoped)

/** A file system of 64 kB, for as long as the test runs. */
const makeSmallDisk = Effect.gen(function*() {
  const { directory } = yield* makeHome()
  yield* Effect.acquireRelease(
    run("mount", "-t", "tmpfs", "-o", "size=64k,mode=700", "tmpfs", directory),
    () => Effect.orDie(run("umount", "-l", directory))
  )
  return { directory, file: `${directory}/processes.json` }
})

/** Leaves no byte free until they are freed. */
const fill = Effect.fnUntraced(function*(directory: string) {
  const fs = yield* FileSystem.FileSystem
  const block = "x".repeat(512)
  const error = yield* Effect.flip(Effect.forever(fs.writeFileString(`${directory}/filler`, block, { flag: "a" })))
  assert.include(String(error.reason.cause), "ENOSPC")
  return { free: fs.remove(`${directory}/filler`) }
})

layer(NodeServices.layer)("ProcessStore.layer on a disk", (it) => {
  it.effect.skipIf(!canMount)(
    "keeps everything when it is full, and works again when it is not",
    () =>
      Effect.gen(function*() {
        const { directory, file } = yield* makeSmallDisk
        const store = yield* openStore(directory)
        yield* store.add(entryOf({ id: "old" }))
        const before = yield* stateOf(file)
        const { free } = yield* fill(directory)
        for (
          const change of [
            store.add(entryOf({ id: "new", prompt: "x".repeat(10_000) })),
            Effect.asVoid(store.updatePid("old", 1)),
            Effect.asVoid(store.remove("old"))
          ]
        ) {
          const error = yield* Effect.flip(change)
          assert.strictEqual(error.reason._tag, "StoreUnwritable")
          assert.include(error.message, "ENOSPC")
          assert.include(error.message, "Nothing was changed")
          assert.deepStrictEqual(yield* stateOf(file), before)
          assert.deepStrictEqual(yield* namesIn(directory), ["filler", "processes.db", "processes.json"])
        }
        assert.deepStrictEqual((yield* store.load).entries, [entryOf({ id: "old" })])
        yield* free
        yield* store.updatePid("old", 5)
        assert.deepStrictEqual((yield* store.load).entries, [entryOf({ id: "old", pid: 5 })])
        assert.deepStrictEqual(yield* namesIn(directory), ["processes.db", "processes.json"])
      })
  )

  it.effect.skipIf(!canMount)("says so when there is no room for the lock either", () =>
    Effect.gen(function*() {
      const { directory } = yield* makeSmallDisk
      const { free } = yield* fill(directory)
      const store = yield* openStore(directory)
      const error = yield* Effect.flip(store.add(entryOf()))
      assert.strictEqual(error.reason._tag, "StoreUnwritable")
      assert.include(error.message, `${directory}/processes.db cannot be used: `)
      assert.deepStrictEqual((yield* store.load).entries, [])
      yield* free
      yield* store.add(entryOf())
      assert.deepStrictEqual((yield* store.load).entries, [entryOf()])
      assert.deepStrictEqual(yield* namesIn(directory), ["processes.db", "processes.json"])
    }))

  it.effect.skipIf(!canMount)(
    "is not locked by whoever locks a file of the same number on another one",
    () =>
      Effect.gen(function*() {
        const open = Effect.fnUntraced(function*(directory: string) {
          const file = `${directory}/processes.db`
          const database = yield* Effect.acquireRelease(
            Effect.sync(() => new DatabaseSync(file)),
            (database) => Effect.sync(() => database.close())
          )
          return { database, file }
        })
        const locked = yield* open((yield* makeSmallDisk).directory)
        const other = yield* Effect.scoped(open((yield* makeSmallDisk).directory))
        locked.database.exec("BEGIN IMMEDIATE")
        const [one, two] = [Fs.statSync(locked.file), Fs.statSync(other.file)]
        assert.strictEqual(one.ino, two.ino)
        assert.notStrictEqual(one.dev, two.dev)
        assert.include(lockHolder(locked.file), `pid ${process.pid} `)
        assert.isUndefined(lockHolder(other.file))
      })
  )

  it.effect.skipIf(!canMount)("is not in order for a doctor when it is read-only", () =>
    Effect.gen(function*() {
      const { directory } = yield* makeSmallDisk
      const entry = entryOf({ status: "exited" })
      yield* Effect.scoped(Effect.flatMap(openStore(directory), (store) => store.add(entry)))
      const doctor = yield* openDoctor(directory)
      assert.isTrue((yield* doctor.examine).healthy)
      yield* run("mount", "-o", "remount,ro", directory)
      const report = yield* doctor.examine
      assertWellFormed(report)
      assert.deepStrictEqual(codesOf(report), ["store_unwritable"])
      assert.include(report.findings[0]!.message, "EROFS")
      const error = yield* Effect.flip((yield* openStore(directory)).add(entry))
      assert.strictEqual(error.reason._tag, "StoreUnwritable")
    }))

  it.effect.skipIf(!canMount)(
    "records no part of a result, and the whole of it when there is room again",
    () =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        const { directory } = yield* makeSmallDisk
        const path = `${directory}/log`
        const before = "{\"seq\":1}\n"
        yield* fs.writeFileString(path, before)
        const { free } = yield* fill(directory)
        const result = "x".repeat(10_000)
        const elsewhere = (yield* makeHome()).directory
        const log = Context.get(
          yield* Layer.build(SessionLog.layer.pipe(Layer.provide(layerSidecar(elsewhere)))),
          SessionLog
        )
        const given = { session: found({ log_path: path }), result, since: Timestamp.parse("1970-01-01T00:00:00Z") }
        assert.match((yield* Effect.flip(log.record(given))).message, /ENOSPC|the disk took only a part of the result/)
        assert.isFalse(yield* log.isRecorded(given))
        yield* free
        yield* log.record(given)
        assert.isTrue(yield* log.isRecorded(given))
        const after = yield* fs.readFileString(path)
        assert.isTrue(after.startsWith(before))
        assert.isTrue(after.endsWith(`"result":"${result}"}\n`))
      })
  )

  it.effect("fails when the directory vanishes in the middle of a change, and makes it anew for the next", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const { directory } = yield* makeHome()
      const home = `${directory}/.zag`
      let vanish = false
      const context = yield* Layer.build(layerStore(home, (fs) => ({
        rename: (from, to) =>
          vanish ? Effect.andThen(fs.remove(home, { recursive: true }), fs.rename(from, to)) : fs.rename(from, to)
      })))
      const store = Context.get(context, ProcessStore)
      yield* store.add(entryOf({ id: "old" }))
      vanish = true
      const error = yield* Effect.flip(store.add(entryOf({ id: "lost" })))
      assert.strictEqual(error.reason._tag, "StoreUnwritable")
      assert.include(error.message, "ENOENT")
      assert.isFalse(yield* fs.exists(home))
      assert.deepStrictEqual((yield* store.load).entries, [])
      vanish = false
      yield* store.add(entryOf({ id: "new" }))
      assert.include((yield* store.load).entries.map(({ id }) => id), "new")
      assert.deepStrictEqual(yield* namesIn(home), ["processes.db", "processes.json"])
    }))
})
