import { assert, describe, it } from "@effect/vitest"
import type { LiveStatus, ProcessInfo } from "@zag/core/ProcessInfo"
import * as Model from "../../src/watch/model.ts"
import { infoOf } from "../infoOf.ts"

const info = (id: string, liveStatus: LiveStatus = "running", fields: Partial<ProcessInfo> = {}) =>
  infoOf({ id, liveStatus, model: "", provider: "claude", prompt: null, ...fields })

const three = [info("one"), info("two", "exited", { prompt: "Fix the build" }), info("three", "dead")]

const start = Model.listed(Model.initial({ running: false, sort: undefined }), { processes: three, unreadable: [] })

const named: Readonly<Record<string, Model.Key>> = Object.fromEntries(
  ["up", "down", "pageup", "pagedown", "home", "end", "return", "escape", "backspace"].map((name) => [
    name,
    { name, ctrl: false, text: "" }
  ])
)

const keyOf = (name: string): Model.Key => named[name] ?? { name, ctrl: false, text: name }

/** What comes of some keys, one after the other. */
const after = (keys: ReadonlyArray<string>, state = start): Model.Step =>
  keys.reduce<Model.Step>(({ state }, key) => Model.press(state, keyOf(key), 2), { state })

const selected = (keys: ReadonlyArray<string>, state = start) => after(keys, state).state.selected

describe("the selection", () => {
  it.each<readonly [ReadonlyArray<string>, string]>([
    [[], "one"],
    [["down"], "two"],
    [["down", "down", "down"], "three"],
    [["up"], "one"],
    [["end"], "three"],
    [["end", "home"], "one"],
    [["pagedown"], "three"],
    [["end", "pageup"], "one"]
  ])("is moved by %j to %s", (keys, id) => {
    assert.strictEqual(selected(keys), id)
  })

  it("stays with its process wherever that goes", () => {
    const next = Model.listed(after(["down"]).state, { processes: three.toReversed(), unreadable: [] })
    assert.strictEqual(next.selected, "two")
  })

  it("goes to whoever has the place of a process that is gone", () => {
    const next = Model.listed(after(["down"]).state, { processes: [three[0]!, three[2]!], unreadable: [] })
    assert.strictEqual(next.selected, "three")
    assert.isUndefined(Model.listed(next, { processes: [], unreadable: [] }).selected)
  })

  it("leaves the details of a process that is gone", () => {
    const { state } = after(["down", "return"])
    assert.strictEqual(state.mode._tag, "Details")
    assert.strictEqual(Model.listed(state, { processes: three, unreadable: [] }).mode._tag, "Details")
    assert.strictEqual(Model.listed(state, { processes: [three[0]!], unreadable: [] }).mode._tag, "Table")
  })
})

describe("k", () => {
  it("kills only what is confirmed", () => {
    const { action, state } = after(["k"])
    assert.deepInclude(state.mode, { _tag: "Confirm", target: three[0]! })
    assert.isUndefined(action)
    assert.deepStrictEqual(after(["k", "y"]).action, { _tag: "Kill", target: three[0]! })
  })

  it.each(["n", "return", "escape", "k", "q", "Y", "down"])("kills nothing when %s is pressed then", (key) => {
    const { action, state } = after(["k", key])
    assert.isUndefined(action)
    assert.deepInclude(state, { message: "Nothing was signalled." })
    assert.strictEqual(state.mode._tag, "Table")
  })

  it("means what was there when it was pressed, whatever comes in between", () => {
    const { state } = after(["k"])
    const next = Model.listed(state, { processes: [three[1]!, three[2]!], unreadable: [] })
    assert.deepStrictEqual(after(["y"], next).action, { _tag: "Kill", target: three[0]! })
  })

  it("asks about what may have left something, and not about what has ended", () => {
    assert.strictEqual(after(["end", "k"]).state.mode._tag, "Confirm")
    assert.deepInclude(after(["down", "k"]).state, { message: "Process two is not running (status: exited)" })
    assert.isUndefined(after(["down", "k", "y"]).action)
  })

  it("works from the details as well", () => {
    assert.deepInclude(after(["return", "k"]).state.mode, { target: three[0]! })
  })

  it("does nothing where there is nobody", () => {
    const empty = Model.initial({ running: false, sort: undefined })
    assert.deepStrictEqual(after(["k", "y", "return", "down", "end", "up"], empty).state, empty)
  })
})

const ids = (keys: ReadonlyArray<string>) => Model.visible(after(keys).state).map(({ id }) => id)

describe("the filter", () => {
  it("finds what is shown of a process, in upper or lower case", () => {
    assert.deepStrictEqual(ids(["/", "T"]), ["two", "three"])
    assert.deepStrictEqual(ids(["/", "B", "U", "I"]), ["two"])
    assert.deepStrictEqual(ids(["/", "T", "W", "backspace"]), ["two", "three"])
    assert.deepStrictEqual(ids(["/", "x", "x"]), [])
  })

  it("is kept by Enter, and as it was before by Escape", () => {
    assert.deepInclude(after(["/", "t", "return"]).state, { filter: "t", mode: { _tag: "Table" } })
    assert.deepInclude(after(["/", "t", "return", "/", "w", "escape"]).state, { filter: "t" })
    // Keys type meanwhile.
    assert.deepInclude(after(["/", "q", "k"]).state, { filter: "qk" })
    assert.isUndefined(after(["/", "q"]).action)
  })

  it("moves the selection to what is shown", () => {
    assert.strictEqual(selected(["/", "t", "w"]), "two")
  })

  it("takes no control characters", () => {
    const { state } = after(["/"])
    const typed = Model.press(state, { name: "", ctrl: false, text: "a\u001B[2J" }, 2).state.filter
    assert.strictEqual(typed, "a[2J")
  })

  it("ends by Escape before the screen does", () => {
    const { action, state } = after(["/", "t", "return", "escape"])
    assert.strictEqual(state.filter, "")
    assert.isUndefined(action)
    assert.deepStrictEqual(after(["escape"]).action, { _tag: "Quit" })
  })
})

describe("other keys", () => {
  it("sort by all that is known", () => {
    const orders = ["s", "s", "s", "s", "s", "s", "s"].map((_, i, keys) => after(keys.slice(0, i + 1)).state.sort.field)
    assert.deepStrictEqual(orders, ["status", "provider", "model", "command", "pid", "exited", "started"])
    assert.deepStrictEqual(after(["s"]).action, { _tag: "Refresh" })
    assert.include(["cpu"], after(["s", "s", "s", "s", "s", "s", "s"], { ...start, usage: new Map() }).state.sort.field)
  })

  it("reverse the order, and back", () => {
    assert.deepStrictEqual(after(["r"]).state.sort, { field: "started", direction: "asc" })
    assert.deepStrictEqual(after(["r", "r"]).state.sort, { field: "started", direction: "desc" })
    assert.deepStrictEqual(after(["s", "r"]).state.sort, { field: "status", direction: "desc" })
  })

  it("leave", () => {
    assert.deepStrictEqual(after(["q"]).action, { _tag: "Quit" })
    for (const mode of [[], ["/"], ["k"], ["?"], ["return"]]) {
      const { state } = after(mode)
      assert.deepStrictEqual(Model.press(state, { name: "c", ctrl: true, text: "" }, 2).action, { _tag: "Quit" })
    }
  })

  it("suspend, whatever is on the screen, which stays", () => {
    for (const mode of [[], ["/"], ["k"], ["?"], ["return"]]) {
      const { state } = after(mode)
      const step = Model.press(state, { name: "z", ctrl: true, text: "" }, 2)
      assert.deepStrictEqual(step, { state, action: { _tag: "Suspend" } })
    }
  })

  it("show those that run, or all", () => {
    assert.deepInclude(after(["a"]), { action: { _tag: "Refresh" } })
    assert.isTrue(after(["a"]).state.running)
    assert.isFalse(after(["a", "a"]).state.running)
  })

  it("show the help, and any key goes back", () => {
    assert.strictEqual(after(["?"]).state.mode._tag, "Help")
    assert.strictEqual(after(["?", "q"]).state.mode._tag, "Table")
    assert.isUndefined(after(["?", "q"]).action)
  })

  it("do nothing that have no meaning", () => {
    assert.deepStrictEqual(after(["x", "Z", "1"]), { state: start })
  })
})
