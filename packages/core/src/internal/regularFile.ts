/**
 * Files that may have been replaced by something else: what is no regular file
 * is told, and neither a FIFO nor a device is ever waited for.
 *
 * Effect's `FileSystem` cannot open a file without waiting.
 */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import type * as Scope from "effect/Scope"
// @effect-diagnostics-next-line nodeBuiltinImport:off -- see above
import * as Fs from "node:fs"

/** Why a file cannot be used, in the words of the operating system where there are any. */
export class FileProblem extends Data.TaggedError("FileProblem")<{
  readonly path: string
  readonly problem: string
  /** There is no such file. */
  readonly isMissing: boolean
}> {
  override get message(): string {
    return `${this.path}: ${this.problem}`
  }
}

export const problemWith = (path: string) => (cause: unknown): FileProblem =>
  cause instanceof FileProblem
    ? cause
    : new FileProblem({
      path,
      problem: Predicate.isError(cause) ? cause.message : String(cause),
      isMissing: Predicate.hasProperty(cause, "code") && (cause.code === "ENOENT" || cause.code === "ENOTDIR")
    })

// Windows knows neither FIFOs in directories nor this flag.
const nonBlocking = Fs.constants.O_NONBLOCK ?? 0

const append = Fs.constants.O_RDWR | Fs.constants.O_APPEND | nonBlocking

const flags = {
  read: Fs.constants.O_RDONLY | nonBlocking,
  append,
  create: append | Fs.constants.O_CREAT
} as const

const openNow = (path: string, purpose: keyof typeof flags): number => {
  const descriptor = Fs.openSync(path, flags[purpose], 0o600)
  try {
    if (!Fs.fstatSync(descriptor).isFile()) {
      throw new FileProblem({ path, problem: "it is not a regular file", isMissing: false })
    }
    return descriptor
  } catch (failure) {
    Fs.closeSync(descriptor)
    throw failure
  }
}

/** Opens a file for as long as the scope lasts; one that is created is for its owner alone. */
export const open = (
  path: string,
  purpose: keyof typeof flags
): Effect.Effect<number, FileProblem, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.try({ try: () => openNow(path, purpose), catch: problemWith(path) }),
    (descriptor) => Effect.sync(() => Fs.closeSync(descriptor))
  )

/** What there is of so many bytes at this place. */
export const readAt = (descriptor: number, position: number, size: number): Buffer => {
  const buffer = Buffer.allocUnsafe(size)
  return buffer.subarray(0, Fs.readSync(descriptor, buffer, 0, size, position))
}

/** Reads the next piece of a file until `readNext` answers that there was none. Others get their turn in between. */
export const readPieces = (path: string, readNext: () => boolean): Effect.Effect<void, FileProblem> =>
  Effect.asVoid(Effect.repeat(
    Effect.tap(Effect.try({ try: readNext, catch: problemWith(path) }), () => Effect.yieldNow),
    { while: (isMore) => isMore }
  ))

/** The text of a file that is not longer than so many bytes. */
export const readText = (path: string, maxBytes: number): Effect.Effect<string, FileProblem> =>
  Effect.scoped(Effect.flatMap(open(path, "read"), (descriptor) =>
    Effect.try({
      try: () => {
        if (Fs.fstatSync(descriptor).size > maxBytes) {
          throw new FileProblem({ path, problem: `it is longer than ${maxBytes} bytes`, isMissing: false })
        }
        return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Fs.readFileSync(descriptor))
      },
      catch: problemWith(path)
    })))
