import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { CliOutput } from "effect/cli"
import * as Text from "../src/Text.ts"

const obeyed: ReadonlyArray<string> = ["\u001B", "\u007F", "\u202E"]

describe("singleLine", () => {
  it("keeps a terminal from obeying stored text", () => {
    assert.strictEqual(Text.singleLine("a\nb\tc\r\nd"), "a b c d")
    assert.strictEqual(Text.singleLine("\u001B[31mred\u001B[0m \u0007bell \u009B2J"), "[31mred[0m bell 2J")
    assert.strictEqual(Text.singleLine("user\u202Etxt.exe"), "usertxt.exe")
  })

  it.prop("keeps all but what a terminal would obey, and blanks that nobody sees", {
    characters: Schema.Array(Schema.Literals(["a", "~", "!", " ", "\t", "\n", "é", "\u00A0", ...obeyed]))
  }, ({ characters }) => {
    const text = characters.join("")
    const blank = text.replaceAll(/\s+/g, " ")
    const shown = Array.from(blank).filter((character) => !obeyed.includes(character)).join("").trim()
    assert.strictEqual(Text.singleLine(text), shown)
  }, { arbitrary: { runs: 1000 } })

  it.prop("leaves no control character in any text", [Schema.String], ([text]) => {
    // oxlint-disable-next-line no-control-regex -- they are what is looked for
    assert.notMatch(Text.singleLine(text), /[\u0000-\u001F\u007F-\u009F\u202A-\u202E]/)
  })
})

describe("multiLine", () => {
  it("keeps line breaks and indents what follows", () => {
    assert.strictEqual(Text.multiLine("one\r\ntwo\n\u0007three", 2), "one\n  two\n  three")
  })
})

describe("wrapped", () => {
  it("counts terminal columns, and divides no character", () => {
    assert.deepStrictEqual(Text.wrapped("", 5), [""])
    assert.deepStrictEqual(Text.wrapped("plainer", 5), ["plain", "er"])
    assert.deepStrictEqual(Text.wrapped("漢字漢", 5), ["漢字", "漢"])
    assert.deepStrictEqual(Text.wrapped("e\u0301👩‍👩‍👧x", 2), ["e\u0301", "👩‍👩‍👧", "x"])
  })

  it.prop("loses nothing", [Schema.String], ([text]) => {
    assert.strictEqual(Text.wrapped(text, 3).join(""), text)
  })
})

describe("cut", () => {
  it("counts terminal columns, not characters", () => {
    assert.strictEqual(Text.cut("plain", 5), "plain")
    assert.strictEqual(Text.cut("plainer", 5), "plai…")
    assert.strictEqual(Text.cut("漢字漢字", 8), "漢字漢字")
    assert.strictEqual(Text.cut("漢字漢字", 7), "漢字漢…")
    assert.strictEqual(Text.cut("漢字漢字", 6), "漢字…")
    assert.strictEqual(Text.cut("👨‍👩‍👧👨‍👩‍👧", 3), "👨‍👩‍👧…")
  })

  it.prop("never exceeds the columns", [Schema.String, Schema.Literals([1, 2, 5, 10])], ([text, columns]) => {
    assert.isAtMost(CliOutput.displayWidth(Text.cut(text, columns)), columns)
  })
})

describe("pad", () => {
  it("fills up to terminal columns", () => {
    assert.strictEqual(Text.pad("漢字", 6), "漢字  ")
    assert.strictEqual(Text.pad("longer", 3), "longer")
  })
})

describe("styled", () => {
  const line = `${Text.styled("running", 32)}  漢字`

  it("takes no room", () => {
    assert.strictEqual(CliOutput.displayWidth(line), 13)
    assert.strictEqual(Text.cut(line, 13), line)
    assert.strictEqual(Text.pad(Text.styled("ab", 31), 4), `${Text.styled("ab", 31)}  `)
  })

  it("ends where the text is cut", () => {
    assert.strictEqual(Text.cut(line, 4), `${Text.styled("run…", 32)}`)
    assert.strictEqual(Text.cut(line, 12), `${Text.styled("running", 32)}  漢…`)
  })
})
