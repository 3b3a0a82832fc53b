/**
 * The secret that clients show to a server which others could reach as well.
 *
 * @since 0.1.0
 */
import * as SecureRandom from "effect/crypto/SecureRandom"
import * as Effect from "effect/Effect"
import * as Base64Url from "effect/encoding/Base64Url"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import type { PlatformError } from "effect/PlatformError"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"

/**
 * There is no token to be had from the file.
 *
 * @category errors
 * @since 0.1.0
 */
export class BearerTokenError extends Schema.TaggedError<BearerTokenError>()("BearerTokenError", {
  file: Schema.String,
  problem: Schema.String
}) {
  override get message(): string {
    return `Cannot use the token file ${this.file}: ${this.problem}`
  }
}

/**
 * The token in a file that nobody but this user can read. A file that does not
 * exist is made, with a random token.
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromFile = Effect.fn("BearerToken.fromFile")(
  function*(file: string): Effect.fn.Return<
    Redacted.Redacted,
    BearerTokenError | PlatformError,
    FileSystem.FileSystem | Path.Path
  > {
    const fs = yield* FileSystem.FileSystem
    if (!(yield* fs.exists(file))) yield* create(file)
    return yield* read(file)
  },
  (effect, file) =>
    Effect.catchTag(
      effect,
      "PlatformError",
      (error) => Effect.fail(new BearerTokenError({ file, problem: error.message }))
    )
)

const create = Effect.fnUntraced(function*(file: string) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  yield* fs.makeDirectory(path.dirname(file), { recursive: true, mode: 0o700 })
  const token = Base64Url.encode(SecureRandom.randomBytesUnsafe(32))
  const temporary = `${file}.${SecureRandom.uuidV4Unsafe()}`
  yield* fs.writeFileString(temporary, `${token}\n`, { flag: "wx", mode: 0o600 })
  // Of several servers that start at once one makes the file, whole, and all read it.
  yield* fs.link(temporary, file).pipe(
    Effect.catchIf(({ reason }) => reason._tag === "AlreadyExists", () => Effect.void),
    Effect.ensuring(Effect.ignore(fs.remove(temporary)))
  )
})

// What RFC 6750 allows in a header; as long as nobody guesses it.
const sound = /^[\w\-.~+/]{16,512}=*$/

const read = Effect.fnUntraced(function*(file: string) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const refuse = (problem: string) => Effect.fail(new BearerTokenError({ file, problem }))
  const { type } = yield* fs.stat(file)
  if (type !== "File") return yield* refuse(`it is not a file but a ${type.toLowerCase()}`)
  const handle = yield* fs.open(file)
  const { mode, uid } = yield* handle.stat
  // Windows has other ways to say who may read a file.
  if (path.sep === "/") {
    if ((mode & 0o077) !== 0) return yield* refuse(`others can read it. Make another token, and chmod 600 ${file}`)
    if (Option.exists(uid, (uid) => uid !== process.getuid?.())) return yield* refuse("it belongs to another user")
  }
  const content = Option.getOrElse(yield* handle.readAlloc(1024), () => new Uint8Array())
  const token = new TextDecoder().decode(content).trim()
  if (!sound.test(token)) {
    return yield* refuse(
      "it must have one token in it, of at least 16 letters, digits, and any of -._~+/. Without the file one is made."
    )
  }
  return Redacted.make(token, { label: "bearer token" })
}, Effect.scoped)
