/**
 * When something was last written to a log of a session, found at its end: that
 * takes as long for a log of any length.
 */
import * as Effect from "effect/Effect"
// @effect-diagnostics-next-line nodeBuiltinImport:off -- as in `regularFile.ts`
import * as Fs from "node:fs"
import * as Timestamp from "../Timestamp.ts"
import { fieldsOf } from "./logEvent.ts"
import { FileProblem, open, problemWith, readAt } from "./regularFile.ts"

// The end is read once more, and more of it, where a line is so long that none begins there.
const sizes = [64 * 1024, 4 * 1024 * 1024]

// A file that is no log is given up after so many lines.
const maxLines = 1000

// `zag` writes the time before all that may be long, so the beginning of a line is enough, even of one without an end.
const headSize = 256

const leadingTime = /^\s*\{\s*"seq"\s*:\s*\d+\s*,\s*"ts"\s*:\s*"([^"\\]+)"/

const maxOtherLine = 64 * 1024

const timeOf = (line: Buffer): string | undefined => {
  const leading = leadingTime.exec(line.subarray(0, headSize).toString())?.[1]
  const time = leading ?? (line.length > maxOtherLine ? undefined : fieldsOf(line.toString())["ts"])
  return typeof time === "string" && Timestamp.parse(time) !== undefined ? time : undefined
}

/** The time of the last line that has one. Where the bytes do not begin, a line does not either. */
const lastTime = (bytes: Buffer, isWhole: boolean): string | undefined => {
  let end = bytes.length
  for (let lines = 0; end > 0 && lines < maxLines; lines++) {
    const before = bytes.lastIndexOf("\n", end - 1)
    if (before === -1 && !isWhole) return undefined
    const time = timeOf(bytes.subarray(before + 1, end))
    if (time !== undefined) return time
    end = before
  }
  return undefined
}

const readTail = (path: string, descriptor: number): string => {
  const length = Fs.fstatSync(descriptor).size
  for (const size of sizes) {
    const start = Math.max(0, length - size)
    const time = lastTime(readAt(descriptor, start, length - start), start === 0)
    if (time !== undefined) return time
    if (start === 0) break
  }
  throw new FileProblem({ path, problem: "no event with a time is at its end", isMissing: false })
}

/** The time of the last event of a log, as it stands there. */
export const lastEventAt = (path: string): Effect.Effect<string, FileProblem> =>
  Effect.scoped(
    Effect.flatMap(open(path, "read"), (descriptor) =>
      Effect.try({
        try: () => readTail(path, descriptor),
        catch: problemWith(path)
      }))
  )
