/**
 * Text as the characters that a terminal shows, each with the columns it takes.
 */
import * as CliOutput from "effect/cli/CliOutput"

export interface Grapheme {
  readonly text: string
  readonly width: number
}

// What people mostly write: Latin, Greek, Cyrillic, Chinese, Japanese and Korean. Each of these code points is a
// character by itself, unless something else joins it, and none of them joins another. What terminals disagree about
// is not among them.
const narrow = String.raw` -~¡-¬®-\u02FFͰ-҂Ҋ-ԯ\u2010-\u2027`
const wide = "、-〩ぁ-ゖァ-ヺー-ヿ㐀-䶿一-鿿가-힣！-｠"

const isWide = new RegExp(`[${wide}]`)

// With the neighbours that may belong to it.
const joined = new RegExp(`[${narrow}${wide}]?(?:[^${narrow}${wide}]+[${narrow}${wide}]?)+`, "g")

function* simple(text: string): Generator<Grapheme> {
  for (const char of text) yield { text: char, width: isWide.test(char) ? 2 : 1 }
}

// Making one takes longer than all else at start-up, so it waits until it is needed.
let segmenter: Intl.Segmenter | undefined

function* segmented(text: string): Generator<Grapheme> {
  segmenter ??= new Intl.Segmenter(undefined, { granularity: "grapheme" })
  for (const { segment } of segmenter.segment(text)) yield { text: segment, width: CliOutput.displayWidth(segment) }
}

/**
 * One after the other, so that who needs only the beginning does not pay for
 * the rest. The tables of Unicode, which are slow, are asked only about what
 * needs them.
 */
export function* graphemes(text: string): Generator<Grapheme> {
  let done = 0
  for (const match of text.matchAll(joined)) {
    yield* simple(text.slice(done, match.index))
    yield* segmented(match[0])
    done = match.index + match[0].length
  }
  yield* simple(text.slice(done))
}

const plain = /^[ -~]*$/

/** How many terminal columns a text without colours takes; where that is more than `most`, only that it is. */
export const widthOf = (text: string, most: number = Infinity): number => {
  if (plain.test(text)) return text.length
  let width = 0
  for (const grapheme of graphemes(text)) {
    width += grapheme.width
    if (width > most) break
  }
  return width
}
