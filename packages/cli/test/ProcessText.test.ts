import { assert, describe, it } from "@effect/vitest"
import { ProcessInfo } from "@zag/core/ProcessInfo"
import { CliOutput } from "effect/cli"
import * as ProcessText from "../src/ProcessText.ts"

const info = (fields: Partial<ProcessInfo> = {}) =>
  new ProcessInfo({
    id: "c945cd70-1d4c-420f-93bc-5a057d794cd0",
    pid: 4242,
    sessionId: null,
    provider: "claude",
    model: "sonnet",
    command: "run",
    prompt: "Fix the build",
    startedAt: "2026-11-22T10:00:00.5+00:00",
    status: "running",
    exitCode: null,
    exitedAt: null,
    root: null,
    verified: false,
    labels: {},
    parentProcessId: null,
    parentSessionId: null,
    liveStatus: "running",
    ...fields
  })

const now = Date.parse("2026-11-22T10:03:00Z")

describe("table", () => {
  it("shows every value whole where there is no screen", () => {
    const model = "a-model-with-a-very-long-name-indeed"
    const text = ProcessText.table([info({ model, prompt: "long ".repeat(20) })], { now, columns: undefined })
    assert.strictEqual(
      text,
      "ID                                    PID   STATUS   PROVIDER  MODEL                                 COMMAND  AGE  PROMPT\n" +
        `c945cd70-1d4c-420f-93bc-5a057d794cd0  4242  running  claude    ${model}  run      2m   ${
          "long ".repeat(20).trim()
        }`
    )
  })

  it("fits the screen", () => {
    const rows = [
      info({ prompt: "漢字".repeat(50) }),
      info({ id: "0".repeat(36), model: "m".repeat(60), provider: "p".repeat(60) }),
      info({ id: "1".repeat(36), liveStatus: "killed", exitCode: -2_147_483_648, prompt: "a\nb" })
    ]
    for (const columns of [40, 80, 200]) {
      for (const line of ProcessText.table(rows, { now, columns }).split("\n")) {
        assert.isAtMost(CliOutput.displayWidth(line), columns)
      }
    }
    assert.strictEqual(ProcessText.table(rows, { now, columns: 80 }).split("\n").length, 4)
  })

  it("shortens ids to what tells them apart", () => {
    const ids = ["aaaaaaaaaa-1", "aaaaaaaaaa-2", "b"]
    const lines = ProcessText.table(ids.map((id) => info({ id })), { now, columns: 120 }).split("\n").slice(1)
    assert.deepStrictEqual(lines.map((line) => line.split(" ")[0]), ids)
    const [, line] = ProcessText.table([info()], { now, columns: 80 }).split("\n")
    assert.match(line!, /^c945cd70 {2}4242 /)
  })

  it("says how a process ended, and marks what is missing", () => {
    const text = ProcessText.table(
      [info({ liveStatus: "killed", exitCode: 7, model: "", prompt: null })],
      { now, columns: undefined }
    )
    assert.match(text, /killed \(7\) {2}claude {4}- {6}run {6}2m$/)
  })
})

describe("details", () => {
  it("has a line for what is known, as zag has", () => {
    assert.strictEqual(
      ProcessText.details(
        info({ exitedAt: "2026-11-22T10:01:00+00:00", exitCode: 0, liveStatus: "exited", sessionId: "s1" })
      ),
      [
        "Process ID:  c945cd70-1d4c-420f-93bc-5a057d794cd0",
        "PID:         4242",
        "Status:      exited",
        "Provider:    claude",
        "Model:       sonnet",
        "Command:     run",
        "Started:     2026-11-22T10:00:00.5+00:00",
        "Exited:      2026-11-22T10:01:00+00:00",
        "Exit code:   0",
        "Session ID:  s1",
        "Prompt:      Fix the build"
      ].join("\n")
    )
  })

  it("has the labels, if there are any", () => {
    const text = ProcessText.details(info({ labels: { stage: "", team: "red\u001B[2J" } }))
    assert.include(text, "\nLabels:      stage=, team=red[2J\nPrompt:")
    assert.notInclude(ProcessText.details(info()), "Labels")
  })

  it("keeps the lines of a prompt under each other, without what a terminal obeys", () => {
    const text = ProcessText.details(info({ model: "", prompt: "one\ntwo\u001B[2J", parentProcessId: "p" }))
    assert.include(text, "Model:\n")
    assert.include(text, "Parent process ID: p\n")
    assert.isTrue(text.endsWith(`Prompt:            one\n${" ".repeat(19)}two[2J`))
  })
})
