/**
 * A log of a session, beside programs that add to it without any lock.
 */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import type * as Scope from "effect/Scope"
// @effect-diagnostics-next-line nodeBuiltinImport:off -- Effect writes until all is written, and that is no single write
import * as Fs from "node:fs"
import { describe, overFileSystem } from "./disk.ts"
import { LogScan, type ResultEvent } from "./logScan.ts"
import * as RealTime from "./realTime.ts"
import { FileProblem, open as openFile, problemWith, readAt, readPieces } from "./regularFile.ts"

/** Makes the line to be added, of the last result and the next number; undefined adds none. */
export type MakeLine = (last: ResultEvent | undefined, seq: number) => string | undefined

export interface LogFile {
  /** Reads what was not read yet. */
  readonly readOn: Effect.Effect<void, FileProblem>
  /** Adds a line, unless there is none to be added, and waits until all that was written has reached the disk. */
  readonly append: (makeLine: MakeLine) => Effect.Effect<void, FileProblem>
}

export interface LogFiles {
  /** Opens a log, which is made when there is none. */
  readonly open: (file: string) => Effect.Effect<LogFile, FileProblem, Scope.Scope>
  /** The last result in a log. */
  readonly lastResult: (file: string) => Effect.Effect<ResultEvent | undefined, FileProblem>
}

const chunkSize = 256 * 1024

// Milliseconds. Whoever writes a line in two parts has written both by then.
const patience = 5

// Each time somebody without a lock has begun a line just then.
const maxAttempts = 100

const lineEnd = Buffer.from("\n")

/** Whether a line stands behind this place, whole and alone. */
const standsAlone = (descriptor: number, line: Buffer, position: number): boolean => {
  const from = Math.max(0, position - 1)
  const added = readAt(descriptor, from, Fs.fstatSync(descriptor).size - from)
  const at = added.indexOf(line)
  return at === 0 ? from === 0 : at > 0 && added[at - 1] === lineEnd[0]
}

const problem = (path: string, text: string) => new FileProblem({ path, problem: text, isMissing: false })

const scanner = (path: string, descriptor: number) => {
  const scan = new LogScan()

  const asText = (run: () => void): void => {
    try {
      run()
    } catch {
      throw problem(path, "it is not valid UTF-8, so that nobody could read the result from it")
    }
  }

  /** Reads one piece; answers whether there was any. */
  const readNext = (): boolean => {
    const bytes = readAt(descriptor, scan.size, chunkSize)
    asText(() => scan.read(bytes))
    return bytes.length > 0
  }

  return {
    scan,
    readNext,
    close: () => asText(() => scan.close()),
    readOn: readPieces(path, readNext)
  }
}

const logAt = (path: string, descriptor: number): LogFile => {
  const { close, readNext, readOn, scan } = scanner(path, descriptor)

  // Where a line was found that had not ended.
  let openAt: number | undefined

  /** Tries to add it; answers whether it is there. From the look to the write nothing comes between. */
  const attempt = (makeLine: MakeLine): boolean => {
    while (readNext()) { /* until all is read */ }
    if (scan.isOpen && openAt !== scan.size) {
      openAt = scan.size
      return false
    }
    close()
    const text = makeLine(scan.last, scan.maxSeq + 1)
    if (text === undefined) return true
    const line = Buffer.from(`${text}\n`)
    const position = scan.size
    // A line that its writer never ended is ended by the same write.
    const bytes = scan.isOpen ? Buffer.concat([lineEnd, line]) : line
    if (Fs.writeSync(descriptor, bytes) < bytes.length) throw problem(path, "the disk took only a part of the result")
    return standsAlone(descriptor, line, position)
  }

  const sync = Effect.callback<void, FileProblem>((resume) =>
    Fs.fsync(descriptor, (failure) => resume(failure === null ? Effect.void : Effect.fail(problemWith(path)(failure))))
  )

  return {
    readOn,
    append: Effect.fnUntraced(function*(makeLine) {
      const attempted = Effect.try({ try: () => attempt(makeLine), catch: problemWith(path) })
      for (let left = maxAttempts; !(yield* attempted); left--) {
        if (left === 0) return yield* problem(path, "others write to it without a pause")
        yield* RealTime.pause(patience)
      }
      yield* sync
    })
  }
}

export const make = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const disk = overFileSystem(fs)

  /** A new file lasts no longer than its name, and that of each new directory above it. */
  const syncNames = Effect.fnUntraced(function*(file: string) {
    for (let at = path.resolve(file); at !== path.dirname(at); at = path.dirname(at)) {
      // Who may go through a directory need not be allowed to read it, and Windows has no such operation.
      yield* Effect.ignore(disk.sync(path.dirname(at), "directory"))
    }
  })

  const create = Effect.fnUntraced(function*(file: string) {
    yield* Effect.mapError(
      fs.makeDirectory(path.dirname(file), { recursive: true, mode: 0o700 }),
      (error) => problem(file, describe(error))
    )
    const descriptor = yield* openFile(file, "create")
    yield* syncNames(file)
    return descriptor
  })

  return {
    open: (file) =>
      openFile(file, "append").pipe(
        Effect.catch((failure) => failure.isMissing ? create(file) : Effect.fail(failure)),
        Effect.map((descriptor) => logAt(file, descriptor))
      ),
    lastResult: (file) =>
      Effect.scoped(Effect.gen(function*() {
        const { close, readOn, scan } = scanner(file, yield* openFile(file, "read"))
        yield* readOn
        yield* Effect.try({ try: close, catch: problemWith(file) })
        return scan.last
      }))
  } satisfies LogFiles
})
