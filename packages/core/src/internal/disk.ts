/**
 * The operations on files that a change of the registry is made of.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import type { PlatformError } from "effect/PlatformError"
import * as Predicate from "effect/Predicate"

export interface Disk {
  readonly read: (file: string) => Effect.Effect<Uint8Array, PlatformError>
  /** Makes a new file, with the whole content; fails with `AlreadyExists` when there is one. */
  readonly create: (file: string, content: Uint8Array, mode: number) => Effect.Effect<void, PlatformError>
  /** Waits until the content of a file, or the names in a directory, outlive a crash of the machine. */
  readonly sync: (path: string, kind: "file" | "directory") => Effect.Effect<void, PlatformError>
  readonly rename: (from: string, to: string) => Effect.Effect<void, PlatformError>
  /** The names in a directory. */
  readonly names: (directory: string) => Effect.Effect<ReadonlyArray<string>, PlatformError>
}

/** The text of the operating system where there is one: it is what people search for. */
export const describe = (error: PlatformError): string => {
  const { cause } = error.reason
  return Predicate.isError(cause) ? cause.message : error.message
}

/** What any platform can do. */
export const overFileSystem = (fs: FileSystem.FileSystem): Disk => ({
  read: fs.readFile,
  create: (file, content, mode) =>
    Effect.scoped(Effect.flatMap(fs.open(file, { flag: "wx", mode }), (handle) => handle.writeAll(content))),
  sync: (path, kind) =>
    // Windows syncs only what may be written.
    Effect.scoped(Effect.flatMap(fs.open(path, { flag: kind === "file" ? "r+" : "r" }), (handle) => handle.sync)),
  rename: fs.rename,
  names: fs.readDirectory
})

/** How the disk is reached, given the file system. */
export const Disk: Context.Reference<(fs: FileSystem.FileSystem) => Disk> = Context.Reference(
  "@zag/core/internal/Disk",
  { defaultValue: () => overFileSystem }
)
