import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect, FileSystem, Option } from "effect"
import {
  assertWellFormed,
  codesOf,
  entriesOf,
  entryJson,
  filesIn,
  makePatient,
  openDoctor,
  registry
} from "./doctorOnDisk.ts"
import { failure } from "./faultyFileSystem.ts"
import { makeHome, makeOld, stateOf } from "./storeOnDisk.ts"

const [a, b, c] = ["a", "b", "c"].map((id) => entryJson(id, { note: { kept: 1 } }))
const sound = registry(a, b, c)
const running = (id: string, pid: number) => entryJson(id, { pid, status: "running" })
const inOrder = { healthy: true, findings: [], repaired: [] }

layer(NodeServices.layer)("Doctor on a registry that is in order", (it) => {
  it.effect("finds nothing where there is none, and creates nothing", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const { directory, doctor } = yield* makePatient()
      const absent = yield* openDoctor(`${directory}/not/yet`)
      for (const operation of [doctor.examine, doctor.repair, absent.examine, absent.repair]) {
        assert.deepStrictEqual(yield* operation, inOrder)
      }
      assert.deepStrictEqual(yield* fs.readDirectory(directory), [])
    }))

  it.effect("finds nothing in a sound one, and does not touch it", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const { directory, doctor, file } = yield* makePatient(
        registry(a, entryJson("b", { status: "running" }), entryJson("c", { status: "odd" })),
        { processes: [{ pid: 4242 }] }
      )
      const before = yield* makeOld(file)
      assert.deepStrictEqual(yield* doctor.examine, inOrder)
      assert.deepStrictEqual(yield* doctor.repair, inOrder)
      assert.deepStrictEqual(yield* stateOf(file), before)
      assert.deepStrictEqual(yield* fs.readDirectory(directory), ["processes.json"])
    }))
})

layer(NodeServices.layer)("Doctor on entries", (it) => {
  it.effect("names those that cannot be read by their place", () =>
    Effect.gen(function*() {
      const { doctor, file } = yield* makePatient(registry(a, { ...b, pid: "4242" }, c, null))
      const report = yield* doctor.repair
      assertWellFormed(report)
      assert.isFalse(report.healthy)
      assert.deepStrictEqual(report.findings.map(({ code, severity }) => [code, severity]), [
        ["entry_unreadable", "error"],
        ["entry_unreadable", "error"]
      ])
      assert.strictEqual(
        report.findings[0]!.message,
        `Entry 2 of ${file} cannot be read: Expected number at ["pid"].`
      )
      assert.include(report.findings[1]!.message, "Entry 4 ")
      assert.deepStrictEqual(report.repaired, [])
    }))

  it.effect("counts those that share an id", () =>
    Effect.gen(function*() {
      const { doctor, file } = yield* makePatient(registry(a, b, a, c, a, c))
      const report = yield* doctor.examine
      assertWellFormed(report)
      assert.deepStrictEqual(report.findings.map(({ code, severity, subject }) => [code, severity, subject]), [
        ["duplicate_id", "warning", "a"],
        ["duplicate_id", "warning", "c"]
      ])
      assert.include(report.findings[0]!.message, `3 entries of ${file}`)
    }))

  it.effect("says of which the process is dead, and why; that is no fault", () =>
    Effect.gen(function*() {
      const { doctor } = yield* makePatient(
        registry(running("alive", 10), running("gone", 11), running("zombie", 12), running("reused", 13), a),
        {
          processes: [
            { pid: 10 },
            { pid: 12, state: { _tag: "Zombie" } },
            { pid: 13, state: { _tag: "Running", startTime: Date.UTC(2030, 1) } }
          ]
        }
      )
      const report = yield* doctor.examine
      assertWellFormed(report)
      assert.isTrue(report.healthy)
      assert.deepStrictEqual(report.findings.map(({ code, severity, subject }) => [code, severity, subject]), [
        ["process_dead", "info", "gone"],
        ["process_dead", "info", "zombie"],
        ["process_dead", "info", "reused"]
      ])
      assert.strictEqual(
        report.findings[0]!.message,
        "The process gone is registered as running, but no process has pid 11."
      )
    }))
})

const damaged: ReadonlyArray<readonly [what: string, content: string | Uint8Array, problem: string, kept: number]> = [
  ["an empty file", "", "it is empty", 0],
  ["NUL bytes", "\0".repeat(4096), "NUL", 0],
  ["another text", "#!/bin/sh\n", "not JSON", 0],
  ["a byte order mark", `\ufeff${sound}`, "byte order mark", 3],
  ["its end missing", sound.slice(0, -100), "not JSON", 2],
  ["its beginning missing", sound.slice(100), "not JSON", 2],
  ["another one behind it", sound + registry({ ...a, pid: 1 }, entryJson("d")), "not JSON", 4],
  ["another shape", JSON.stringify({ a, b }), "no `processes`", 2],
  ["a list", JSON.stringify([a]), "not an object", 1],
  ["bytes that are not UTF-8", Uint8Array.of(0xff, 0xfe, ...new TextEncoder().encode(sound)), "not UTF-8", 3]
]

layer(NodeServices.layer)("Doctor on a damaged registry", (it) => {
  it.effect.each(damaged)(
    "says of %s what it is and what is left of it",
    ([, content, problem, kept]) =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        const { directory, doctor, file } = yield* makePatient(content)
        const before = yield* makeOld(file)
        const report = yield* doctor.examine
        assertWellFormed(report)
        assert.deepStrictEqual(report.findings.map(({ code, severity, subject }) => [code, severity, subject]), [
          ["store_corrupt", "error", file]
        ])
        assert.include(report.findings[0]!.message, problem)
        assert.include(report.findings[0]!.message, `${kept} ${kept === 1 ? "entry" : "entries"} of it`)
        assert.deepStrictEqual(yield* stateOf(file), before)
        assert.deepStrictEqual(yield* fs.readDirectory(directory), ["processes.json"])
      })
  )

  it.effect.each(damaged)(
    "repairs %s, keeps it, and then finds nothing to repair",
    ([, content, , kept]) =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        const { directory, doctor, file } = yield* makePatient(content)
        const before = yield* stateOf(file)
        const report = yield* doctor.repair
        assertWellFormed(report)
        assert.isTrue(report.healthy)
        const [copy] = report.findings
        assert.deepStrictEqual(codesOf(report), ["damaged_copy"])
        assert.strictEqual((yield* stateOf(copy!.subject)).ino, before.ino)
        assert.deepStrictEqual((yield* stateOf(copy!.subject)).content, before.content)
        assert.deepStrictEqual(report.repaired.map(({ code, subject }) => [code, subject]), [["store_corrupt", file]])
        assert.include(report.repaired[0]!.message, copy!.subject)
        assert.include(report.repaired[0]!.message, `${kept} ${kept === 1 ? "entry" : "entries"} of it`)

        assert.strictEqual(entriesOf(yield* fs.readFileString(file)).length, kept)
        assert.strictEqual((yield* stateOf(file)).mode & 0o777, 0o600)
        const after = yield* filesIn(directory)
        assert.deepStrictEqual(yield* doctor.repair, { ...report, repaired: [] })
        assert.deepStrictEqual(yield* filesIn(directory), after)
      })
  )

  it.effect("takes over what can be read as it was, unknown keys and all", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const { doctor, file } = yield* makePatient(`${sound}]`)
      yield* doctor.repair
      assert.strictEqual(yield* fs.readFileString(file), sound)
    }))

  it.effect("says so when the repair fails, and the registry stays as it is", () =>
    Effect.gen(function*() {
      const { directory, doctor, file } = yield* makePatient("{", {
        change: () => ({ rename: (from) => Effect.fail(failure("rename", from, "EACCES")) })
      })
      const before = yield* makeOld(file)
      const report = yield* doctor.repair
      assert.isFalse(report.healthy)
      assert.deepStrictEqual(codesOf(report).slice(0, 2), ["repair_failed", "store_corrupt"])
      assert.include(report.findings[0]!.message, "EACCES")
      assert.strictEqual(report.findings[0]!.subject, file)
      assert.deepStrictEqual(report.repaired, [])
      assert.deepStrictEqual(yield* stateOf(file), before)
      assert.deepStrictEqual((yield* filesIn(directory))["processes.json"], Option.some("{"))
    }))
})

layer(NodeServices.layer)("Doctor with something else in the place of the registry", (it) => {
  it.effect.each(
    [
      ["a directory", "directory", (fs: FileSystem.FileSystem, file: string) => fs.makeDirectory(file)],
      [
        "a link that leads nowhere",
        "does not exist",
        (fs: FileSystem.FileSystem, file: string) => fs.symlink("nowhere", file)
      ]
    ] as const
  )("says that it cannot read %s, and does not touch it", ([, problem, put]) =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const { directory, file } = yield* makeHome()
      yield* put(fs, file)
      const doctor = yield* openDoctor(directory)
      const report = yield* doctor.repair
      assertWellFormed(report)
      assert.deepStrictEqual(codesOf(report), ["store_unreadable"])
      assert.include(report.findings[0]!.message, problem)
      assert.deepStrictEqual(report.repaired, [])
      assert.deepStrictEqual(yield* fs.readDirectory(directory), ["processes.json"])
    }))

  it.effect("says that it cannot read below a file", () =>
    Effect.gen(function*() {
      const { file } = yield* makeHome(sound)
      const doctor = yield* openDoctor(file)
      assert.deepStrictEqual(codesOf(yield* doctor.repair), ["store_unreadable"])
    }))
})
