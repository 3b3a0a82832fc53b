import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { CliOutput } from "effect/cli"
import { graphemes, widthOf } from "../src/Graphemes.ts"

// What joins others and what does not, so that each kind comes to stand beside each other.
const pieces = [
  ..."aZ ~¡¬®éßЖ҂Ҋ–“…、〩ぁゖァヺー㐀一鿿가힣！｠",
  ..."\u00AD©\u0301\u093F\u200D\uFE0F\u20E3\u0600\u1100\u1161\u3099\u302A㊗〰ｶﾞ🇩🇪👩👧🏽🪾\u{E0061}\u{20000}",
  "\u000D\u000A",
  "\uD800"
]

const Piece = Schema.Literals(pieces)

const texts = Schema.Array(Piece)

const segmented = (text: string) =>
  Array.from(
    new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(text),
    ({ segment }) => ({ text: segment, width: CliOutput.displayWidth(segment) })
  )

describe("graphemes", () => {
  it.prop("are those of Unicode, whatever stands beside whatever", [texts], ([parts]) => {
    const text = parts.join("")
    assert.deepStrictEqual(Array.from(graphemes(text)), segmented(text))
  }, { arbitrary: { runs: 2000 } })

  it("are those of Unicode for every character that is not one of thousands", () => {
    // In those blocks is all that is treated in a way of its own, but for the bulk of ideographs and syllables.
    for (const [first, last] of [[0, 0x3400], [0xFF00, 0xFFFF], [0x1F1E6, 0x1F6FF]] as const) {
      for (let point = first; point <= last; point++) {
        const text = `${String.fromCodePoint(point)}a${String.fromCodePoint(point)}漢`
        assert.deepStrictEqual(Array.from(graphemes(text)), segmented(text), point.toString(16))
      }
    }
  })
})

describe("widthOf", () => {
  it.prop("is that of all of it", [texts], ([parts]) => {
    assert.strictEqual(widthOf(parts.join("")), segmented(parts.join("")).reduce((sum, { width }) => sum + width, 0))
  })

  it("looks no further than it has to", () => {
    assert.strictEqual(widthOf("漢字漢字", 3), 4)
    assert.strictEqual(widthOf("漢字漢字", 8), 8)
  })
})
