/**
 * Screens as they are to look. `UPDATE_GOLDEN=1` writes those that are there
 * now; look at the difference before you commit it.
 */
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import type { ProcessUsage } from "@zag/core/OsProcess"
import type { ProcessInfo } from "@zag/core/ProcessInfo"
import { Config, Effect, FileSystem, Schema } from "effect"
import { CliOutput } from "effect/cli"
import { fileURLToPath } from "node:url"
import * as ProcessColumn from "../src/ProcessColumn.ts"
import * as ProcessText from "../src/ProcessText.ts"
import { infoOf } from "./infoOf.ts"

const processes = [
  infoOf({ id: "c945cd70-1d4c-420f-93bc-5a057d794cd0", prompt: "Fix the build, then tell me why it broke at all" }),
  infoOf({
    id: "a22f0b5e-0f0b-4a8c-8f43-6f7f2d1f9f11",
    pid: 4_194_303,
    model: "claude-opus-5-20261101-with-thinking",
    verified: false,
    startedAt: "2026-11-24T11:59:30+00:00",
    root: "/home/me/projects/a-rather-long-name/packages/core",
    prompt: "修复构建并解释原因，然后写测试。修复构建并解释原因，然后写测试。"
  }),
  infoOf({
    id: "7d2c1f5e-5d43-4f86-9a3e-0d3f1f1c2b3a",
    provider: "codex",
    model: "",
    command: "exec",
    liveStatus: "exited",
    status: "exited",
    exitCode: 0,
    exitedAt: "2026-11-24T10:30:00.123456789+00:00",
    prompt: "👨‍👩‍👧 family, 🇩🇪 flag, 1️⃣ keycap, 👍🏽 tone, e\u0301 accent 🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉"
  }),
  infoOf({
    id: "5b8e7a90-3a5b-4a53-8a7d-4a1a0d5a6b7c",
    provider: "gemini\u001B[31m",
    model: "漢字漢字漢字漢字漢字漢字漢字",
    liveStatus: "killed",
    status: "killed",
    exitCode: 137,
    prompt:
      "\u001B[2J\u001B[H\u001B]0;owned\u0007one\ntwo\r\nthree\t\u009B31m \u202Egnp.exe\u202C \u2066x\u2069 \u200Fy"
  }),
  infoOf({
    id: "0f0f0f0f-1111-4222-8333-444444444444",
    liveStatus: "dead",
    verified: false,
    prompt: "שלום עולם, مرحبا بالعالم"
  }),
  infoOf({
    id: "0f3f0f0f-2222-4222-8333-444444444444",
    liveStatus: "unknown",
    verified: false,
    startedAt: "yesterday",
    prompt: null
  })
]

const usage = new Map<ProcessInfo, ProcessUsage>([
  [processes[0]!, { cpuPercent: 12.34, residentBytes: 192_937_984, elapsedMillis: 1 }],
  [processes[1]!, { cpuPercent: 399.96, residentBytes: 1_610_612_736, elapsedMillis: 1 }]
])

const now = Date.parse("2026-11-24T12:00:00Z")

const terminal = (columns: number | undefined, options: Partial<ProcessText.TableOptions> = {}) =>
  ProcessText.table(processes, { now, columns, isTerminal: true, ...options })

const screens: ReadonlyArray<readonly [name: string, screen: string, columns: number]> = [
  ...[60, 80, 120, 200].map((columns) => [`table-${columns}`, terminal(columns), columns] as const),
  ...[60, 80, 120, 200].map((columns) => [`usage-${columns}`, terminal(columns, { usage }), columns] as const),
  ["colors-80", terminal(80, { colors: true }), 80],
  ["columns-80", terminal(80, { shown: ["status", "id", "started", "exited", "root"] }), 80],
  ["no-trunc", terminal(undefined), Infinity],
  ["pipe", ProcessText.table(processes, { now, columns: undefined }), Infinity]
]

const directory = fileURLToPath(new URL("golden", import.meta.url))

describe("the table", () => {
  it.effect.each(screens.map(([name, screen, columns]) => ({ name, screen, columns })))(
    "looks as in golden/$name.txt",
    ({ columns, name, screen }) =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        const file = `${directory}/${name}.txt`
        if (yield* Config.withDefault(Config.Boolean("UPDATE_GOLDEN"), false)) {
          yield* fs.writeFileString(file, `${screen}\n`)
        }
        assert.strictEqual(`${screen}\n`, yield* fs.readFileString(file))
        for (const line of screen.split("\n")) assert.isAtMost(CliOutput.displayWidth(line), columns)
      }).pipe(Effect.provide(NodeServices.layer))
  )

  it("is the same with colours, but for them", () => {
    for (const columns of [20, 60, 80, 200, undefined]) {
      // oxlint-disable-next-line no-control-regex -- they are what is looked for
      assert.strictEqual(terminal(columns, { colors: true }).replaceAll(/\u001B\[\d+m/g, ""), terminal(columns))
    }
  })

  it("ends every colour on its line", () => {
    for (let columns = 1; columns < 80; columns++) {
      for (const line of terminal(columns, { colors: true }).split("\n")) {
        assert.strictEqual(line.split("\u001B[0m").length, line.split("\u001B[").length / 2 + 0.5)
      }
    }
  })

  it.prop(
    "fits any terminal, whatever is stored and shown",
    [
      Schema.String,
      Schema.String,
      Schema.Literals([1, 2, 5, 20, 40, 60]),
      Schema.Array(Schema.Literals(ProcessColumn.names))
    ],
    ([text, other, columns, shown]) => {
      const [prompt, model] = [text.toWellFormed(), other.toWellFormed()]
      const rows = [infoOf({ prompt, model, provider: prompt }), infoOf({ id: prompt, root: model })]
      const lines = ProcessText.table(rows, { now, columns, shown: ["pid", ...shown], colors: true }).split("\n")
      assert.lengthOf(lines, 3)
      for (const line of lines) assert.isAtMost(CliOutput.displayWidth(line), columns)
    }
  )
})
