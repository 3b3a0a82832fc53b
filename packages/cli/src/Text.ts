/**
 * Stored text on its way to a terminal.
 */
import * as Graphemes from "./Graphemes.ts"

// C0, DEL and C1: what a terminal would obey instead of showing.
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const control = /[\u0000-\u001F\u007F-\u009F]/g

// Direction marks that make a terminal show text in another order than it is.
const bidirectional = /[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/g

// Nearly all stored text is such a line already.
const plainLine = /^[!-~]+(?: [!-~]+)*$/

/** One line that a terminal shows and does not obey. */
export const singleLine = (text: string): string => plainLine.test(text) ? text : madeSingleLine(text)

const madeSingleLine = (text: string): string =>
  text.replaceAll(/\s+/g, " ").replaceAll(control, "").replaceAll(bidirectional, "").trim()

/** The same, with its line breaks kept and every further line indented. */
export const multiLine = (text: string, indent: number): string =>
  text.split(/\r?\n/).map(singleLine).join(`\n${" ".repeat(indent)}`)

// Those of this program: stored text has none any more when it is shown.
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const style = /(\u001B\[\d+m)/g
const escape = "\u001B"

/** Numbers of "select graphic rendition". */
export const green = 32
export const yellow = 33
export const red = 31
export const dim = 2
export const bold = 1
export const reverse = 7

/** Text in a colour: one of those numbers. */
export const styled = (text: string, code: number): string => `\u001B[${code}m${text}\u001B[0m`

/** How many terminal columns it takes, where that is no more than `most`. Colours take no room. */
const widthOf = (text: string, most?: number): number =>
  Graphemes.widthOf(text.includes(escape) ? text.replaceAll(style, "") : text, most)

/** Cuts a line to a number of terminal columns; an ellipsis shows that something is missing. Colours take no room. */
export const cut = (text: string, columns: number): string => {
  if (widthOf(text, columns) <= columns) return text
  let kept = ""
  let width = 1
  for (const part of text.split(style)) {
    if (part.startsWith(escape)) {
      // Also those after the cut, or the colour would not end.
      kept += part
      continue
    }
    for (const grapheme of Graphemes.graphemes(part)) {
      if (width > columns) break
      width += grapheme.width
      kept += width > columns ? "…" : grapheme.text
    }
  }
  return kept
}

/** All of a line, on as many lines of that many terminal columns as it takes. */
export const wrapped = (text: string, columns: number): ReadonlyArray<string> => {
  const lines = [""]
  let width = 0
  for (const grapheme of Graphemes.graphemes(text)) {
    if (width > 0 && width + grapheme.width > columns) {
      lines.push("")
      width = 0
    }
    lines[lines.length - 1] += grapheme.text
    width += grapheme.width
  }
  return lines
}

/** Lines for a terminal of that width; whole where there is none. */
export const fitted = (lines: ReadonlyArray<string>, columns: number | undefined): ReadonlyArray<string> =>
  columns === undefined ? lines : lines.map((line) => cut(line, columns))

/** Fills a cell with blanks up to a number of terminal columns. */
export const pad = (text: string, columns: number): string => text + " ".repeat(Math.max(0, columns - widthOf(text)))

/** How many terminal columns each column of these rows takes; of one that takes more than `most`, only that it does. */
export const widths = (rows: ReadonlyArray<ReadonlyArray<string>>, most?: number): ReadonlyArray<number> =>
  rows[0]?.map((_, column) => rows.reduce((widest, row) => Math.max(widest, widthOf(row[column]!, most)), 0)) ?? []

/** Rows whose cells stand below each other; the last cell of each is as long as it is. */
export const aligned = (rows: ReadonlyArray<ReadonlyArray<string>>): ReadonlyArray<string> => {
  const wide = widths(rows.map((row) => row.slice(0, -1)))
  return rows.map((row) =>
    row.map((cell, column) => column === row.length - 1 ? cell : pad(cell, wide[column]!)).join("  ").trimEnd()
  )
}
