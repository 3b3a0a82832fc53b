/**
 * The lines of the live screen.
 */
import { LiveStatus, type ProcessInfo } from "@zag/core/ProcessInfo"
import { isDescending } from "@zag/core/ProcessOrder"
import type * as ProcessColumn from "../ProcessColumn.ts"
import * as ProcessText from "../ProcessText.ts"
import * as Text from "../Text.ts"
import { selectedIndex, selectedOf, type State, visible } from "./model.ts"

export interface Page {
  readonly columns: number
  readonly rows: number
  /** Milliseconds since the Unix epoch. */
  readonly now: number
  readonly colors: boolean
  /** The columns of the table. */
  readonly shown: ReadonlyArray<ProcessColumn.Name> | undefined
  /** What else narrows the list, in words. */
  readonly narrowed: ReadonlyArray<string>
}

// The title and the header of the table above, the keys below.
const frame = 3

/** How many processes a screen has room for. */
export const pageSize = (rows: number): number => Math.max(1, rows - frame)

const countsOf = (processes: ReadonlyArray<ProcessInfo>): string => {
  const counts = LiveStatus.literals.flatMap((status) => {
    const count = processes.filter(({ liveStatus }) => liveStatus === status).length
    return count === 0 ? [] : [`${count} ${status}`]
  })
  return counts.length === 0 ? "no processes" : counts.join(", ")
}

const title = (state: State, narrowed: ReadonlyArray<string>): string =>
  [
    `zag ps: ${countsOf(state.processes)}`,
    ...(state.running ? ["running only"] : []),
    `by ${state.sort.field} ${isDescending(state.sort) ? "↓" : "↑"}`,
    ...(state.filter === "" || state.mode._tag === "Filter" ? [] : [`with "${state.filter}"`]),
    ...narrowed,
    ...(state.unreadable === 0 ? [] : [`${state.unreadable} unreadable`])
  ].join(" | ")

/** The first lines, and whether there are more. */
const atMost = (lines: ReadonlyArray<string>, height: number): ReadonlyArray<string> =>
  lines.length <= height ? lines : [...lines.slice(0, Math.max(0, height - 1)), "…"]

const help = [
  "up, down, PageUp, PageDown, Home, End   select a process",
  "Enter   all that is known of it",
  "k       end it and all that it started, after a question",
  "/       only those with a text in id, provider, model or prompt; Esc: all again",
  "a       all, or those that run",
  "s, r    another order; the same order reversed",
  "q       leave, as do Esc and Ctrl-C; Ctrl-Z: until fg",
  "",
  "Any key goes back."
]

const keys = "q quit  ? help  ↑↓ select  Enter details  k kill  / filter  a all/running  s sort  r reverse"

// Room for who it is on 20 columns, and for the beginning of what it was asked to do.
const questionLines = 4

const question = (
  { id, pid, prompt, provider }: ProcessInfo,
  idLength: number,
  columns: number
): ReadonlyArray<string> => {
  const text = Text.singleLine(`Kill ${id.slice(0, idLength)} (pid ${pid}, ${provider})? ${prompt ?? ""}`)
  return [
    ...atMost(Text.wrapped(text, columns), questionLines),
    "y: end it and all that it started   any other key: no"
  ]
}

const footer = (state: State, columns: number): ReadonlyArray<string> => {
  switch (state.mode._tag) {
    case "Confirm":
      return question(state.mode.target, ProcessText.uniqueLength(state.processes.map(({ id }) => id)), columns)
    case "Filter":
      return [`/${Text.singleLine(state.filter)}_  Enter: keep it  Esc: as before`]
    case "Details":
      return ["k kill   any other key: back"]
    case "Help":
      return []
    case "Table": {
      const said = state.problem ?? state.message
      return [said === undefined ? keys : Text.singleLine(said)]
    }
  }
}

/** The rows around the selected one. */
const windowOf = (count: number, selected: number, size: number): number =>
  Math.max(0, Math.min(selected - Math.floor(size / 2), count - size))

const tableLines = (state: State, page: Page, height: number): ReadonlyArray<string> => {
  const rows = visible(state)
  if (rows.length === 0) return [state.filter === "" ? "No processes." : "No process has this text."]
  const size = Math.max(1, height)
  const selected = selectedIndex(state, rows)
  const first = windowOf(rows.length, selected, size)
  // To lay out thousands of rows for the few that are seen would take seconds.
  const seen = rows.slice(first, first + size)
  const render = (colors: boolean) =>
    ProcessText.table(seen, {
      now: page.now,
      columns: page.columns,
      shown: page.shown,
      usage: state.usage,
      among: state.processes,
      isTerminal: true,
      colors
    }).split("\n")
  const [header, ...lines] = render(page.colors)
  // A colour within it would end the marking.
  const marked = Text.styled(Text.pad(render(false)[selected - first + 1]!, page.columns), Text.reverse)
  return [Text.styled(header!, Text.bold), ...lines.with(selected - first, marked)]
}

/** A line for each row of the screen, none wider than that. */
export const lines = (state: State, page: Page): ReadonlyArray<string> => {
  const below = footer(state, page.columns)
  const height = page.rows - 1 - below.length
  const info = selectedOf(state)
  const body = state.mode._tag === "Help"
    ? atMost(help, height)
    : state.mode._tag === "Details" && info !== undefined
    ? atMost(ProcessText.details(info).split("\n").flatMap((line) => Text.wrapped(line, page.columns)), height)
    : tableLines(state, page, height - 1)
  const middle = Text.fitted(body.slice(0, Math.max(0, height)), page.columns)
  const blank = Array.from({ length: Math.max(0, height - middle.length) }, () => "")
  const all = [
    Text.styled(Text.cut(Text.singleLine(title(state, page.narrowed)), page.columns), Text.bold),
    ...middle,
    ...blank,
    ...Text.fitted(below, page.columns)
  ]
  // What is asked is below.
  return all.slice(-page.rows)
}
