/**
 * What a program did to its disk, step by step, as far as a crash can undo it.
 */
import { Effect, FileSystem, Path } from "effect"
import { withHandle } from "./faultyFileSystem.ts"

export type Inode = number

/** A directory is an inode without content. */
export type Event =
  /** The whole content from here on. */
  | { readonly _tag: "Data"; readonly inode: Inode; readonly content: Uint8Array }
  | { readonly _tag: "SyncFile"; readonly inode: Inode }
  /** Names that were given and taken in one step; `undefined` stands for none. */
  | { readonly _tag: "Names"; readonly directory: string; readonly names: ReadonlyArray<Name> }
  | { readonly _tag: "SyncDirectory"; readonly directory: string }
  | { readonly _tag: "Acknowledged"; readonly content: string }

type Name = readonly [path: string, inode: Inode | undefined]

export const setNames = (names: Map<string, Inode>, changes: ReadonlyArray<Name>): void => {
  for (const [path, inode] of changes) {
    if (inode === undefined) names.delete(path)
    else names.set(path, inode)
  }
}

const concat = (self: Uint8Array, that: Uint8Array): Uint8Array => Buffer.concat([self, that])

/** A file system that does what the given one does, and the log of it. */
export const record = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const log: Array<Event> = []
  const names = new Map<string, Inode>()
  const contents = new Map<Inode, Uint8Array>()
  let inodes = 0

  const data = (inode: Inode, content: Uint8Array) => {
    contents.set(inode, content)
    log.push({ _tag: "Data", inode, content })
  }

  const name = (...changes: ReadonlyArray<Name>) => {
    setNames(names, changes)
    log.push({ _tag: "Names", directory: path.dirname(changes[0]![0]), names: changes })
  }

  const create = (file: string): Inode => {
    const inode = names.get(file) ?? inodes++
    data(inode, new Uint8Array())
    if (!names.has(file)) name([file, inode])
    return inode
  }

  const openForWriting = Effect.fnUntraced(
    function*(file: string, options: Parameters<FileSystem.FileSystem["open"]>[1]) {
      const handle = yield* fs.open(file, options)
      const inode = options?.flag === "r+" ? names.get(file)! : create(file)
      return withHandle(handle, {
        writeAll: (bytes) =>
          Effect.tap(handle.writeAll(bytes), () => Effect.sync(() => data(inode, concat(contents.get(inode)!, bytes)))),
        sync: Effect.tap(handle.sync, () => Effect.sync(() => log.push({ _tag: "SyncFile", inode })))
      })
    }
  )

  const openForReading = (directory: string) =>
    Effect.map(fs.open(directory), (handle) =>
      withHandle(handle, {
        sync: Effect.tap(handle.sync, () => Effect.sync(() => log.push({ _tag: "SyncDirectory", directory })))
      }))

  const recording = FileSystem.FileSystem.of({
    ...fs,
    open: (file, options) =>
      options?.flag === undefined || options.flag === "r" ? openForReading(file) : openForWriting(file, options),
    rename: (from, to) =>
      Effect.tap(fs.rename(from, to), () => Effect.sync(() => name([from, undefined], [to, names.get(from)]))),
    link: (from, to) => Effect.tap(fs.link(from, to), () => Effect.sync(() => name([to, names.get(from)]))),
    remove: (file, options) =>
      Effect.tap(fs.remove(file, options), () => Effect.sync(() => names.has(file) && name([file, undefined]))),
    makeDirectory: Effect.fnUntraced(function*(directory, options) {
      const made: Array<string> = []
      for (let at = directory; !(yield* fs.exists(at)); at = path.dirname(at)) made.unshift(at)
      yield* fs.makeDirectory(directory, options)
      for (const one of made) name([one, inodes++])
    })
  })

  const acknowledge = (content: string) => log.push({ _tag: "Acknowledged", content })

  return { fs: recording, log: log as ReadonlyArray<Event>, acknowledge }
})
