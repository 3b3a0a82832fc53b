/**
 * The disk as Node reaches it fastest.
 *
 * What only moves bytes and names within the memory of the kernel is done at
 * once: handing it to another thread and back takes longer than the work, and
 * everybody who waits for the lock waits for that as well. Waiting for the disk
 * itself is left to another thread.
 */
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import { type PlatformError, systemError } from "effect/PlatformError"
// @effect-diagnostics-next-line nodeBuiltinImport:off -- see above
import * as Fs from "node:fs"
import { type Disk, overFileSystem } from "./disk.ts"

const windows = process.platform === "win32"

/** What fails is tried once more by the platform, which tells why it does. */
const atOnce = <A>(run: () => A, otherwise: Effect.Effect<A, PlatformError>): Effect.Effect<A, PlatformError> =>
  Effect.suspend(() => {
    try {
      return Effect.succeed(run())
    } catch {
      return otherwise
    }
  })

const create = (file: string, content: Uint8Array, mode: number): void => {
  const descriptor = Fs.openSync(file, "wx", mode)
  try {
    Fs.writeFileSync(descriptor, content)
  } catch (failure) {
    Fs.unlinkSync(file)
    throw failure
  } finally {
    Fs.closeSync(descriptor)
  }
}

// Never tried once more: after a failure the kernel takes what it could not write for written.
const sync = (path: string, descriptor: number) =>
  Effect.callback<void, PlatformError>((resume) =>
    Fs.fsync(descriptor, (failure) =>
      resume(
        failure === null ? Effect.void : Effect.fail(systemError({
          _tag: "Unknown",
          module: "FileSystem",
          method: "sync",
          pathOrDescriptor: path,
          cause: failure
        }))
      ))
  )

export const over = (fs: FileSystem.FileSystem): Disk => {
  const slow = overFileSystem(fs)

  // Freeing the blocks of a file takes as long as all else of its replacement. While it is open that has to wait, for
  // the moment in which nobody waits for it.
  let replaced: number | undefined

  const release = () => {
    if (replaced !== undefined) Fs.close(replaced)
    replaced = undefined
  }

  const rename = (from: string, to: string): void => {
    release()
    try {
      replaced = Fs.openSync(to, "r")
    } catch {
      // There is none, or it must not be read.
    }
    Fs.renameSync(from, to)
  }

  return {
    read: (file) => atOnce(() => Fs.readFileSync(file), slow.read(file)),
    create: (file, content, mode) => atOnce(() => create(file, content, mode), slow.create(file, content, mode)),
    sync: (path, kind) =>
      Effect.suspend(() => {
        let descriptor: number
        try {
          descriptor = Fs.openSync(path, kind === "file" ? "r+" : "r")
        } catch {
          return slow.sync(path, kind)
        }
        return Effect.ensuring(
          sync(path, descriptor),
          Effect.sync(() => {
            Fs.closeSync(descriptor)
            if (kind === "directory") release()
          })
        )
      }),
    // Windows replaces no file that is open.
    rename: (from, to) => windows ? slow.rename(from, to) : atOnce(() => rename(from, to), slow.rename(from, to)),
    names: (directory) => atOnce(() => Fs.readdirSync(directory), slow.names(directory))
  }
}
