/**
 * Reading a log of a session from its beginning to its end, whatever stands in
 * it, without ever having much of it in memory.
 */
import { fieldsOf } from "./logEvent.ts"

/** A `session_result` of a log. */
export interface ResultEvent {
  readonly ts: string
  readonly result: string
}

// Of a longer line only the beginning counts, which has the number; a result is kept whole.
const maxLine = 64 * 1024

const maxResultLine = 128 * 1024 * 1024

const leadingSeq = /^\s*\{\s*"seq"\s*:\s*(\d+)\s*[,}]/

const resultType = /"type"\s*:\s*"session_result"/

export class LogScan {
  /** How many bytes were read. */
  size = 0
  /** Whether the last line has begun and not ended. */
  isOpen = false
  /** The highest number of an event; without any it is 0. */
  maxSeq = 0
  /** The last result. */
  last: ResultEvent | undefined
  private line = ""
  private room = maxLine
  private isCut = false
  private readonly decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

  /** Reads on. Throws where the bytes are no UTF-8. */
  read(bytes: Uint8Array): void {
    if (bytes.length === 0) return
    const [first, ...others] = this.decoder.decode(bytes, { stream: true }).split("\n")
    this.keep(first!)
    for (const part of others) {
      this.count()
      this.line = ""
      this.room = maxLine
      this.isCut = false
      this.keep(part)
    }
    this.size += bytes.length
    this.isOpen = bytes.at(-1) !== 0x0a
  }

  /** Nothing more will come: a last line without an end counts as well. Throws where it ends within a character. */
  close(): void {
    this.decoder.decode()
    this.count()
  }

  private keep(part: string): void {
    const isLong = this.line.length + part.length > this.room
    if (isLong && this.room === maxLine && resultType.test((this.line + part).slice(0, maxLine))) {
      this.room = maxResultLine
    }
    this.isCut ||= this.line.length + part.length > this.room
    this.line += part.slice(0, this.room - this.line.length)
  }

  private count(): void {
    const leading = leadingSeq.exec(this.line)?.[1]
    const isResult = resultType.test(this.line.slice(0, maxLine))
    const isWanted = !this.isCut && (leading === undefined || isResult)
    const fields = isWanted ? fieldsOf(this.line) : {}
    const seq = leading === undefined ? fields["seq"] : Number(leading)
    if (typeof seq === "number" && Number.isSafeInteger(seq)) this.maxSeq = Math.max(this.maxSeq, seq)
    const { result, ts, type } = fields
    if (type === "session_result" && typeof result === "string" && typeof ts === "string") this.last = { result, ts }
  }
}
