import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { ChildProcess, ChildProcessSpawner } from "effect/process"
import { DatabaseSync } from "node:sqlite"
import { assertWellFormed, codesOf, entryJson, makePatient, registry } from "./doctorOnDisk.ts"
import { entryOf } from "./entryOf.ts"
import { openStore, stateOf } from "./storeOnDisk.ts"

const sound = registry(entryJson("a"))

const open = (file: string) =>
  Effect.acquireRelease(
    Effect.sync(() => new DatabaseSync(file, { timeout: 0 })),
    (database) => Effect.sync(() => database.close())
  )

/** A registry with a sidecar as a store leaves it. */
const makeWithSidecar = Effect.gen(function*() {
  const patient = yield* makePatient(sound)
  yield* Effect.scoped(
    Effect.flatMap(openStore(patient.directory), (store) => store.add(entryOf({ status: "exited" })))
  )
  return { ...patient, sidecar: `${patient.directory}/processes.db` }
})

const fill = (database: DatabaseSync, rows: number) => {
  const insert = database.prepare("INSERT INTO archive (id, archived_at, entry) VALUES (?, ?, ?)")
  for (let row = 0; row < rows; row++) insert.run(`id ${row}`, "t", "x".repeat(200))
}

layer(NodeServices.layer)("Doctor on the sidecar", (it) => {
  it.effect("finds nothing in a sound one", () =>
    Effect.gen(function*() {
      const { doctor, sidecar } = yield* makeWithSidecar
      const before = yield* stateOf(sidecar)
      assert.deepStrictEqual(yield* doctor.examine, { healthy: true, findings: [], repaired: [] })
      assert.deepStrictEqual(yield* stateOf(sidecar), before)
    }))

  it.effect("finds nothing in one that is about to be made", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const { directory, doctor } = yield* makePatient(sound)
      yield* fs.writeFileString(`${directory}/processes.db`, "")
      assert.deepStrictEqual(codesOf(yield* doctor.examine), [])
    }))

  it.effect.each(
    [
      ["another text", () => new TextEncoder().encode("no database\n".repeat(1000))],
      ["NUL bytes", (bytes: Uint8Array) => new Uint8Array(bytes.length)],
      ["its end missing", (bytes: Uint8Array) => bytes.slice(0, bytes.length / 2)],
      ["its middle overwritten", (bytes: Uint8Array) => bytes.fill(0x55, 8192, 20_000)]
    ] as const
  )("finds that it is damaged: %s", ([, damage]) =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const { directory, doctor, sidecar } = yield* makeWithSidecar
      yield* Effect.scoped(Effect.map(open(sidecar), (database) => {
        database.exec("BEGIN")
        fill(database, 500)
        database.exec("COMMIT")
      }))
      yield* fs.writeFile(sidecar, damage(yield* fs.readFile(sidecar)))
      const before = yield* stateOf(sidecar)
      const report = yield* doctor.repair
      assertWellFormed(report)
      assert.deepStrictEqual(report.findings.map(({ code, severity, subject }) => [code, severity, subject]), [
        ["sidecar_damaged", "error", sidecar]
      ])
      assert.deepStrictEqual(report.repaired, [])
      assert.deepStrictEqual(yield* stateOf(sidecar), before)
      assert.deepStrictEqual((yield* fs.readDirectory(directory)).toSorted(), ["processes.db", "processes.json"])
    }))

  it.effect("finds that it is the database of another program", () =>
    Effect.gen(function*() {
      const { directory, doctor } = yield* makePatient(sound)
      yield* Effect.scoped(
        Effect.map(open(`${directory}/processes.db`), (database) => database.exec("CREATE TABLE theirs (x)"))
      )
      const report = yield* doctor.examine
      assertWellFormed(report)
      assert.deepStrictEqual(report.findings.map(({ code, severity }) => [code, severity]), [
        ["sidecar_foreign", "warning"]
      ])
    }))

  it.effect("finds entries of the archive that cannot be read", () =>
    Effect.gen(function*() {
      const { doctor, sidecar } = yield* makeWithSidecar
      yield* Effect.scoped(Effect.map(open(sidecar), (database) => fill(database, 2)))
      const before = yield* stateOf(sidecar)
      const report = yield* doctor.repair
      assertWellFormed(report)
      assert.deepStrictEqual(report.findings.map(({ code, severity, subject }) => [code, severity, subject]), [
        ["archive_damaged", "warning", sidecar]
      ])
      assert.include(report.findings[0]!.message, "entry 1: Expected object (and 1 more).")
      assert.deepStrictEqual(yield* stateOf(sidecar), before)
    }))

  it.effect.each<readonly [what: string, make: (file: string) => string, problem: string]>([
    ["a directory", (file) => `mkdir '${file}'`, "it is not a file but a directory"],
    // Nobody writes to it: to open it would last for ever.
    ["a FIFO", (file) => `mkfifo '${file}'`, "it is not a file but a fifo"],
    [
      "a link into nothing",
      (file) => `ln -s /nowhere/processes.db '${file}'`,
      "it is a symbolic link to /nowhere/processes.db, whose directory does not exist"
    ]
  ])("finds that it cannot be used: %s", ([, make, problem]) =>
    Effect.gen(function*() {
      const { directory, doctor } = yield* makePatient(sound)
      const spawner = yield* ChildProcessSpawner.ChildProcessSpawner
      yield* spawner.exitCode(ChildProcess.make("/bin/sh", ["-c", make(`${directory}/processes.db`)]))
      const report = yield* doctor.examine
      assertWellFormed(report)
      assert.deepStrictEqual(report.findings.map(({ code, message, severity }) => [code, severity, message]), [[
        "sidecar_unusable",
        "error",
        `${directory}/processes.db cannot be used: ${problem}. Nothing can be registered without it.`
      ]])
    }))

  it.effect("finds no fault in a link to what is about to be made", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const { directory, doctor } = yield* makePatient(sound)
      yield* fs.symlink("elsewhere.db", `${directory}/processes.db`)
      assert.deepStrictEqual(codesOf(yield* doctor.examine), [])
      yield* Effect.scoped(Effect.flatMap(openStore(directory), (store) => store.add(entryOf({ status: "exited" }))))
      assert.isTrue(yield* fs.exists(`${directory}/elsewhere.db`))
    }))

  it.effect("finds no fault in a change that was not finished, which the next writer takes back", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const { directory, sidecar } = yield* makeWithSidecar
      const crashed = yield* makePatient(sound)
      yield* Effect.scoped(Effect.gen(function*() {
        const database = yield* open(sidecar)
        // So small a cache writes to the file before the end of the transaction.
        database.exec("PRAGMA cache_size = 1; BEGIN IMMEDIATE")
        fill(database, 3000)
        for (const name of ["processes.db", "processes.db-journal"]) {
          yield* fs.copyFile(`${directory}/${name}`, `${crashed.directory}/${name}`)
        }
        database.exec("ROLLBACK")
      }))
      assert.isTrue(yield* fs.exists(`${crashed.directory}/processes.db-journal`))
      assert.deepStrictEqual(codesOf(yield* crashed.doctor.examine), [])
    }))
})

layer(NodeServices.layer)("Doctor on the lock", (it) => {
  it.effect.skipIf(process.platform !== "linux")(
    "says who holds it, and leaves it with them",
    () =>
      Effect.gen(function*() {
        const { doctor, sidecar } = yield* makeWithSidecar
        yield* Effect.scoped(Effect.gen(function*() {
          const database = yield* open(sidecar)
          database.exec("BEGIN IMMEDIATE")
          for (let time = 0; time < 2; time++) {
            const report = yield* doctor.repair
            assertWellFormed(report)
            assert.isTrue(report.healthy)
            assert.deepStrictEqual(report.findings.map(({ code, severity, subject }) => [code, severity, subject]), [
              ["lock_held", "info", sidecar]
            ])
            assert.include(report.findings[0]!.message, `pid ${process.pid} `)
          }
        }))
        assert.deepStrictEqual(codesOf(yield* doctor.examine), [])
      })
  )
})
