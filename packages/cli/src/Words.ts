/**
 * The words of a command line, before they are parsed.
 */

// The flags of one letter that have a value; those without may be written together, as in `-fq`.
const attached = /^(-[nmps])([^=].*)$/s

/** `-n5` is `-n=5`, as for `zag` and nearly everybody else; the parser knows only the latter. Words after `--` are not flags. */
export const withValuesApart = (words: ReadonlyArray<string>): ReadonlyArray<string> => {
  const end = words.indexOf("--")
  return words.map((word, index) => end === -1 || index < end ? word.replace(attached, "$1=$2") : word)
}
