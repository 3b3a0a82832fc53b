import { NodeServices } from "@effect/platform-node"
import { assert, describe, it, layer } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { TestClock } from "effect/testing"
import { assertWellFormed, codesOf, entryJson, filesIn, makePatient, openDoctor, registry } from "./doctorOnDisk.ts"
import { failure } from "./faultyFileSystem.ts"
import { makeHome, makeOld, stateOf } from "./storeOnDisk.ts"

const sound = registry(entryJson("a"))

layer(NodeServices.layer)("Doctor on permissions", (it) => {
  it.effect.each(
    [
      [0o600, 0o755, false],
      [0o400, 0o777, false],
      [0o700, 0o755, false],
      [0o644, 0o755, true],
      [0o640, 0o755, true],
      [0o604, 0o755, true],
      [0o620, 0o755, true],
      [0o644, 0o700, false],
      [0o640, 0o701, false],
      [0o640, 0o710, true],
      [0o604, 0o710, false],
      [0o604, 0o711, true],
      [0o666, 0o744, false]
    ] as const
  )("of %o in a directory of %o", ([file, directory, exposed]) =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const home = yield* makePatient(sound)
      yield* fs.chmod(home.file, file)
      yield* fs.chmod(home.directory, directory)
      const before = yield* makeOld(home.file)
      const report = yield* home.doctor.repair
      assertWellFormed(report)
      assert.deepStrictEqual(
        report.findings.map(({ code, severity, subject }) => [code, severity, subject]),
        exposed ? [["store_exposed", "warning", home.file]] : []
      )
      if (exposed) assert.include(report.findings[0]!.message, `0${file.toString(8)}`)
      assert.deepStrictEqual(yield* stateOf(home.file), before)
    }))

  it.effect("looks at the file that a link leads to", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const elsewhere = yield* makeHome(sound)
      const { directory, file } = yield* makeHome()
      yield* fs.symlink(elsewhere.file, file)
      yield* fs.chmod(directory, 0o755)
      const doctor = yield* openDoctor(directory)
      assert.deepStrictEqual(codesOf(yield* doctor.examine), [])
      yield* fs.chmod(elsewhere.directory, 0o755)
      const report = yield* doctor.examine
      assert.deepStrictEqual(codesOf(report), ["store_exposed"])
      assert.include(report.findings[0]!.advice, `chmod 700 ${elsewhere.directory}`)
    }))
})

const readOnly = (place: string) => (fs: FileSystem.FileSystem): Partial<FileSystem.FileSystem> => ({
  access: (path, options) =>
    options?.writable === true && path === place
      ? Effect.fail(failure("access", path, "EROFS"))
      : fs.access(path, options)
})

layer(NodeServices.layer)("Doctor on what cannot be written", (it) => {
  it.effect("finds the directory, that to which a link leads, and that in which it would be made", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const elsewhere = yield* makeHome(sound)
      const { directory, file } = yield* makeHome()
      yield* fs.symlink(elsewhere.file, file)
      for (
        const [home, place] of [
          [directory, directory],
          [directory, elsewhere.directory],
          [`${directory}/new/.zag`, directory]
        ] as const
      ) {
        const doctor = yield* openDoctor(home, { change: readOnly(place) })
        for (const report of [yield* doctor.examine, yield* doctor.repair]) {
          assertWellFormed(report)
          assert.deepStrictEqual(report.findings.map(({ code, severity, subject }) => [code, severity, subject]), [
            ["store_unwritable", "error", place]
          ])
          assert.include(report.findings[0]!.message, "EROFS: read-only file system")
        }
        assert.deepStrictEqual(codesOf(yield* (yield* openDoctor(home)).examine), [])
      }
    }))
})

// Seconds since the epoch, which nobody's clock shows any more.
const then = 1_000_000_000

const temporary = (pid: number, name = "0000000a"): string => `.processes.json.${pid}.${name}.tmp`

/** Files that were written at `then`. */
const put = Effect.fnUntraced(function*(directory: string, names: ReadonlyArray<string>) {
  const fs = yield* FileSystem.FileSystem
  for (const name of names) {
    yield* fs.writeFileString(`${directory}/${name}`, name)
    yield* fs.utimes(`${directory}/${name}`, then, then)
  }
})

const othersFiles = [
  "processes.json.tmp",
  ".processes.json.tmp",
  ".processes.json.11.tmp",
  ".processes.json.11.xyz.tmp",
  ".processes.json.x.0.tmp",
  ".sessions.json.11.0.tmp",
  ".processes.json.11.0.tmp.bak",
  "processes.json~"
]

const processes = [{ pid: 10 }, { pid: 12, state: { _tag: "Zombie" } as const }]

// Each has a clock of its own.
describe("Doctor on the age of temporary files", () => {
  it.effect("finds those whose writer is gone, and removes no other", () =>
    Effect.gen(function*() {
      const { directory, doctor, file } = yield* makePatient(sound, { processes })
      yield* TestClock.setTime((then + 60) * 1000)
      const orphans = [temporary(11), temporary(11, "0"), temporary(11, "5f3a"), temporary(4_294_967_295)].toSorted()
      const kept = [temporary(10), temporary(12), ...othersFiles]
      yield* put(directory, [...orphans, ...kept])
      const before = yield* makeOld(file)

      const found = yield* doctor.examine
      assertWellFormed(found)
      assert.deepStrictEqual(
        found.findings.map(({ code, severity, subject }) => [code, severity, subject]),
        orphans.map((name) => ["orphan_temporary", "warning", `${directory}/${name}`])
      )
      assert.include(found.findings[0]!.message, "pid 11 is gone")

      const report = yield* doctor.repair
      assert.deepStrictEqual(report.findings, [])
      assert.deepStrictEqual(
        report.repaired.map(({ code, subject }) => [code, subject]),
        orphans.map((name) => ["orphan_temporary", `${directory}/${name}`])
      )
      assert.deepStrictEqual(Object.keys(yield* filesIn(directory)), [...kept, "processes.json"].toSorted())
      assert.deepStrictEqual(yield* stateOf(file), before)
    }).pipe(Effect.provide(NodeServices.layer)))

  it.effect("waits for a `zag` whose pid may mean another process than here, and not for one of ours", () =>
    Effect.gen(function*() {
      const { directory, doctor } = yield* makePatient(sound, { processes })
      yield* put(directory, [temporary(11, "0")])
      yield* TestClock.setTime((then + 10) * 1000)
      assert.deepStrictEqual(codesOf(yield* doctor.examine), [])
      yield* TestClock.adjust("1 millis")
      assert.deepStrictEqual(codesOf(yield* doctor.examine), ["orphan_temporary"])
      yield* TestClock.setTime(then * 1000)
      yield* put(directory, [temporary(11)])
      assert.deepStrictEqual(codesOf(yield* doctor.examine), ["orphan_temporary"])
    }).pipe(Effect.provide(NodeServices.layer)))

  it.effect("takes any that was not written to for more than a minute for an orphan", () =>
    Effect.gen(function*() {
      const { directory, doctor } = yield* makePatient(sound, { processes })
      yield* put(directory, [temporary(10)])
      yield* TestClock.setTime((then + 60) * 1000)
      assert.deepStrictEqual(codesOf(yield* doctor.examine), [])
      yield* TestClock.adjust("1 millis")
      const report = yield* doctor.examine
      assert.deepStrictEqual(codesOf(report), ["orphan_temporary"])
      assert.include(report.findings[0]!.message, "more than a minute")
    }).pipe(Effect.provide(NodeServices.layer)))
})

layer(NodeServices.layer)("Doctor on temporary files", (it) => {
  it.effect("finds them where a link to the registry leads", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const elsewhere = yield* makeHome(sound)
      const { directory, file } = yield* makeHome()
      yield* fs.symlink(elsewhere.file, file)
      yield* put(elsewhere.directory, [temporary(11)])
      yield* put(directory, [temporary(11)])
      const { repaired } = yield* (yield* openDoctor(directory)).repair
      assert.deepStrictEqual(repaired.map(({ subject }) => subject), [
        `${directory}/${temporary(11)}`,
        `${elsewhere.directory}/${temporary(11)}`
      ])
      assert.deepStrictEqual(yield* fs.readDirectory(elsewhere.directory), ["processes.json"])
    }))

  it.effect("tells of both when the registry is damaged as well", () =>
    Effect.gen(function*() {
      const { directory, doctor } = yield* makePatient(sound.slice(0, -1))
      yield* put(directory, [temporary(11)])
      const { repaired } = yield* doctor.repair
      assert.deepStrictEqual(repaired.map(({ code }) => code), ["orphan_temporary", "store_corrupt"])
    }))

  it.effect("says so when one cannot be removed", () =>
    Effect.gen(function*() {
      const { directory, doctor } = yield* makePatient(sound, {
        change: (fs) => ({
          remove: (path, options) =>
            path.endsWith(temporary(11)) ? Effect.fail(failure("remove", path, "EACCES")) : fs.remove(path, options)
        })
      })
      yield* put(directory, [temporary(11)])
      const report = yield* doctor.repair
      assert.isFalse(report.healthy)
      assert.deepStrictEqual(codesOf(report), ["repair_failed", "orphan_temporary"])
      assert.include(report.findings[0]!.message, temporary(11))
      assert.deepStrictEqual(report.repaired, [])
    }))
})

layer(NodeServices.layer)("Doctor on damaged files that were kept", (it) => {
  it.effect("names them, and finds no fault in that", () =>
    Effect.gen(function*() {
      const { directory, doctor } = yield* makePatient(sound)
      const copies = ["processes.db.corrupt-2026-11-22T10-00-00Z", "processes.json.corrupt-2026-11-22T10-00-00Z"]
      yield* put(directory, [
        ...copies,
        `${copies[0]}-journal`,
        `${copies[0]}-wal`,
        `${copies[0]}-shm`,
        "old-processes.json.corrupt-1"
      ])
      const report = yield* doctor.repair
      assertWellFormed(report)
      assert.isTrue(report.healthy)
      assert.deepStrictEqual(
        report.findings.map(({ code, severity, subject }) => [code, severity, subject]),
        copies.map((name) => ["damaged_copy", "info", `${directory}/${name}`])
      )
    }))
})
