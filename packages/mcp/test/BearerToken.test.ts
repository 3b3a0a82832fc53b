import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem, Redacted } from "effect"
import * as BearerToken from "../src/BearerToken.ts"

const inDirectory = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const directory = yield* fs.makeTempDirectoryScoped({ prefix: "zag-mcp-test-" })
  return { fs, directory, file: `${directory}/mcp-token` }
})

const secret = "0123456789abcdefghij"

const problem = (file: string) => Effect.map(Effect.flip(BearerToken.fromFile(file)), ({ message }) => message)

describe("the token in a file", () => {
  it.live("is made at random where there is none, for this user alone", () =>
    Effect.gen(function*() {
      const { directory, fs } = yield* inDirectory
      const file = `${directory}/new/mcp-token`
      const token = Redacted.value(yield* BearerToken.fromFile(file))
      assert.match(token, /^[\w-]{43}$/)
      assert.strictEqual((yield* fs.stat(file)).mode & 0o777, 0o600)
      assert.strictEqual((yield* fs.stat(`${directory}/new`)).mode & 0o777, 0o700)
      assert.deepStrictEqual(yield* fs.readDirectory(`${directory}/new`), ["mcp-token"])
      assert.strictEqual(Redacted.value(yield* BearerToken.fromFile(file)), token)
    }).pipe(Effect.provide(NodeServices.layer)))

  it.live("is one for all who make it at once", () =>
    Effect.gen(function*() {
      const { directory, file, fs } = yield* inDirectory
      const tokens = yield* Effect.all(Array.from({ length: 20 }, () => BearerToken.fromFile(file)), {
        concurrency: "unbounded"
      })
      assert.strictEqual(new Set(tokens.map(Redacted.value)).size, 1)
      assert.deepStrictEqual(yield* fs.readDirectory(directory), ["mcp-token"])
    }).pipe(Effect.provide(NodeServices.layer)))

  it.live("may be somebody's own", () =>
    Effect.gen(function*() {
      const { file, fs } = yield* inDirectory
      yield* fs.writeFileString(file, `${secret}\n`, { mode: 0o600 })
      assert.strictEqual(Redacted.value(yield* BearerToken.fromFile(file)), secret)
    }).pipe(Effect.provide(NodeServices.layer)))

  it.live.each([0o640, 0o604, 0o620])(
    "is refused where others have a part in it: %o",
    (mode) =>
      Effect.gen(function*() {
        const { file, fs } = yield* inDirectory
        yield* fs.writeFileString(file, secret)
        yield* fs.chmod(file, mode)
        const message = yield* problem(file)
        assert.include(message, `Cannot use the token file ${file}: others can`)
        assert.notInclude(message, secret)
      }).pipe(Effect.provide(NodeServices.layer))
  )

  it.live.each(["", "too-short", "two tokens in one file", "x".repeat(2000), "not ascii: ü, not at all"])(
    "is refused when it is none: %s",
    (content) =>
      Effect.gen(function*() {
        const { file, fs } = yield* inDirectory
        yield* fs.writeFileString(file, content, { mode: 0o600 })
        assert.include(yield* problem(file), "it must have one token in it")
      }).pipe(Effect.provide(NodeServices.layer))
  )

  it.live("is refused when that is no file", () =>
    Effect.gen(function*() {
      const { directory } = yield* inDirectory
      assert.include(yield* problem(directory), "it is not a file but a directory")
      assert.include(yield* problem("/dev/null/mcp-token"), "Cannot use the token file /dev/null/mcp-token")
    }).pipe(Effect.provide(NodeServices.layer)))

  it.live.skipIf(process.getuid?.() !== 0)("is refused when it belongs to another user", () =>
    Effect.gen(function*() {
      const { file, fs } = yield* inDirectory
      yield* fs.writeFileString(file, secret, { mode: 0o600 })
      yield* fs.chown(file, 65_534, 65_534)
      assert.include(yield* problem(file), "it belongs to another user")
    }).pipe(Effect.provide(NodeServices.layer)))
})
