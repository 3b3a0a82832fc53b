/**
 * Reading the one file of the store, and replacing it so that a reader, a crash
 * or a full disk finds either the old content or the new, whole.
 */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import type { PlatformError } from "effect/PlatformError"
import * as Random from "effect/Random"
import * as Schedule from "effect/Schedule"
import { ProcessStoreError, StoreUnreadable, StoreUnwritable } from "../ProcessStoreError.ts"
import * as Timestamp from "../Timestamp.ts"
import { describe, Disk } from "./disk.ts"
import * as FileStamp from "./fileStamp.ts"
import { type Orphan, temporaryName } from "./orphans.ts"

export interface StoreFile {
  readonly path: string
  /** Differs whenever the content may have changed; undefined when that cannot be told. */
  readonly version: () => string | undefined
  /** When the content last changed, in milliseconds since the epoch; undefined when that cannot be told. */
  readonly modifiedAt: () => number | undefined
  /** The content of the file; none when there is no file. */
  readonly read: Effect.Effect<Option.Option<Uint8Array>, ProcessStoreError>
  /**
   * Replaces the file, and answers whether it did. A symbolic link is followed;
   * mode and owner stay. Does nothing when the file is no longer in the version
   * that the content was made from: somebody who takes no lock was faster. The new
   * version is told as soon as it is in its place.
   */
  readonly replace: (
    content: Uint8Array,
    basis: string | undefined,
    inPlace: (version: string | undefined) => void
  ) => Effect.Effect<boolean, ProcessStoreError>
  /** Makes the last replacement outlive a crash of the machine: only then may it be acknowledged. */
  readonly settle: Effect.Effect<void, ProcessStoreError>
  /** Gives the file a second name, which stays when it is replaced; answers that name. */
  readonly keepAside: Effect.Effect<string, ProcessStoreError>
  /** Takes the second name away again, as long as the file is under its own as well. */
  readonly dropAside: (aside: string) => Effect.Effect<void>
}

const isReason = (tag: string) => (error: PlatformError): boolean => error.reason._tag === tag

export interface Writer {
  readonly pid: number
  /** What dead writers have left among the names in a directory. */
  readonly orphans: (directory: string, names: ReadonlyArray<string>) => Effect.Effect<ReadonlyArray<Orphan>>
}

export const make = Effect.fnUntraced(function*(file: string, writer: Writer) {
  const fs = yield* FileSystem.FileSystem
  const disk = (yield* Disk)(fs)
  const path = yield* Path.Path
  const windows = path.sep === "\\"

  const unreadable = (problem: string, cause?: unknown) =>
    new ProcessStoreError({
      reason: new StoreUnreadable({ path: file, problem, ...(cause === undefined ? {} : { cause }) })
    })

  const unwritable = (problem: (error: PlatformError) => string) => (cause: PlatformError) =>
    new ProcessStoreError({ reason: new StoreUnwritable({ path: file, problem: problem(cause), cause }) })

  const beforeRename = unwritable((error) => `${describe(error)}. Nothing was changed.`)

  // Nothing is there, unless a link should lead there: "none" must mean none.
  const missing = Effect.gen(function*() {
    for (const link of [file, path.dirname(file)]) {
      const target = yield* Effect.option(fs.readLink(link))
      if (Option.isSome(target) && !(yield* Effect.orElseSucceed(fs.exists(link), () => true))) {
        return yield* unreadable(`${link} is a symbolic link to ${target.value}, which does not exist`)
      }
    }
    return Option.none<FileSystem.File.Info>()
  })

  // Asking first what it is keeps a FIFO in its place from blocking the read for ever.
  const info = fs.stat(file).pipe(
    Effect.asSome,
    Effect.catch((error) => isReason("NotFound")(error) ? missing : Effect.fail(unreadable(describe(error), error)))
  )

  const readFile = Effect.asSome(Effect.mapError(disk.read(file), (error) => unreadable(describe(error), error)))

  const readWhatIsThere = Effect.gen(function*() {
    const found = yield* info
    if (Option.isNone(found)) return Option.none<Uint8Array>()
    if (found.value.type === "File") return yield* readFile
    return yield* unreadable(`it is not a file but a ${found.value.type.toLowerCase()}`)
  })

  const read = Effect.suspend(() => FileStamp.facts(file)?.isFile === true ? readFile : readWhatIsThere)

  const temporaryFile = (directory: string) =>
    Effect.map(
      Random.nextIntBetween(0, 2 ** 32),
      (random) => path.join(directory, temporaryName(writer.pid, random))
    )

  const writeDurably = Effect.fnUntraced(
    function*(temporary: string, content: Uint8Array, old: FileStamp.Facts | undefined) {
      yield* disk.create(temporary, content, 0o600)
      const made = FileStamp.facts(temporary)
      const mode = old?.mode ?? 0o600
      if (made?.mode !== mode) yield* fs.chmod(temporary, mode)
      // Whoever writes as root for somebody else must not take the file from them.
      const owner = old ?? FileStamp.facts(path.dirname(temporary))
      if (owner !== undefined && (made?.uid !== owner.uid || made.gid !== owner.gid)) {
        // Only root may give a file away; for everybody else it cannot be as it should be.
        yield* Effect.ignore(fs.chown(temporary, owner.uid, owner.gid))
      }
      yield* sweep(temporary)
      yield* disk.sync(temporary, "file")
      return made?.identity
    }
  )

  // Windows refuses while anybody, such as a virus scanner, has the file open.
  const rename = (from: string, to: string) =>
    windows
      ? Effect.retry(disk.rename(from, to), {
        while: (error) => isReason("PermissionDenied")(error) || isReason("Busy")(error),
        times: 8,
        schedule: Schedule.exponential("10 millis")
      })
      : disk.rename(from, to)

  const syncDirectory = (directory: string) =>
    // Windows has no such operation.
    windows ? Effect.void : disk.sync(directory, "directory")

  /** Removes what writers left that died. Nobody of ours writes meanwhile: the lock is held. */
  const sweep = Effect.fnUntraced(function*(own: string) {
    const directory = path.dirname(own)
    const others = (yield* disk.names(directory)).filter((name) => name !== path.basename(own))
    for (const orphan of yield* writer.orphans(directory, others)) {
      yield* Effect.ignore(fs.remove(orphan.path, { force: true }))
    }
  }, (swept) => Effect.ignore(swept))

  // A new directory lasts no longer than its name. Whoever made it need not be this program, and may be it a moment ago.
  const syncAncestors = Effect.fnUntraced(function*(directory: string) {
    for (let at = path.resolve(directory); at !== path.dirname(at); at = path.dirname(at)) {
      // Who may go through a directory need not be allowed to read it.
      yield* Effect.ignore(syncDirectory(path.dirname(at)))
    }
  })

  const follow = Effect.gen(function*() {
    if (Option.isSome(yield* info)) return yield* Effect.mapError(fs.realPath(file), beforeRename)
    yield* Effect.mapError(fs.makeDirectory(path.dirname(file), { recursive: true, mode: 0o700 }), beforeRename)
    yield* syncAncestors(path.dirname(file))
    return file
  })

  // What it nearly always is needs no following.
  const place = Effect.suspend(() => FileStamp.facts(file)?.isFile === true ? Effect.succeed(file) : follow)

  let replacedIn = path.dirname(file)

  const replace = Effect.fnUntraced(
    function*(content: Uint8Array, basis: string | undefined, inPlace: (version: string | undefined) => void) {
      const target = yield* place
      const directory = path.dirname(target)
      const temporary = yield* temporaryFile(directory)
      const discard = Effect.ignore(fs.remove(temporary, { force: true }))
      const written = yield* writeDurably(temporary, content, FileStamp.facts(target)).pipe(
        // What has the name already is somebody else's.
        Effect.tapError((error) => isReason("AlreadyExists")(error) ? Effect.void : discard),
        Effect.mapError(beforeRename)
      )
      if (FileStamp.version(file) !== basis) return yield* Effect.as(discard, false)
      yield* rename(temporary, target).pipe(Effect.tapError(() => discard), Effect.mapError(beforeRename))
      replacedIn = directory
      // Another writer, who takes no lock, may have replaced it already.
      const now = FileStamp.stamp(target)
      inPlace(now !== undefined && written === now.identity ? now.version : undefined)
      return true
    },
    Effect.uninterruptible
  )

  const settle = Effect.suspend(() =>
    Effect.mapError(
      syncDirectory(replacedIn),
      unwritable((error) => `${describe(error)}. The change was made, but a power failure may still undo it.`)
    )
  )

  const keepAside = Effect.gen(function*() {
    const target = yield* place
    const aside = `${file}.corrupt-${(yield* Timestamp.now).replaceAll(":", "-")}`
    yield* fs.link(target, aside).pipe(
      // Not every file system has links.
      Effect.catch((error) => isReason("AlreadyExists")(error) ? Effect.fail(error) : fs.copyFile(target, aside)),
      Effect.mapError(beforeRename)
    )
    return aside
  })

  const dropAside = (aside: string) =>
    Effect.suspend(() =>
      FileStamp.identity(aside) === FileStamp.identity(file) ? Effect.ignore(fs.remove(aside)) : Effect.void
    )

  return {
    path: file,
    version: () => FileStamp.version(file),
    modifiedAt: () => FileStamp.modifiedAt(file),
    read,
    replace,
    settle,
    keepAside,
    dropAside
  } satisfies StoreFile
})
