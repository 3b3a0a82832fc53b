/**
 * What the live screen shows, and what a key changes of it.
 */
import type { ProcessUsage } from "@zag/core/OsProcess"
import type { ProcessInfo } from "@zag/core/ProcessInfo"
import type { ProcessList } from "@zag/core/ProcessList"
import { isDescending, OrderField, type ProcessOrder } from "@zag/core/ProcessOrder"
import * as Text from "../Text.ts"

/** What the keys are for at the moment. */
export type Mode =
  | { readonly _tag: "Table" }
  | { readonly _tag: "Details" }
  | { readonly _tag: "Help" }
  /** The text is being typed; `before` is what it was. */
  | { readonly _tag: "Filter"; readonly before: string }
  /** The process that was on the screen when `k` was pressed, whatever is selected since. */
  | { readonly _tag: "Confirm"; readonly target: ProcessInfo }

export interface State {
  readonly processes: ReadonlyArray<ProcessInfo>
  readonly usage: ReadonlyMap<ProcessInfo, ProcessUsage> | undefined
  /** How many entries cannot be read. */
  readonly unreadable: number
  /** Why the registry cannot be read; what is shown is then what was read last. */
  readonly problem: string | undefined
  /** The id of the selected process. */
  readonly selected: string | undefined
  readonly mode: Mode
  /** Only those are shown that have this text in them. */
  readonly filter: string
  readonly running: boolean
  readonly sort: ProcessOrder
  /** What came of the last deed. */
  readonly message: string | undefined
}

export interface Key {
  readonly name: string
  readonly ctrl: boolean
  /** What it types. */
  readonly text: string
}

export type Action =
  | { readonly _tag: "Quit" }
  /** To the shell, until that continues the program. */
  | { readonly _tag: "Suspend" }
  /** What is listed has to be asked for anew. */
  | { readonly _tag: "Refresh" }
  | { readonly _tag: "Kill"; readonly target: ProcessInfo }

export interface Step {
  readonly state: State
  readonly action?: Action
}

const table: Mode = { _tag: "Table" }

export const initial = (options: Pick<State, "running"> & { readonly sort: ProcessOrder | undefined }): State => ({
  processes: [],
  usage: undefined,
  unreadable: 0,
  problem: undefined,
  selected: undefined,
  mode: table,
  filter: "",
  running: options.running,
  sort: options.sort ?? { field: "started" },
  message: undefined
})

/** The processes that have the text of the filter in what is shown of them, in upper or lower case. */
export const visible = ({ filter, processes }: State): ReadonlyArray<ProcessInfo> => {
  const text = filter.toLowerCase()
  if (text === "") return processes
  return processes.filter(({ id, model, prompt, provider }) =>
    [id, provider, model, prompt ?? ""].some((value) => value.toLowerCase().includes(text))
  )
}

/** The row of the selected process; the first one where it is not there. */
export const selectedIndex = (state: State, rows = visible(state)): number =>
  Math.max(0, rows.findIndex(({ id }) => id === state.selected))

export const selectedOf = (state: State, rows = visible(state)): ProcessInfo | undefined =>
  rows[selectedIndex(state, rows)]

/** Takes a new list. The selection stays with its process; when that is gone it goes to whoever has its place. */
export const listed = (state: State, { processes, unreadable, usage }: ProcessList): State => {
  const before = selectedIndex(state)
  const next = { ...state, processes, usage, unreadable: unreadable.length, problem: undefined }
  const rows = visible(next)
  if (rows.some(({ id }) => id === state.selected)) return next
  const selected = rows[Math.min(before, rows.length - 1)]?.id
  // What was looked at is gone.
  return { ...next, selected, mode: state.mode._tag === "Details" ? table : state.mode }
}

const move = (state: State, by: number): State => {
  const rows = visible(state)
  const index = Math.min(Math.max(0, selectedIndex(state, rows) + by), rows.length - 1)
  return { ...state, selected: rows[index]?.id }
}

const withFilter = (state: State, filter: string): State => {
  const next = { ...state, filter }
  return { ...next, selected: selectedOf(next)?.id }
}

const nextField = ({ sort, usage }: State): ProcessOrder => {
  const fields = OrderField.literals.filter((field) => usage !== undefined || (field !== "cpu" && field !== "mem"))
  return { field: fields[(fields.indexOf(sort.field) + 1) % fields.length]! }
}

const reversed = (sort: ProcessOrder): ProcessOrder => ({ ...sort, direction: isDescending(sort) ? "asc" : "desc" })

const askToKill = (state: State): State => {
  const target = selectedOf(state)
  if (target === undefined) return state
  return target.liveStatus === "running" || target.liveStatus === "dead"
    ? { ...state, mode: { _tag: "Confirm", target } }
    : { ...state, message: `Process ${target.id} is not running (status: ${target.liveStatus})` }
}

const onTable = (state: State, { name, text }: Key, page: number): Step => {
  switch (name) {
    case "up":
      return { state: move(state, -1) }
    case "down":
      return { state: move(state, 1) }
    case "pageup":
      return { state: move(state, -page) }
    case "pagedown":
      return { state: move(state, page) }
    case "home":
      return { state: move(state, -Infinity) }
    case "end":
      return { state: move(state, Infinity) }
    case "return":
    case "enter":
      return { state: selectedOf(state) === undefined ? state : { ...state, mode: { _tag: "Details" } } }
    case "escape":
      // First of what narrows the list, as everywhere.
      return state.filter === "" ? { state, action: { _tag: "Quit" } } : { state: withFilter(state, "") }
  }
  switch (text) {
    case "q":
      return { state, action: { _tag: "Quit" } }
    case "s":
      return { state: { ...state, sort: nextField(state) }, action: { _tag: "Refresh" } }
    case "r":
      return { state: { ...state, sort: reversed(state.sort) }, action: { _tag: "Refresh" } }
    case "a":
      return { state: { ...state, running: !state.running }, action: { _tag: "Refresh" } }
    case "/":
      return { state: { ...state, mode: { _tag: "Filter", before: state.filter } } }
    case "k":
      return { state: askToKill(state) }
    case "?":
      return { state: { ...state, mode: { _tag: "Help" } } }
  }
  return { state }
}

const onFilter = (state: State, { ctrl, name, text }: Key, before: string): State => {
  switch (name) {
    case "return":
    case "enter":
      return { ...state, mode: table }
    case "escape":
      return { ...withFilter(state, before), mode: table }
    case "backspace":
      return withFilter(state, Array.from(state.filter).slice(0, -1).join(""))
  }
  const typed = ctrl ? "" : Text.singleLine(`.${text}.`).slice(1, -1)
  return typed === "" ? state : withFilter(state, state.filter + typed)
}

/** What a key does; `page` is the number of rows that a page has. */
export const press = (state: State, key: Key, page: number): Step => {
  if (key.ctrl && key.name === "c") return { state, action: { _tag: "Quit" } }
  if (key.ctrl && key.name === "z") return { state, action: { _tag: "Suspend" } }
  const before = { ...state, message: undefined }
  const { mode } = before
  switch (mode._tag) {
    case "Table":
      return onTable(before, key, page)
    case "Filter":
      return { state: onFilter(before, key, mode.before) }
    case "Details":
      return { state: key.text === "k" ? askToKill({ ...before, mode: table }) : { ...before, mode: table } }
    case "Help":
      return { state: { ...before, mode: table } }
    case "Confirm": {
      const next = { ...before, mode: table }
      return key.text === "y"
        ? { state: { ...next, message: `Ending ${mode.target.id}…` }, action: { _tag: "Kill", target: mode.target } }
        : { state: { ...next, message: "Nothing was signalled." } }
    }
  }
}
