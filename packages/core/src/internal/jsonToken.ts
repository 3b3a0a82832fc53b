/**
 * Where the tokens of JSON end.
 *
 * Each function is given the place where a token should begin, and answers the
 * place behind it; where the text breaks the rules of JSON, the complement `~`
 * of the place where it does, which is negative.
 */

const escapeSequence = /\\(?:["\\/bfnrt]|u[\da-fA-F]{4})/y

const numberOrWord = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y

const endOfMatch = (pattern: RegExp, text: string, start: number): number => {
  pattern.lastIndex = start
  return pattern.test(text) ? pattern.lastIndex : ~start
}

/** White space, of which there may be none. */
export const endOfBlanks = (text: string, start: number): number => {
  let at = start
  while (text[at] === " " || text[at] === "\n" || text[at] === "\r" || text[at] === "\t") at++
  return at
}

/** A string with its quotes. No control character stands in one as it is, and so no line end does. */
export const endOfString = (text: string, start: number): number => {
  if (text[start] !== "\"") return ~start
  let at = start + 1
  while (at < text.length) {
    const char = text.charCodeAt(at)
    if (char === 0x22) return at + 1
    if (char < 0x20) return ~at
    at = char === 0x5c ? endOfMatch(escapeSequence, text, at) : at + 1
    if (at < 0) return at
  }
  return ~at
}

/** A value that is neither an object nor an array. */
export const endOfScalar = (text: string, start: number): number =>
  text[start] === "\"" ? endOfString(text, start) : endOfMatch(numberOrWord, text, start)
