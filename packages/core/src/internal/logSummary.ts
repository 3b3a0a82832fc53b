/**
 * How a session stands, by all of its log.
 */
import * as Effect from "effect/Effect"
import type { SessionEnd } from "../SessionEvents.ts"
import { fieldsOf } from "./logEvent.ts"
import { type FileProblem, open, readAt, readPieces } from "./regularFile.ts"

const chunkSize = 256 * 1024

// The events that matter here are short; of a longer line only the beginning is kept, which is no JSON then.
const maxLine = 64 * 1024

const wanted = /"type"\s*:\s*"(?:session_started|session_ended|heartbeat)"/

const textOr = <A>(value: unknown, otherwise: A): string | A => typeof value === "string" ? value : otherwise

export class LogSummaryScan {
  /** How many bytes were read. */
  size = 0
  provider: string | undefined
  lastHeartbeatAt: string | undefined
  /** The last end; none when the session was taken up again after it. */
  end: SessionEnd | undefined
  private line = ""
  private readonly decoder = new TextDecoder()

  read(bytes: Uint8Array): void {
    this.size += bytes.length
    const [first, ...others] = this.decoder.decode(bytes, { stream: true }).split("\n")
    this.keep(first!)
    for (const part of others) {
      this.count()
      this.line = ""
      this.keep(part)
    }
  }

  /** What was read last counts as a line, also when more of it may come. */
  count(): void {
    if (!wanted.test(this.line)) return
    const { error, provider, success, ts, type } = fieldsOf(this.line)
    this.provider = textOr(provider, this.provider)
    if (type === "heartbeat") this.lastHeartbeatAt = textOr(ts, this.lastHeartbeatAt)
    if (type === "session_started") this.end = undefined
    if (type === "session_ended") this.end = { success: success === true, error: textOr(error, null) }
  }

  private keep(part: string): void {
    this.line += part.slice(0, maxLine - this.line.length)
  }
}

/** Reads what a scan has not read yet. */
export const readOn = (path: string, scan: LogSummaryScan): Effect.Effect<void, FileProblem> =>
  Effect.scoped(Effect.flatMap(open(path, "read"), (descriptor) =>
    readPieces(path, () => {
      const bytes = readAt(descriptor, scan.size, chunkSize)
      scan.read(bytes)
      return bytes.length > 0
    }))).pipe(Effect.andThen(Effect.sync(() => scan.count())))
