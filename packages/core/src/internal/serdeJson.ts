/**
 * What `serde_json`, by which `zag` reads JSON, finds wrong with a text, in its
 * words: a result that is refused is refused as `zag` does.
 *
 * It is stricter than `JSON.parse`: no lone surrogates, no numbers beyond a
 * double, no more than 127 levels.
 */

const maxDepth = 127

/** Where the text is wrong, in bytes from its beginning. */
class Fault {
  readonly what: string
  readonly at: number

  constructor(what: string, at: number) {
    this.what = what
    this.at = at
  }
}

const isBlank = (char: string | undefined): boolean => char === " " || char === "\n" || char === "\t" || char === "\r"

const isDigit = (char: string | undefined): boolean => char !== undefined && char >= "0" && char <= "9"

class Reader {
  readonly text: string
  at = 0

  constructor(text: string) {
    this.text = text
  }

  peek(): string | undefined {
    return this.text[this.at]
  }

  /** What was read last is wrong. */
  fail(what: string): never {
    throw new Fault(what, this.at)
  }

  /** What comes next is wrong, or that nothing does. */
  failAhead(what: string): never {
    throw new Fault(what, Math.min(this.text.length, this.at + 1))
  }

  blanks(): string | undefined {
    while (isBlank(this.peek())) this.at++
    return this.peek()
  }

  value(depth: number): void {
    const first = this.blanks()
    switch (first) {
      case undefined:
        return this.failAhead("EOF while parsing a value")
      case "n":
        return this.word("null")
      case "t":
        return this.word("true")
      case "f":
        return this.word("false")
      case "\"":
        this.at++
        return this.string()
      case "[":
      case "{":
        if (depth === maxDepth) this.failAhead("recursion limit exceeded")
        this.at++
        return first === "[" ? this.list(depth + 1) : this.object(depth + 1)
      default:
        if (first !== "-" && !isDigit(first)) this.failAhead("expected value")
        return this.number()
    }
  }

  word(word: string): void {
    for (const char of word) {
      if (this.peek() === undefined) this.fail("EOF while parsing a value")
      const isRight = this.peek() === char
      this.at++
      if (!isRight) this.fail("expected ident")
    }
  }

  number(): void {
    const start = this.at
    if (this.peek() === "-") this.at++
    if (this.peek() === undefined) this.fail("EOF while parsing a value")
    const first = this.peek()
    this.at++
    if (!isDigit(first)) this.fail("invalid number")
    if (first === "0" && isDigit(this.peek())) this.failAhead("invalid number")
    this.digits()
    if (this.peek() === ".") {
      this.at++
      if (!isDigit(this.peek())) {
        this.failAhead(this.peek() === undefined ? "EOF while parsing a value" : "invalid number")
      }
      this.digits()
    }
    if (this.peek() === "e" || this.peek() === "E") {
      this.at++
      if (this.peek() === "+" || this.peek() === "-") this.at++
      if (this.peek() === undefined) this.fail("EOF while parsing a value")
      const isRight = isDigit(this.peek())
      this.at++
      if (!isRight) this.fail("invalid number")
      this.digits()
    }
    if (!Number.isFinite(Number(this.text.slice(start, this.at)))) this.fail("number out of range")
  }

  digits(): void {
    while (isDigit(this.peek())) this.at++
  }

  /** The rest of a string, after its first quote. */
  string(): void {
    for (;;) {
      const char = this.peek()
      if (char === undefined) this.fail("EOF while parsing a string")
      this.at++
      if (char === "\"") return
      if (char === "\\") this.escape()
      else if (char < " ") this.fail("control character (\\u0000-\\u001F) found while parsing a string")
    }
  }

  escape(): void {
    const char = this.inString()
    this.at++
    if (char !== "u") {
      if (!"\"\\/bfnrt".includes(char)) this.fail("invalid escape")
      return
    }
    const unit = this.hex()
    if (unit >= 0xdc00 && unit <= 0xdfff) this.fail("lone leading surrogate in hex escape")
    if (unit < 0xd800 || unit > 0xdfff) return
    for (const expected of "\\u") {
      const isRight = this.inString() === expected
      this.at++
      if (!isRight) this.fail("unexpected end of hex escape")
    }
    const second = this.hex()
    if (second < 0xdc00 || second > 0xdfff) this.fail("lone leading surrogate in hex escape")
  }

  inString(): string {
    return this.peek() ?? this.fail("EOF while parsing a string")
  }

  hex(): number {
    const digits = this.text.slice(this.at, this.at + 4)
    if (digits.length < 4) {
      this.at = this.text.length
      this.fail("EOF while parsing a string")
    }
    this.at += 4
    return /^[\da-fA-F]{4}$/.test(digits) ? Number.parseInt(digits, 16) : this.fail("invalid escape")
  }

  list(depth: number): void {
    for (let isFirst = true;; isFirst = false) {
      const char = this.blanks()
      if (char === undefined) this.failAhead("EOF while parsing a list")
      if (char === "]") break
      if (!isFirst) {
        if (char !== ",") this.failAhead("expected `,` or `]`")
        this.at++
        if (this.blanks() === "]") this.failAhead("trailing comma")
      }
      this.value(depth)
    }
    this.at++
  }

  object(depth: number): void {
    for (let isFirst = true;; isFirst = false) {
      let char = this.blanks()
      if (char === undefined) this.failAhead("EOF while parsing an object")
      if (char === "}") break
      if (!isFirst) {
        if (char !== ",") this.failAhead("expected `,` or `}`")
        this.at++
        char = this.blanks()
        if (char === undefined) this.failAhead("EOF while parsing a value")
        if (char === "}") this.failAhead("trailing comma")
      }
      if (char !== "\"") this.failAhead("key must be a string")
      this.at++
      this.string()
      char = this.blanks()
      if (char === undefined) this.failAhead("EOF while parsing an object")
      if (char !== ":") this.failAhead("expected `:`")
      this.at++
      this.value(depth)
    }
    this.at++
  }

  document(): void {
    this.value(0)
    if (this.blanks() !== undefined) this.failAhead("trailing characters")
  }
}

/** What is wrong with a text that is no JSON; undefined when it is. */
export const problemOf = (text: string): string | undefined => {
  // Columns are bytes of UTF-8, so each byte is read as a character of its own.
  const bytes = Buffer.from(text).toString("latin1")
  try {
    new Reader(bytes).document()
    return undefined
  } catch (fault) {
    if (!(fault instanceof Fault)) throw fault
    const before = bytes.slice(0, fault.at)
    return `${fault.what} at line ${before.split("\n").length} column ${before.length - before.lastIndexOf("\n") - 1}`
  }
}
