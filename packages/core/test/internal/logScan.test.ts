import { assert, describe, it } from "@effect/vitest"
import { LogScan } from "../../src/internal/logScan.ts"

const event = (seq: number, fields: object = {}) => JSON.stringify({ seq, ts: "2026-01-01T00:00:00Z", ...fields })

const resultOf = (seq: number, result: string) => event(seq, { type: "session_result", result })

/** All of a log, in pieces of so many bytes. */
const scan = (text: string | Uint8Array, size = 1 << 20): LogScan => {
  const scan = new LogScan()
  const bytes = typeof text === "string" ? Buffer.from(text) : text
  for (let at = 0; at < bytes.length; at += size) scan.read(bytes.subarray(at, at + size))
  scan.close()
  return scan
}

describe("LogScan", () => {
  it.each<readonly [log: string, maxSeq: number]>([
    ["", 0],
    ["\n\n", 0],
    ["no JSON\n", 0],
    [`${event(7)}\n${event(3)}\n`, 7],
    [`${event(7)}\n${event(9)}`, 9],
    [`{"ts":"x","seq":5}\n`, 5],
    [` { "seq" : 5 , "ts":"x" }\r\n`, 5],
    [`{"seq":5,"ts":`, 5],
    [`{"seq":"5"}\n{"seq":-1}\n{"seq":1.5}\n[5]\nnull\n`, 0],
    [`{"seq":18446744073709551615}\n${event(2)}`, 2]
  ])("counts on after %j", (log, maxSeq) => {
    assert.strictEqual(scan(log).maxSeq, maxSeq)
    assert.strictEqual(scan(log, 1).maxSeq, maxSeq)
  })

  it.each([1, 2, 3, 7, 1 << 20])("finds the last result, in pieces of %d bytes", (size) => {
    const log = `${resultOf(1, "first")}\n${resultOf(2, "the läst 😀\n")}\n${event(3, { type: "heartbeat" })}\n`
    assert.deepStrictEqual(scan(log, size).last, { ts: "2026-01-01T00:00:00Z", result: "the läst 😀\n" })
  })

  it("finds a result without an end of line, and none that is half of one", () => {
    assert.strictEqual(scan(`${resultOf(1, "a")}\n${resultOf(2, "b")}`).last?.result, "b")
    assert.strictEqual(scan(`${resultOf(1, "a")}\n${resultOf(2, "b").slice(0, -3)}`).last?.result, "a")
    assert.isUndefined(scan(event(1, { text: "\"type\":\"session_result\"", result: "x" })).last)
    assert.isUndefined(scan(event(1, { type: "session_result", result: 7 })).last)
  })

  it("keeps a long result whole, and of other long lines only the number", () => {
    const long = "x".repeat(1 << 20)
    assert.strictEqual(scan(resultOf(1, long), 1 << 16).last?.result, long)
    const { last, maxSeq } = scan(`${event(4, { text: long })}\n${event(2)}\n`, 1 << 16)
    assert.strictEqual(maxSeq, 4)
    assert.isUndefined(last)
  })

  it("knows how far it has read, and whether a line is open there", () => {
    const all = new LogScan()
    all.read(Buffer.from("é"))
    assert.deepStrictEqual([all.size, all.isOpen], [2, true])
    all.read(Buffer.from("\n"))
    assert.deepStrictEqual([all.size, all.isOpen], [3, false])
    all.read(Buffer.from(""))
    assert.deepStrictEqual([all.size, all.isOpen], [3, false])
  })

  it("refuses what is no UTF-8, also at its end", () => {
    assert.throws(() => scan(new Uint8Array([0x61, 0xff, 0x0a])))
    assert.throws(() => scan(new Uint8Array([0x61, 0xc3])))
  })
})
