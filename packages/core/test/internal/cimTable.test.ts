import { NodeServices } from "@effect/platform-node"
import { assert, describe, it, layer } from "@effect/vitest"
import { Effect } from "effect"
import { parseBoot, parseProcesses } from "../../src/internal/cimTable.ts"
import { fixture } from "../fixture.ts"

// 2026-01-02T10:00:00Z
const ten = 1_767_348_000_000

layer(NodeServices.layer)("parseProcesses", (it) => {
  it.effect("reads the answer of PowerShell 5.1", () =>
    Effect.gen(function*() {
      const rows = parseProcesses(yield* fixture("windows-powershell-5.json"))
      assert.strictEqual(rows?.size, 8)
      assert.deepStrictEqual(rows?.get(2000), {
        pid: 2000,
        parent: 5100,
        startMillis: ten + 1250,
        residentBytes: 204_800_000,
        cpuMillis: 30_000,
        command: "node.exe agent.js 'ü'"
      })
      assert.deepInclude(rows?.get(0), { startMillis: undefined, command: "[System Idle Process]" })
    }))

  it.effect("reads the answer of PowerShell 7", () =>
    Effect.gen(function*() {
      const rows = parseProcesses(yield* fixture("windows-powershell-7.json"))
      assert.deepStrictEqual(Array.from(rows!.values(), ({ pid, startMillis }) => [pid, startMillis]), [
        [4, 1_767_322_800_123],
        [1000, ten],
        [2000, ten + 1250]
      ])
    }))

  it.effect("reads one process, which is no array, and a time that is an object", () =>
    Effect.gen(function*() {
      const rows = parseProcesses(`\ufeff${yield* fixture("windows-one.json")}\r\n`)
      assert.deepStrictEqual(Array.from(rows!.keys()), [1000])
      assert.deepInclude(rows?.get(1000), { startMillis: ten, parent: 0, command: "[node.exe]" })
    }))

  it.effect("takes nobody for a parent who began after the child, or is gone", () =>
    Effect.gen(function*() {
      const rows = parseProcesses(yield* fixture("windows-powershell-5.json"))
      assert.strictEqual(rows?.get(2004)?.parent, 2000)
      // It began two hours before the process that has the pid of its parent now.
      assert.strictEqual(rows?.get(2008)?.parent, 0)
      assert.strictEqual(rows?.get(5100)?.parent, 0)
    }))

  it.each(["", "[]x", "{}", "null", "Get-CimInstance : Access denied", "[{\"ProcessId\":\"1\"}]"])(
    "has no table in %j",
    (text) => {
      assert.isUndefined(parseProcesses(text))
    }
  )
})

describe("parseBoot", () => {
  it.each([
    [
      "{\"LastBootUpTime\":\"\\/Date(1767322799500)\\/\",\"SystemStart\":\"\\/Date(1767322800123)\\/\"}",
      { bootMillis: 1_767_322_799_500, systemStartMillis: 1_767_322_800_123 }
    ],
    [
      "{\"LastBootUpTime\":\"2026-01-02T04:00:00.5+01:00\",\"SystemStart\":null}",
      { bootMillis: 1_767_322_800_500, systemStartMillis: undefined }
    ],
    ["", undefined]
  ])("reads %s", (text, boot) => {
    assert.deepStrictEqual(parseBoot(text), boot)
  })
})
