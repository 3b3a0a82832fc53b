import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { parseJson, runCli } from "./runCli.ts"

const entry = (id: string, fields: object = {}) => ({
  id,
  pid: 4242,
  provider: "claude",
  model: "sonnet",
  command: "run",
  started_at: "2026-11-22T10:00:00Z",
  status: "exited",
  ...fields
})

const registry = (...entries: ReadonlyArray<unknown>) => JSON.stringify({ processes: entries }, null, 2)

const sound = registry(entry("aaaa"), entry("bbbb"))

const putOrphan = (home: string) =>
  Effect.flatMap(FileSystem.FileSystem, (fs) => fs.writeFileString(`${home}/.processes.json.77.0000000a.tmp`, "{"))

describe("zag ps doctor", () => {
  it.effect.each(
    [
      ["nothing", [], null],
      ["nothing", ["--repair"], null],
      ["a sound registry", [], sound],
      ["a sound registry", ["--repair"], sound]
    ] as const
  )("is content with %s, given %j", ([, flags, file]) =>
    Effect.gen(function*() {
      const { after, exitCode, home, stderr, stdout } = yield* runCli(["ps", "doctor", ...flags], { file })
      assert.strictEqual(stdout, `${home} is in order.\n`)
      assert.strictEqual(stderr, "")
      assert.strictEqual(exitCode, 0)
      assert.strictEqual(after, file)
    }))

  it.effect("has notes that are no fault", () =>
    Effect.gen(function*() {
      const file = registry(entry("aaaa", { status: "running" }), entry("bbbb", { status: "running", pid: 1 }))
      const { exitCode, home, stdout } = yield* runCli(["ps", "doctor"], { file })
      assert.strictEqual(
        stdout,
        "· The process aaaa is registered as running, but no process has pid 4242. " +
          "It is shown as dead; nothing needs to be done.\n" +
          "· The process bbbb is registered as running, but no process has pid 1. " +
          "It is shown as dead; nothing needs to be done.\n" +
          `${home} is in order (2 notes).\n`
      )
      assert.strictEqual(exitCode, 0)
    }))

  it.effect("has a line for each finding, the worst first, and ends with 1 when something is wrong", () =>
    Effect.gen(function*() {
      const file = registry(
        entry("cccc", { status: "running" }),
        entry("aaaa", { pid: -1 }),
        entry("bbbb"),
        entry("bbbb")
      )
      const { after, exitCode, home, stderr, stdout } = yield* runCli(["ps", "doctor"], { file, prepare: putOrphan })
      const lines = stdout.split("\n")
      assert.match(lines[0]!, /^✗ Entry 2 of .*processes\.json cannot be read: .* Mend or delete it by hand/)
      assert.match(lines[1]!, /^! 2 entries of .*processes\.json have the id bbbb;/)
      assert.match(
        lines[2]!,
        /^! .*\.processes\.json\.77\.0000000a\.tmp was left by .* `zag ps doctor --repair` removes it\.$/
      )
      assert.match(lines[3]!, /^· The process cccc is registered as running/)
      assert.deepStrictEqual(lines.slice(4), [`${home}: 1 error, 2 warnings, 1 note.`, ""])
      assert.strictEqual(stderr, "")
      assert.strictEqual(exitCode, 1)
      assert.strictEqual(after, file)
    }))

  it.effect("ends with 1 for a warning alone", () =>
    Effect.gen(function*() {
      const { exitCode, home, stdout } = yield* runCli(["ps", "doctor"], { prepare: putOrphan })
      assert.strictEqual(exitCode, 1)
      assert.isTrue(stdout.endsWith(`\n${home}: 1 warning.\n`), stdout)
    }))

  it.effect("shows stored text in one line, without control characters", () =>
    Effect.gen(function*() {
      const file = registry(entry("a\n\u001b[31mb", { status: "running" }))
      const { stdout } = yield* runCli(["ps", "doctor"], { file })
      assert.match(stdout, /^· The process a \[31mb is registered .*\n.* is in order \(1 note\)\.\n$/)
    }))

  it.effect("repairs a damaged registry, says how, and is then content", () =>
    Effect.gen(function*() {
      const { after, exitCode, home, stdout } = yield* runCli(["ps", "doctor", "--repair"], {
        file: sound.slice(0, -4),
        prepare: putOrphan
      })
      const lines = stdout.split("\n")
      assert.strictEqual(lines[0], `✓ ${home}/.processes.json.77.0000000a.tmp was removed.`)
      assert.match(
        lines[1]!,
        /^✓ The damaged registry was kept as .*\.corrupt-.*, and 2 entries of it are in a new one\.$/
      )
      assert.match(lines[2]!, /^· .*\.corrupt-.* is a damaged file that was kept\./)
      assert.deepStrictEqual(lines.slice(3), [`${home} is in order (1 note).`, ""])
      assert.strictEqual(exitCode, 0)
      assert.strictEqual(after, sound)
    }))
})

describe("zag ps doctor --json", () => {
  it.effect("is one value with all there is to know", () =>
    Effect.gen(function*() {
      const { exitCode, home, stdout } = yield* runCli(["ps", "doctor", "--json"], { file: sound.slice(0, -4) })
      const report = parseJson(stdout) as { readonly findings: ReadonlyArray<{ readonly message: string }> }
      const [finding] = report.findings
      assert.deepStrictEqual(report as unknown, {
        healthy: false,
        findings: [{
          code: "store_corrupt",
          severity: "error",
          subject: `${home}/processes.json`,
          message: finding!.message,
          advice: "`zag ps doctor --repair` keeps it under another name and begins a new one with what can be read."
        }],
        repaired: []
      })
      assert.include(finding!.message, "2 entries of it can still be read")
      assert.strictEqual(exitCode, 1)
    }))

  it.effect("tells what was repaired", () =>
    Effect.gen(function*() {
      const { exitCode, home, stdout } = yield* runCli(["ps", "doctor", "--repair", "--json"], { prepare: putOrphan })
      const path = `${home}/.processes.json.77.0000000a.tmp`
      assert.deepStrictEqual(parseJson(stdout), {
        healthy: true,
        findings: [],
        repaired: [{ code: "orphan_temporary", subject: path, message: `${path} was removed.` }]
      })
      assert.strictEqual(exitCode, 0)
    }))

  it.effect("is as short when all is in order", () =>
    Effect.gen(function*() {
      const { stdout } = yield* runCli(["--json", "ps", "doctor"])
      assert.strictEqual(stdout, "{\"healthy\":true,\"findings\":[],\"repaired\":[]}\n")
    }))
})

describe("zag ps doctor, asked wrongly", () => {
  it.effect.each([["--no-repair"], ["now"], ["--fix"]])("refuses %s", ([word]) =>
    Effect.gen(function*() {
      const { exitCode, stderr, stdout } = yield* runCli(["ps", "doctor", word!])
      assert.strictEqual(exitCode, 2)
      assert.strictEqual(stdout, "")
      assert.include(stderr, word!)
    }))

  it.effect("has help", () =>
    Effect.gen(function*() {
      const { exitCode, stdout } = yield* runCli(["ps", "doctor", "--help"])
      assert.strictEqual(exitCode, 0)
      assert.include(stdout, "zag ps doctor [flags]")
      assert.include(stdout, "--repair")
    }))
})
