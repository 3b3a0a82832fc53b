/**
 * Stored text on its way to a terminal.
 */
import * as CliOutput from "effect/cli/CliOutput"

// C0, DEL and C1: what a terminal would obey instead of showing.
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const control = /[\u0000-\u001F\u007F-\u009F]/g

// Direction marks that make a terminal show text in another order than it is.
const bidirectional = /[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/g

/** One line that a terminal shows and does not obey. */
export const singleLine = (text: string): string =>
  text.replaceAll(/\s+/g, " ").replaceAll(control, "").replaceAll(bidirectional, "").trim()

/** The same, with its line breaks kept and every further line indented. */
export const multiLine = (text: string, indent: number): string =>
  text.split(/\r?\n/).map(singleLine).join(`\n${" ".repeat(indent)}`)

// Making one takes longer than all else at start-up, so it waits until it is needed.
let segmenter: Intl.Segmenter | undefined
const graphemesOf = (text: string) =>
  (segmenter ??= new Intl.Segmenter(undefined, { granularity: "grapheme" })).segment(text)

/** Cuts a line to a number of terminal columns; an ellipsis shows that something is missing. */
export const cut = (text: string, columns: number): string => {
  if (CliOutput.displayWidth(text) <= columns) return text
  let kept = ""
  let width = 1
  for (const { segment } of graphemesOf(text)) {
    width += CliOutput.displayWidth(segment)
    if (width > columns) break
    kept += segment
  }
  return `${kept}…`
}

/** Fills a cell with blanks up to a number of terminal columns. */
export const pad = (text: string, columns: number): string =>
  text + " ".repeat(Math.max(0, columns - CliOutput.displayWidth(text)))

/** Rows whose cells stand below each other; the last cell of each is as long as it is. */
export const aligned = (rows: ReadonlyArray<ReadonlyArray<string>>): ReadonlyArray<string> => {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => CliOutput.displayWidth(row[column]!)))) ?? []
  return rows.map((row) =>
    row.map((cell, column) => column === row.length - 1 ? cell : pad(cell, widths[column]!)).join("  ").trimEnd()
  )
}
