import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import type { ProcessStore } from "@zag/core/ProcessStore"
import { Effect, FileSystem, Option } from "effect"
import { entryOf } from "./entryOf.ts"
import { makeHome, makeOld, namesIn, openStore, stateOf } from "./storeOnDisk.ts"

const isRoot = process.getuid?.() === 0

const entryText = `    {
      "id": "a",
      "pid": 19819,
      "session_id": "s1",
      "provider": "claude",
      "model": "sonnet",
      "command": "run",
      "prompt": "tab\\t\\"é\\" 😀\u2028\u007f/\\u0007\\n",
      "started_at": "2026-11-22T07:34:37.769707116+00:00",
      "status": "running",
      "exit_code": null,
      "exited_at": null,
      "root": null,
      "parent_process_id": null,
      "parent_session_id": null
    }`

const entry = entryOf({ id: "a", sessionId: "s1", prompt: "tab\t\"é\" 😀\u2028\u007f/\u0007\n" })

const permissions = Effect.fnUntraced(function*(path: string) {
  const fs = yield* FileSystem.FileSystem
  return ((yield* fs.stat(path)).mode & 0o7777).toString(8)
})

layer(NodeServices.layer)("ProcessStore.layer on a file", (it) => {
  it.effect("takes a missing file for an empty store, and creates nothing to read it", () =>
    Effect.gen(function*() {
      const { directory } = yield* makeHome()
      const store = yield* openStore(`${directory}/not/yet`)
      assert.deepStrictEqual(yield* store.load, { entries: [], unreadable: [] })
      assert.deepStrictEqual(yield* store.list, { entries: [], unreadable: [] })
      assert.deepStrictEqual(yield* store.archived, { entries: [], unreadable: [] })
      assert.deepStrictEqual(yield* store.find("a"), Option.none())
      assert.deepStrictEqual(yield* namesIn(directory), [])
    }))

  it.effect("creates no registry for a change that changes nothing", () =>
    Effect.gen(function*() {
      const { directory } = yield* makeHome()
      const store = yield* openStore(directory)
      assert.deepStrictEqual(yield* store.updatePid("a", 1), Option.none())
      assert.deepStrictEqual(yield* store.updateStatus("a", "killed", null), Option.none())
      assert.isFalse(yield* store.remove("a"))
      assert.deepStrictEqual(yield* store.repair, Option.none())
      assert.deepStrictEqual(yield* namesIn(directory), ["processes.db"])
    }))

  it.effect("creates file and directory for the user alone", () =>
    Effect.gen(function*() {
      const { directory } = yield* makeHome()
      const store = yield* openStore(`${directory}/not/yet`)
      yield* store.add(entry)
      assert.strictEqual(yield* permissions(`${directory}/not`), "700")
      assert.strictEqual(yield* permissions(`${directory}/not/yet`), "700")
      assert.strictEqual(yield* permissions(`${directory}/not/yet/processes.json`), "600")
    }))

  it.effect("writes, byte for byte, what zag writes, and beside it the lock alone", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const { directory, file } = yield* makeHome()
      const store = yield* openStore(directory)
      yield* store.add(entry)
      assert.strictEqual(yield* fs.readFileString(file), `{\n  "processes": [\n${entryText}\n  ]\n}`)
      yield* store.remove("a")
      assert.strictEqual(yield* fs.readFileString(file), "{\n  \"processes\": []\n}")
      assert.deepStrictEqual(yield* namesIn(directory), ["processes.db", "processes.json"])
    }))

  it.effect("keeps what it does not understand", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const { directory, file } = yield* makeHome("{\"v\":1.0,\"processes\":[{\"id\":\"broken\",\"n\":1e3},null]}")
      const store = yield* openStore(directory)
      yield* store.add(entry)
      assert.strictEqual(
        yield* fs.readFileString(file),
        `{\n  "v": 1.0,\n  "processes": [\n    {\n      "id": "broken",\n      "n": 1e3\n    },\n    null,\n${entryText}\n  ]\n}`
      )
    }))

  it.effect("shows the good entries of a file, and says which others it has", () =>
    Effect.gen(function*() {
      const { directory } = yield* makeHome(`{"processes":[null,\n${entryText},{"id":"b","pid":-1}]}`)
      const store = yield* openStore(directory)
      for (const content of [yield* store.load, yield* store.list]) {
        assert.deepStrictEqual(content.entries, [entry])
        assert.deepStrictEqual(content.unreadable.map(({ index }) => index), [0, 2])
        assert.include(content.unreadable[1]!.problem, "\"pid\"")
      }
      assert.deepStrictEqual(yield* store.find("a"), Option.some(entry))
      assert.deepStrictEqual(yield* store.find("b"), Option.none())
    }))

  it.effect("sees at once what another program wrote", () =>
    Effect.gen(function*() {
      const { directory } = yield* makeHome()
      const ours = yield* openStore(directory)
      const theirs = yield* openStore(directory)
      assert.deepStrictEqual((yield* ours.load).entries, [])
      yield* theirs.add(entryOf({ id: "theirs" }))
      assert.deepStrictEqual((yield* ours.load).entries, [entryOf({ id: "theirs" })])
      yield* ours.add(entryOf({ id: "ours" }))
      yield* theirs.updatePid("theirs", 5)
      assert.deepStrictEqual((yield* ours.load).entries, [entryOf({ id: "theirs", pid: 5 }), entryOf({ id: "ours" })])
    }))

  it.effect.each([0o600, 0o644, 0o666, 0o640, 0o400])(
    "keeps the mode %o of the file",
    (mode) =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        const { directory, file } = yield* makeHome("{\"processes\":[]}")
        yield* fs.chmod(file, mode)
        yield* fs.chmod(directory, 0o755)
        const store = yield* openStore(directory)
        yield* store.add(entry)
        assert.deepStrictEqual((yield* store.load).entries, [entry])
        assert.strictEqual(yield* permissions(file), mode.toString(8))
        assert.strictEqual(yield* permissions(directory), "755")
      })
  )

  it.effect.skipIf(!isRoot)("keeps the owner of the file, and its mode with it", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const { directory, file } = yield* makeHome("{\"processes\":[]}")
      yield* fs.chmod(file, 0o640)
      yield* fs.chown(file, 65_534, 65_533)
      const store = yield* openStore(directory)
      yield* store.add(entry)
      const { gid, uid } = yield* fs.stat(file)
      assert.deepStrictEqual([uid, gid], [Option.some(65_534), Option.some(65_533)])
      assert.strictEqual(yield* permissions(file), "640")
    }))

  it.effect("writes through a symbolic link and leaves the link", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const { directory, file } = yield* makeHome()
      const elsewhere = yield* makeHome("{\"processes\":[]}")
      yield* fs.symlink(elsewhere.file, `${directory}/second`)
      yield* fs.symlink("second", file)
      const store = yield* openStore(directory)
      yield* store.add(entry)
      assert.strictEqual(yield* fs.readLink(file), "second")
      assert.strictEqual((yield* fs.lstat(elsewhere.file)).type, "File")
      assert.include(yield* fs.readFileString(elsewhere.file), entryText)
      assert.deepStrictEqual(yield* namesIn(elsewhere.directory), ["processes.json"])
      assert.deepStrictEqual(yield* namesIn(directory), ["processes.db", "processes.json", "second"])
      assert.deepStrictEqual((yield* store.load).entries, [entry])
    }))

  it.effect("works in a directory that is a symbolic link", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const { directory } = yield* makeHome()
      const elsewhere = yield* makeHome()
      yield* fs.symlink(elsewhere.directory, `${directory}/.zag`)
      yield* (yield* openStore(`${directory}/.zag`)).add(entry)
      assert.include(yield* fs.readFileString(elsewhere.file), entryText)
    }))

  const killed = entryOf({ id: "k", status: "killed", exitCode: 1, exitedAt: "2026-01-01T00:00:00+00:00" })

  it.effect.each<readonly [string, (store: ProcessStore["Service"]) => Effect.Effect<unknown, unknown>]>([
    ["the pid it has", (store) => store.updatePid("a", 19_819)],
    ["the end it has", (store) => store.updateStatus("k", "killed", 1)],
    ["an end that says less", (store) => store.updateStatus("k", "exited", null)],
    ["the pid of an entry that is not there", (store) => store.updatePid("x", 1)],
    ["the end of an entry that is not there", (store) => store.updateStatus("x", "killed", 1)],
    ["an entry that is not there, taken out", (store) => store.remove("x")],
    ["a pid that is none", (store) => Effect.exit(store.updatePid("a", 1.5))],
    ["nothing at all", (store) => store.list]
  ])("writes nothing for %s", ([, change]) =>
    Effect.gen(function*() {
      const { directory, file } = yield* makeHome()
      const store = yield* openStore(directory)
      yield* store.add(entry)
      yield* store.add(killed)
      const before = yield* makeOld(file)
      yield* change(store)
      assert.deepStrictEqual(yield* stateOf(file), before)
    }))
})
