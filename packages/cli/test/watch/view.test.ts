import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { CliOutput } from "effect/cli"
import * as Model from "../../src/watch/model.ts"
import * as View from "../../src/watch/view.ts"
import { infoOf } from "../infoOf.ts"

const processes = [
  infoOf({ pid: 4242, model: "opus", id: "c945cd70-1d4c-420f-93bc-5a057d794cd0", prompt: "Fix the build" }),
  infoOf({
    pid: 4242,
    model: "opus",
    id: "a22f0b5e-0f0b-4a8c-8f43-6f7f2d1f9f11",
    prompt: "修复构建并解释原因 🎉",
    liveStatus: "dead"
  }),
  infoOf({
    pid: 4242,
    model: "opus",
    id: "7d2c1f5e-5d43-4f86-9a3e-0d3f1f1c2b3a",
    prompt: "\u001B[2Jred\nnext \u202Eline",
    provider: "co\u0007dex"
  })
]

const state = Model.listed(Model.initial({ running: false, sort: undefined }), { processes, unreadable: [] })

const page: View.Page = {
  columns: 80,
  rows: 10,
  now: Date.parse("2026-11-24T12:00:00Z"),
  colors: false,
  shown: undefined,
  narrowed: []
}

// oxlint-disable-next-line no-control-regex -- they are what is looked for
const style = /\u001B\[\d+m/g

const text = (state: Model.State, options: Partial<View.Page> = {}) =>
  View.lines(state, { ...page, ...options }).map((line) => line.replaceAll(style, "").trimEnd())

const modes: ReadonlyArray<Model.Mode> = [
  { _tag: "Table" },
  { _tag: "Details" },
  { _tag: "Help" },
  { _tag: "Filter", before: "" },
  { _tag: "Confirm", target: processes[2]! }
]

describe("the live screen", () => {
  it("has a title, the table, and the keys", () => {
    assert.deepStrictEqual(text(state), [
      "zag ps: 2 running, 1 dead | by started ↓",
      "ID        PID   STATUS   PROVIDER  MODEL  COMMAND  AGE  PROMPT",
      "c945cd70  4242  running  claude    opus   run      2h   Fix the build",
      "a22f0b5e  4242  dead     claude    opus   run      2h   修复构建并解释原因 🎉",
      "7d2c1f5e  4242  running  codex     opus   run      2h   [2Jred next line",
      "",
      "",
      "",
      "",
      "q quit  ? help  ↑↓ select  Enter details  k kill  / filter  a all/running  s so…"
    ])
  })

  it("marks the selected process, and no other", () => {
    const marked = View.lines({ ...state, selected: processes[1]!.id }, { ...page, colors: true })
      .filter((line) => line.includes("\u001B[7m"))
    assert.lengthOf(marked, 1)
    assert.isTrue(marked[0]!.startsWith("\u001B[7ma22f0b5e"))
  })

  it("asks before it kills, and names whom", () => {
    const lines = text({ ...state, mode: { _tag: "Confirm", target: processes[2]! } })
    assert.deepStrictEqual(lines.slice(-2), [
      "Kill 7d2c1f5e (pid 4242, codex)? [2Jred next line",
      "y: end it and all that it started   any other key: no"
    ])
  })

  it("names whom also where there is little room, and whatever it was asked to do", () => {
    const target = infoOf({ pid: 4242, id: "c945cd70-1d4c", prompt: "Fix the build. ".repeat(100) })
    const lines = text({ ...state, mode: { _tag: "Confirm", target } }, { columns: 20, rows: 6 })
    assert.deepStrictEqual(lines.slice(-5), [
      "Kill c945cd70 (pid 4",
      "242, claude)? Fix th",
      "e build. Fix the bui",
      "…",
      "y: end it and all t…"
    ])
    const low = text({ ...state, mode: { _tag: "Confirm", target } }, { rows: 2 })
    assert.strictEqual(low.at(-1), "y: end it and all that it started   any other key: no")
  })

  it("shows the details of the selected process", () => {
    const lines = text({ ...state, mode: { _tag: "Details" } })
    assert.include(lines, "Process ID:  c945cd70-1d4c-420f-93bc-5a057d794cd0")
    assert.include(lines, "Prompt:      Fix the build")
  })

  it("shows the details whole, and says where there is no room for all", () => {
    const narrow = text({ ...state, mode: { _tag: "Details" } }, { columns: 20, rows: 40 })
    assert.deepStrictEqual(narrow.slice(1, 5), [
      "Process ID:  c945cd7",
      "0-1d4c-420f-93bc-5a0",
      "57d794cd0",
      "PID:         4242"
    ])
    assert.deepStrictEqual(text({ ...state, mode: { _tag: "Details" } }, { rows: 5 }).slice(2), [
      "PID:         4242",
      "…",
      "k kill   any other key: back"
    ])
  })

  it("says what narrows the list", () => {
    const narrowed = { ...state, filter: "build", running: true, sort: { field: "pid", direction: "desc" } as const }
    assert.strictEqual(text(narrowed)[0], "zag ps: 2 running, 1 dead | running only | by pid ↓ | with \"build\"")
    assert.include(text({ ...state, filter: "nowhere" }), "No process has this text.")
    assert.strictEqual(
      text(state, { narrowed: ["provider claude", "at most 5"] })[0],
      "zag ps: 2 running, 1 dead | by started ↓ | provider claude | at most 5"
    )
  })

  it("says how many entries cannot be read", () => {
    const unreadable = [{ index: 3, problem: "no id" }]
    assert.strictEqual(
      text(Model.listed(state, { processes, unreadable }))[0],
      "zag ps: 2 running, 1 dead | by started ↓ | 1 unreadable"
    )
  })

  it("says that there is nothing, and what is wrong", () => {
    const empty = Model.initial({ running: false, sort: undefined })
    assert.deepStrictEqual(text(empty).slice(0, 2), ["zag ps: no processes | by started ↓", "No processes."])
    assert.strictEqual(text({ ...state, problem: "The registry\nis damaged" }).at(-1), "The registry is damaged")
  })

  it("shows the selected process also where not all have room", () => {
    const many = Array.from({ length: 100 }, (_, i) => infoOf({ id: `id-${i}`.padEnd(8, "x") }))
    const full = Model.listed(state, { processes: many, unreadable: [] })
    for (const { id } of many) {
      assert.isTrue(text({ ...full, selected: id }).some((line) => line.startsWith(id)), id)
    }
  })

  it("lays out what is seen, with ids that tell each from all others", () => {
    const last = infoOf({ id: "c945cd70-1x", provider: "a-provider-out-of-sight" })
    const many = [
      infoOf({ id: "c945cd70-1d" }),
      ...Array.from({ length: 50 }, (_, i) => infoOf({ id: `id-${i}` })),
      last
    ]
    const full = Model.listed(state, { processes: many, unreadable: [] })
    assert.match(text({ ...full, selected: "c945cd70-1d" })[2]!, /^c945cd70-1d  \d+ +running  claude  /)
    assert.match(text({ ...full, selected: last.id }).at(-2)!, /^c945cd70-1x  \d+ +running  a-provider-out-of-s…  /)
  })

  it.prop(
    "fits any screen, whatever it shows",
    [
      Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 130 })),
      Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 40 })),
      Schema.Literals([0, 1, 2, 3, 4]),
      Schema.String
    ],
    ([columns, rows, mode, filter]) => {
      const lines = View.lines({ ...state, mode: modes[mode]!, filter: mode === 3 ? filter : "" }, {
        ...page,
        columns,
        rows,
        colors: true
      })
      assert.lengthOf(lines, rows)
      for (const line of lines) {
        assert.isAtMost(CliOutput.displayWidth(line), columns)
        // oxlint-disable-next-line no-control-regex -- nothing that a terminal obeys, but for the styles
        assert.notMatch(line.replaceAll(style, ""), /[\u0000-\u001F\u007F-\u009F\u202E]/)
      }
    }
  )
})
