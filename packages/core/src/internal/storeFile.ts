/**
 * Reading the one file of the store, and replacing it so that a reader, a crash
 * or a full disk finds either the old content or the new, whole.
 */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import type { PlatformError } from "effect/PlatformError"
import * as Predicate from "effect/Predicate"
import * as Random from "effect/Random"
import { ProcessStoreError, StoreUnreadable, StoreUnwritable } from "../ProcessStoreError.ts"

export interface StoreFile {
  readonly path: string
  /** The text of the file; none when there is no file. */
  readonly read: Effect.Effect<Option.Option<string>, ProcessStoreError>
  /** Replaces the file. A symbolic link is followed; mode and owner stay. */
  readonly replace: (text: string) => Effect.Effect<void, ProcessStoreError>
}

// The text of the operating system where there is one: it is what people search for.
const describe = (error: PlatformError): string => {
  const cause = error.reason.cause
  return Predicate.isError(cause) ? cause.message : error.message
}

const isReason = (tag: string) => (error: PlatformError): boolean => error.reason._tag === tag

export const make = Effect.fnUntraced(function*(file: string, writer: { readonly pid: number }) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path

  const unreadable = (problem: string, cause?: unknown) =>
    new ProcessStoreError({
      reason: new StoreUnreadable({ path: file, problem, ...(cause === undefined ? {} : { cause }) })
    })

  const unwritable = (problem: (error: PlatformError) => string) => (cause: PlatformError) =>
    new ProcessStoreError({ reason: new StoreUnwritable({ path: file, problem: problem(cause), cause }) })

  const beforeRename = unwritable((error) => `${describe(error)}. Nothing was changed.`)

  const decodeText = (bytes: Uint8Array) =>
    Effect.try({
      // `ignoreBOM` keeps a byte order mark in the text, where it is reported.
      try: () => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes),
      catch: (cause) => unreadable("it is not UTF-8", cause)
    })

  const missing = fs.readLink(file).pipe(
    Effect.matchEffect({
      onFailure: () => Effect.succeed(Option.none<FileSystem.File.Info>()),
      onSuccess: (target) => Effect.fail(unreadable(`it is a symbolic link to ${target}, which does not exist`))
    })
  )

  // Asking first what it is keeps a FIFO in its place from blocking the read for ever.
  const info = fs.stat(file).pipe(
    Effect.asSome,
    Effect.catch((error) => isReason("NotFound")(error) ? missing : Effect.fail(unreadable(describe(error), error)))
  )

  const read = Effect.gen(function*() {
    const found = yield* info
    if (Option.isNone(found)) return Option.none<string>()
    if (found.value.type !== "File") {
      return yield* unreadable(`it is not a file but a ${found.value.type.toLowerCase()}`)
    }
    const bytes = yield* Effect.mapError(fs.readFile(file), (error) => unreadable(describe(error), error))
    return Option.some(yield* decodeText(bytes))
  })

  // Named as `zag` names its own, which no reader of the directory mistakes for data.
  const temporaryFile = (directory: string) =>
    Effect.map(
      Random.nextIntBetween(0, 2 ** 32),
      (random) => path.join(directory, `.processes.json.${writer.pid}.${random.toString(16)}.tmp`)
    )

  const writeDurably = (temporary: string, text: string, old: Option.Option<FileSystem.File.Info>) =>
    Effect.scoped(Effect.gen(function*() {
      const mode = Option.match(old, { onNone: () => 0o600, onSome: (info) => info.mode & 0o777 })
      const handle = yield* fs.open(temporary, { flag: "wx", mode: 0o600 })
      yield* handle.writeAll(new TextEncoder().encode(text))
      if (mode !== 0o600) yield* fs.chmod(temporary, mode)
      const owner = Option.flatMap(old, ({ gid, uid }) => Option.all({ gid, uid }))
      if (Option.isSome(owner)) {
        // Only root may give a file away; for everybody else it already is as it should be, or cannot be.
        yield* Effect.ignore(fs.chown(temporary, owner.value.uid, owner.value.gid))
      }
      yield* handle.sync
    }))

  const syncDirectory = (directory: string) =>
    // Windows has no such operation.
    path.sep === "\\" ? Effect.void : Effect.scoped(Effect.flatMap(fs.open(directory), (handle) => handle.sync))

  const replace = Effect.fnUntraced(function*(text: string) {
    const old = yield* info
    const target = Option.isSome(old) ? yield* Effect.mapError(fs.realPath(file), beforeRename) : file
    const directory = path.dirname(target)
    if (Option.isNone(old)) {
      yield* Effect.mapError(fs.makeDirectory(directory, { recursive: true, mode: 0o700 }), beforeRename)
    }
    const temporary = yield* temporaryFile(directory)
    yield* writeDurably(temporary, text, old).pipe(
      Effect.andThen(fs.rename(temporary, target)),
      Effect.tapError((error) =>
        isReason("AlreadyExists")(error) ? Effect.void : Effect.ignore(fs.remove(temporary, { force: true }))
      ),
      Effect.mapError(beforeRename)
    )
    yield* Effect.mapError(
      syncDirectory(directory),
      unwritable((error) => `${describe(error)}. The change was made, but a power failure may still undo it.`)
    )
  }, Effect.uninterruptible)

  return { path: file, read, replace } satisfies StoreFile
})
