import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Sidecar } from "@zag/core/Sidecar"
import { Context, Effect, Exit, FileSystem, Layer, Option, Scope } from "effect"
import { DatabaseSync } from "node:sqlite"
import { entryOf } from "./entryOf.ts"
import { failure } from "./faultyFileSystem.ts"
import { logged } from "./logged.ts"
import { layerSidecar, openSidecar, query, runSql } from "./sidecarOnDisk.ts"
import { archivedEntry, suite } from "./SidecarSuite.ts"
import { makeHome, makeOld, namesIn, openStore, stateOf } from "./storeOnDisk.ts"

suite("Sidecar.layerMemory", Sidecar.layerMemory)

suite(
  "Sidecar.layerSqlite",
  Layer.unwrap(Effect.map(makeHome(), ({ directory }) => layerSidecar(directory))).pipe(
    Layer.provide(NodeServices.layer)
  )
)

/** A database as it was before there were labels. */
const secondVersion = `
  CREATE TABLE archive (id TEXT PRIMARY KEY, archived_at TEXT NOT NULL, entry TEXT NOT NULL);
  CREATE TABLE identities (
    id TEXT PRIMARY KEY, pid INTEGER NOT NULL, start_time TEXT NOT NULL, boot_id TEXT, pid_namespace TEXT, host TEXT,
    machine_id TEXT
  );
  CREATE TABLE audit (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT, time TEXT NOT NULL, asker TEXT NOT NULL, id TEXT NOT NULL,
    pid INTEGER NOT NULL, signal TEXT NOT NULL, outcome TEXT NOT NULL, asker_id TEXT, start_time TEXT,
    verified INTEGER NOT NULL DEFAULT 0
  );
  CREATE TABLE removals (id TEXT PRIMARY KEY, removed_at REAL NOT NULL);
  INSERT INTO archive VALUES ('a', '2026-01-01T00:00:01Z', '{"id":"a","n":1.0}');
  INSERT INTO identities VALUES ('a', 7, '71', 'b', 'p', 'h', 'm');
  PRAGMA application_id = 0x7a616701;
  PRAGMA user_version = 2;
`

const registry = `{"processes":[{"id":"old"}]}`

const asides = Effect.fnUntraced(function*(directory: string) {
  return (yield* namesIn(directory)).filter((name) => /^processes\.db\.corrupt-[^:]+(?<!-wal|-shm)$/.test(name))
})

layer(NodeServices.layer)("the database of Sidecar.layerSqlite", (it) => {
  it.effect("is neither made nor opened to read", () =>
    Effect.gen(function*() {
      const { directory } = yield* makeHome(registry)
      const sidecar = yield* openSidecar(directory)
      assert.deepStrictEqual(yield* sidecar.archived, [])
      const store = yield* openStore(directory)
      yield* store.load
      yield* store.list
      yield* store.find("a")
      assert.deepStrictEqual(yield* namesIn(directory), ["processes.json"])
    }))

  it.effect("is not touched by a reader when it is there", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const { directory } = yield* makeHome(registry)
      const file = `${directory}/processes.db`
      yield* fs.writeFileString(file, "no database")
      const before = yield* makeOld(file)
      const store = yield* openStore(directory)
      yield* store.load
      yield* store.list
      assert.deepStrictEqual(yield* stateOf(file), before)
      assert.deepStrictEqual(yield* namesIn(directory), ["processes.db", "processes.json"])
    }))

  it.effect("belongs to the user alone, as does the directory", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const { directory } = yield* makeHome()
      yield* (yield* openSidecar(`${directory}/.zag`)).withLock(() => Effect.void)
      assert.strictEqual((yield* fs.stat(`${directory}/.zag/processes.db`)).mode & 0o777, 0o600)
      assert.strictEqual((yield* fs.stat(`${directory}/.zag`)).mode & 0o777, 0o700)
    }))

  it.effect.skipIf(process.getuid?.() !== 0)(
    "belongs to the owner of the directory, whoever made it",
    () =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        const { directory } = yield* makeHome()
        yield* fs.chown(directory, 65_534, 65_533)
        yield* (yield* openSidecar(directory)).withLock(() => Effect.void)
        const { gid, mode, uid } = yield* fs.stat(`${directory}/processes.db`)
        assert.deepStrictEqual([uid, gid], [Option.some(65_534), Option.some(65_533)])
        assert.strictEqual(mode & 0o777, 0o600)
      })
  )

  it.effect("is opened and closed by nobody but SQLite, or this program would lose its locks", () =>
    Effect.gen(function*() {
      const { directory } = yield* makeHome()
      const opened: Array<string> = []
      const layer = Layer.provide(
        layerSidecar(directory),
        Layer.effect(
          FileSystem.FileSystem,
          Effect.map(FileSystem.FileSystem, (fs) =>
            FileSystem.FileSystem.of({
              ...fs,
              open: (path, options) => Effect.andThen(Effect.sync(() => opened.push(path)), fs.open(path, options)),
              writeFile: (path, data, options) =>
                Effect.andThen(Effect.sync(() => opened.push(path)), fs.writeFile(path, data, options))
            }))
        )
      )
      const { withLock } = Context.get(yield* Layer.build(layer), Sidecar)
      yield* withLock((lock) => lock.archive([archivedEntry("a", 1)]))
      yield* withLock(() => Effect.void)
      assert.isAtLeast(opened.length, 1)
      assert.notInclude(opened, `${directory}/processes.db`)
      assert.deepStrictEqual(yield* namesIn(directory), ["processes.db"])
    }))

  it.effect("is made also where there are no links", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const { directory } = yield* makeHome()
      const layer = Layer.provide(
        layerSidecar(directory),
        Layer.succeed(
          FileSystem.FileSystem,
          FileSystem.FileSystem.of({ ...fs, link: (from) => Effect.fail(failure("link", from, "EACCES")) })
        )
      )
      const { withLock } = Context.get(yield* Layer.build(layer), Sidecar)
      yield* withLock((lock) => lock.archive([archivedEntry("a", 1)]))
      assert.strictEqual((yield* fs.stat(`${directory}/processes.db`)).mode & 0o777, 0o600)
      assert.deepStrictEqual(yield* namesIn(directory), ["processes.db"])
    }))

  it.effect("keeps the archive when it is opened again", () =>
    Effect.gen(function*() {
      const { directory } = yield* makeHome()
      const scope = yield* Scope.make()
      const first = yield* Scope.provide(openSidecar(directory), scope)
      yield* first.withLock((lock) => lock.archive([archivedEntry("a", 1)]))
      yield* Scope.close(scope, Exit.void)
      assert.deepStrictEqual(yield* namesIn(directory), ["processes.db"])
      assert.deepStrictEqual(yield* (yield* openSidecar(directory)).archived, [archivedEntry("a", 1)])
    }))

  it.effect("tells at once what another program has archived", () =>
    Effect.gen(function*() {
      const { directory } = yield* makeHome()
      const ours = yield* openSidecar(directory)
      const theirs = yield* openSidecar(directory)
      yield* ours.withLock((lock) => lock.archive([archivedEntry("a", 1)]))
      yield* theirs.withLock((lock) => lock.archive([archivedEntry("b", 2)]))
      assert.deepStrictEqual(yield* ours.archived, [archivedEntry("a", 1), archivedEntry("b", 2)])
    }))

  it.effect("may be of a later version", () =>
    Effect.gen(function*() {
      const { directory } = yield* makeHome()
      const file = `${directory}/processes.db`
      yield* (yield* openSidecar(directory)).withLock((lock) => lock.archive([archivedEntry("a", 1)]))
      yield* runSql(file, "PRAGMA user_version = 99; CREATE TABLE later (x)")
      yield* (yield* openSidecar(directory)).withLock((lock) => lock.archive([archivedEntry("b", 2)]))
      assert.deepStrictEqual(yield* query(file, "PRAGMA user_version"), [{ user_version: 99 }])
      assert.deepStrictEqual(yield* query(file, "SELECT id FROM archive"), [{ id: "a" }, { id: "b" }])
    }))

  it.effect("may be of an earlier version, whose reader finds no labels and whose writer makes place for them", () =>
    Effect.gen(function*() {
      const { directory } = yield* makeHome()
      const file = `${directory}/processes.db`
      yield* runSql(file, secondVersion)
      const sidecar = yield* openSidecar(directory)
      assert.deepStrictEqual(yield* sidecar.labels(["a"]), new Map())
      assert.deepStrictEqual(yield* query(file, "PRAGMA user_version"), [{ user_version: 2 }])
      const log = yield* logged(sidecar.label({ id: "a", labels: { k: "v" }, identity: undefined }))
      assert.deepStrictEqual(log, [])
      assert.deepStrictEqual(yield* sidecar.labels(["a"]), new Map([["a", { k: "v" }]]))
      assert.deepStrictEqual(yield* query(file, "PRAGMA user_version"), [{ user_version: 4 }])
      assert.deepStrictEqual(yield* sidecar.archived, [archivedEntry("a", 1)])
      assert.strictEqual((yield* sidecar.identities(["a"])).get("a")?.startTicks, 71)
      assert.deepStrictEqual(yield* namesIn(directory), ["processes.db"])
    }))

  it.effect("may be an empty file", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const { directory } = yield* makeHome(registry)
      yield* fs.writeFileString(`${directory}/processes.db`, "")
      const sidecar = yield* openSidecar(directory)
      assert.deepStrictEqual(yield* sidecar.archived, [])
      const log = yield* logged(sidecar.withLock((lock) => lock.archive([archivedEntry("a", 1)])))
      assert.deepStrictEqual(log, [])
      assert.deepStrictEqual(yield* sidecar.archived, [archivedEntry("a", 1)])
      assert.deepStrictEqual(yield* namesIn(directory), ["processes.db", "processes.json"])
    }))

  const spoilt: ReadonlyArray<
    readonly [string, (file: string) => Effect.Effect<void, unknown, FileSystem.FileSystem>]
  > = [
    ["garbage", (file) => Effect.flatMap(FileSystem.FileSystem, (fs) => fs.writeFileString(file, "x".repeat(5000)))],
    ["a text", (file) => Effect.flatMap(FileSystem.FileSystem, (fs) => fs.writeFileString(file, "no database"))],
    ["a part of itself", (file) => Effect.flatMap(FileSystem.FileSystem, (fs) => fs.truncate(file, 5000))],
    ["less than its head", (file) => Effect.flatMap(FileSystem.FileSystem, (fs) => fs.truncate(file, 50))],
    ["marked as another program's", (file) => runSql(file, "PRAGMA application_id = 1")],
    [
      "with the tables of another program",
      (file) =>
        Effect.flatMap(FileSystem.FileSystem, (fs) => fs.remove(file)).pipe(
          Effect.andThen(runSql(file, "CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1)"))
        )
    ],
    ["numbered by another program", (file) =>
      Effect.flatMap(FileSystem.FileSystem, (fs) => fs.remove(file)).pipe(
        Effect.andThen(runSql(file, "PRAGMA user_version = 3"))
      )]
  ]

  it.effect.each(spoilt)(
    "makes place for a new one when it is %s, and costs no entry",
    ([, spoil]) =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        const { directory } = yield* makeHome(registry)
        const file = `${directory}/processes.db`
        yield* Effect.scoped(Effect.flatMap(openSidecar(directory), ({ withLock }) => withLock(() => Effect.void)))
        yield* spoil(file)
        const before = yield* fs.readFile(file)
        const store = yield* openStore(directory)
        const log = yield* logged(store.add(entryOf({ id: "new" })))
        const [aside, ...more] = yield* asides(directory)
        assert.deepStrictEqual(more, [])
        assert.deepStrictEqual(yield* fs.readFile(`${directory}/${aside}`), before)
        assert.strictEqual(log.length, 1)
        assert.match(log[0]!, /^Warn: /)
        assert.include(log[0], `${file} is damaged or not ours`)
        assert.include(log[0], `${directory}/${aside}`)
        assert.deepStrictEqual(yield* logged(store.updatePid("new", 5)), [])
        const { entries, unreadable } = yield* store.load
        assert.deepStrictEqual(entries, [entryOf({ id: "new", pid: 5 })])
        assert.strictEqual(unreadable.length, 1)
        assert.deepStrictEqual(yield* store.archived, { entries: [], unreadable: [] })
        assert.strictEqual((yield* fs.stat(file)).mode & 0o777, 0o600)
      })
  )

  it.effect("takes along what another program has not moved into its database yet", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const { directory } = yield* makeHome()
      const killed = yield* makeHome()
      const theirs = yield* Effect.acquireRelease(
        Effect.sync(() => new DatabaseSync(`${directory}/processes.db`)),
        (database) => Effect.sync(() => database.close())
      )
      theirs.exec("PRAGMA journal_mode = WAL; CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1)")
      yield* logged((yield* openSidecar(directory)).withLock((lock) => lock.archive([archivedEntry("a", 1)])))
      const [aside] = yield* asides(directory)
      assert.deepStrictEqual(
        yield* namesIn(directory),
        ["processes.db", `${aside}`, `${aside}-shm`, `${aside}-wal`]
      )
      // As it would be found if that program were killed now.
      for (const end of ["", "-wal"]) {
        yield* fs.copyFile(`${directory}/${aside}${end}`, `${killed.directory}/copy${end}`)
      }
      assert.deepStrictEqual(yield* query(`${killed.directory}/copy`, "SELECT x FROM theirs"), [{ x: 1 }])
    }))

  it.effect("makes place for a new one also while it is open", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const { directory } = yield* makeHome()
      const sidecars = [yield* openSidecar(directory), yield* openSidecar(directory)]
      for (const { withLock } of sidecars) yield* withLock(() => Effect.void)
      yield* fs.writeFileString(`${directory}/processes.db`, "garbage")
      const log = yield* logged(
        Effect.forEach(sidecars, ({ withLock }) => withLock((lock) => lock.archive([archivedEntry("a", 1)])), {
          concurrency: "unbounded"
        })
      )
      assert.strictEqual(log.length, 1)
      assert.strictEqual((yield* asides(directory)).length, 1)
      assert.deepStrictEqual(yield* sidecars[0]!.archived, [archivedEntry("a", 1)])
    }))

  it.effect("is made again when somebody removed it", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const { directory } = yield* makeHome()
      const sidecar = yield* openSidecar(directory)
      yield* sidecar.withLock((lock) => lock.archive([archivedEntry("a", 1)]))
      yield* fs.remove(`${directory}/processes.db`)
      assert.deepStrictEqual(yield* sidecar.archived, [])
      yield* sidecar.withLock((lock) => lock.archive([archivedEntry("b", 2)]))
      assert.deepStrictEqual(yield* sidecar.archived, [archivedEntry("b", 2)])
    }))

  it.effect("cannot be used with a directory in its place, which stays", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const { directory } = yield* makeHome(registry)
      const file = `${directory}/processes.db`
      yield* fs.makeDirectory(file)
      const sidecar = yield* openSidecar(directory)
      for (const operation of [sidecar.withLock(() => Effect.void), Effect.asVoid(sidecar.archived)]) {
        const error = yield* Effect.flip(operation)
        assert.strictEqual(error.reason._tag, "SidecarUnusable")
        assert.include(error.message, `${file} cannot be used: `)
      }
      const failed = yield* Effect.flip((yield* openStore(directory)).add(entryOf()))
      assert.strictEqual(failed.reason._tag, "StoreUnwritable")
      assert.include(failed.message, `${file} cannot be used: `)
      assert.strictEqual(yield* fs.readFileString(`${directory}/processes.json`), registry)
      assert.deepStrictEqual(yield* namesIn(directory), ["processes.db", "processes.json"])
    }))
})
