/**
 * The real file system, but for one operation that fails as a system would let
 * it fail, or that the test watches.
 */
import { Effect, type FileSystem, PlatformError } from "effect"

const codes = {
  EACCES: ["PermissionDenied", "permission denied"],
  EROFS: ["Unknown", "read-only file system"],
  ENOSPC: ["Unknown", "no space left on device"]
} as const

export type Code = keyof typeof codes

export const failure = (method: string, path: string, code: Code): PlatformError.PlatformError =>
  PlatformError.systemError({
    _tag: codes[code][0],
    module: "FileSystem",
    method,
    pathOrDescriptor: path,
    cause: Object.assign(new Error(`${code}: ${codes[code][1]}, ${method}`), { code })
  })

/** Replaces operations of an open file; those of its prototype stay. */
export const withHandle = (
  handle: FileSystem.File,
  change: Partial<Pick<FileSystem.File, "sync" | "writeAll">>
): FileSystem.File =>
  Object.create(handle, Object.fromEntries(Object.entries(change).map(([key, value]) => [key, { value }])))

export type Step = (fs: FileSystem.FileSystem, code: Code) => Partial<FileSystem.FileSystem>

const isTemporary = (path: string): boolean => path.endsWith(".tmp")

const changingHandle = (
  applies: (path: string) => boolean,
  change: (handle: FileSystem.File, path: string, code: Code) => Partial<Pick<FileSystem.File, "sync" | "writeAll">>
): Step =>
(fs, code) => ({
  open: (path, options) =>
    Effect.map(
      fs.open(path, options),
      (handle) => applies(path) ? withHandle(handle, change(handle, path, code)) : handle
    )
})

const failing =
  (operation: "chmod" | "makeDirectory" | "readFile" | "realPath" | "rename" | "stat"): Step => (_fs, code) => ({
    [operation]: (path: string) => Effect.fail(failure(operation, path, code))
  })

/** Every step of a change that can fail before the new file takes the place of the old one. */
export const stepsBeforeRename: Readonly<Record<string, Step>> = {
  "creating the new file": (fs, code) => ({
    open: (path, options) => isTemporary(path) ? Effect.fail(failure("open", path, code)) : fs.open(path, options)
  }),
  "writing the first byte": changingHandle(isTemporary, (_handle, path, code) => ({
    writeAll: () => Effect.fail(failure("write", path, code))
  })),
  "writing the second half": changingHandle(isTemporary, (handle, path, code) => ({
    writeAll: (bytes) =>
      Effect.andThen(
        handle.writeAll(bytes.subarray(0, bytes.length / 2)),
        Effect.fail(failure("write", path, code))
      )
  })),
  "setting the mode": failing("chmod"),
  "syncing the new file": changingHandle(isTemporary, (_handle, path, code) => ({
    sync: Effect.fail(failure("fsync", path, code))
  })),
  "renaming the new file": failing("rename")
}

/** What can fail before all that, where the file is a symbolic link. */
export const followingTheLink: Step = failing("realPath")

/** What can fail when the new file is in its place already. */
export const stepsAfterRename: Readonly<Record<string, Step>> = {
  "opening the directory": (fs, code) => ({
    open: (path, options) => isTemporary(path) ? fs.open(path, options) : Effect.fail(failure("open", path, code))
  }),
  "syncing the directory": changingHandle((path) => !isTemporary(path), (_handle, path, code) => ({
    sync: Effect.fail(failure("fsync", path, code))
  }))
}

/** What can fail when the file is read. */
export const stepsOfReading: Readonly<Record<string, Step>> = {
  "asking for the file": failing("stat"),
  "reading the file": failing("readFile")
}

export const makingTheDirectory: Step = failing("makeDirectory")
