/**
 * Real files for one test: a directory of its own, and stores on it as separate
 * programs would open them.
 */
import { ProcessStore } from "@zag/core/ProcessStore"
import { Sidecar } from "@zag/core/Sidecar"
import { layerOsProcess } from "@zag/core/testing"
import { ZagHome } from "@zag/core/ZagHome"
import { Context, Effect, FileSystem, Layer, Option } from "effect"
import { Disk } from "../src/internal/disk.ts"
import * as NodeDisk from "../src/internal/nodeDisk.ts"

/**
 * `change` replaces operations of the file system below the registry; the
 * database beside it keeps the real ones. Without it the disk is reached as in
 * a program on Node.
 */
export const layerStore = (
  directory: string,
  change?: (fs: FileSystem.FileSystem) => Partial<FileSystem.FileSystem>
) =>
  ProcessStore.layer.pipe(
    Layer.provide(
      change === undefined
        ? Layer.succeed(Disk, NodeDisk.over)
        : Layer.effect(
          FileSystem.FileSystem,
          Effect.map(FileSystem.FileSystem, (fs) => FileSystem.FileSystem.of({ ...fs, ...change(fs) }))
        )
    ),
    Layer.provide(Sidecar.layerSqlite),
    Layer.provide([ZagHome.layerAt(directory), layerOsProcess()]),
    Layer.orDie
  )

/** A store on the file of the directory; each call is another program. */
export const openStore = (directory: string) =>
  Effect.map(Layer.build(layerStore(directory)), Context.get(ProcessStore))

/** A directory with `processes.json` in it, or without when there is no text. */
export const makeHome = Effect.fnUntraced(function*(content?: string | Uint8Array) {
  const fs = yield* FileSystem.FileSystem
  const directory = yield* fs.makeTempDirectoryScoped({ prefix: "zag-core-" })
  const file = `${directory}/processes.json`
  if (typeof content === "string") yield* fs.writeFileString(file, content)
  else if (content !== undefined) yield* fs.writeFile(file, content)
  return { directory, file }
})

/** The names in a directory, in order. */
export const namesIn = Effect.fnUntraced(function*(directory: string) {
  const fs = yield* FileSystem.FileSystem
  return (yield* fs.readDirectory(directory)).toSorted()
})

/** What must be the same before and after when nothing was written. */
export const stateOf = Effect.fnUntraced(function*(file: string) {
  const fs = yield* FileSystem.FileSystem
  const { ino, mode, mtime } = yield* fs.stat(file)
  const content = Array.from(yield* fs.readFile(file))
  return { content, mode, ino: Option.getOrThrow(ino), mtime: Option.getOrThrow(mtime).getTime() }
})

/** Puts the last change of a file long ago, so that any later one shows. */
export const makeOld = Effect.fnUntraced(function*(file: string) {
  const fs = yield* FileSystem.FileSystem
  yield* fs.utimes(file, 1_000_000_000, 1_000_000_000)
  return yield* stateOf(file)
})
