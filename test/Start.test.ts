import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect, FileSystem, Stream } from "effect"
import { ChildProcess } from "effect/process"
import { fileURLToPath } from "node:url"

const start = fileURLToPath(new URL("../bundle/start.ts", import.meta.url))

const isRoot = process.getuid?.() === 0

const identity = "0123456789abcdef"

/** As long as any other that answers one digit. */
const answering = (answer: number, of = identity) =>
  `/*${of}*/exports.answer = () => ${answer}; console.log(exports.answer(), require("./later.cjs"))`

interface Options {
  readonly command?: string
  readonly preload?: string
  readonly environment?: Readonly<Record<string, string | undefined>>
}

const waits = "process.stdin.resume()"

/** Runs this timer's task at once. */
const soon = "globalThis.setTimeout = (task) => ({ unref: () => setImmediate(task) })"

const makeProgram = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const directory = yield* fs.makeTempDirectoryScoped({ prefix: "zag-start-" })
  const file = `${directory}/program.cjs`
  yield* fs.writeFileString(
    `${directory}/main.mjs`,
    "const [, , module, ...parameters] = process.argv; (await import(module)).start(...parameters)"
  )
  // What is loaded later has the very program that has loaded it.
  yield* fs.writeFileString(`${directory}/later.cjs`, "module.exports = require('./program.cjs').answer()")

  const handle = ({ command = "list", environment = {}, preload }: Options = {}) =>
    ChildProcess.make(process.execPath, [
      ...(preload === undefined ? [] : ["--import", `data:text/javascript,${preload}`]),
      `${directory}/main.mjs`,
      start,
      file,
      command
    ], {
      env: { NODE_COMPILE_CACHE: `${directory}/cache`, ...environment },
      extendEnv: true,
      stdin: "pipe"
    })

  /** What it says, and its exit code. */
  const run = (options?: Options) =>
    Effect.scoped(Effect.gen(function*() {
      const program = yield* handle(options)
      const [said] = yield* Effect.all([
        Stream.mkString(Stream.decodeText(program.all)),
        Stream.run(Stream.empty, program.stdin)
      ], { concurrency: "unbounded" })
      const code: number = yield* program.exitCode
      return [said.trim(), code] as const
    }))

  const write = (source: string) => fs.writeFileString(file, source)

  /** The files with code that was kept. */
  const kept = Effect.gen(function*() {
    if (!(yield* fs.exists(`${directory}/cache`))) return []
    const names = yield* fs.readDirectory(`${directory}/cache`, { recursive: true })
    return names.filter((name) => name.includes("program-")).map((name) => `${directory}/cache/${name}`).toSorted()
  })

  return { directory, fs, handle, kept, run, write }
})

layer(NodeServices.layer, { excludeTestServices: true })("the start of a program", (it) => {
  it.effect("runs the code that an earlier start has left, where it is the same build", () =>
    Effect.gen(function*() {
      const { run, write } = yield* makeProgram
      yield* write(answering(1))
      assert.deepStrictEqual(yield* run(), ["1 1", 0])
      // Nobody does this: it shows that the code is not compiled again.
      yield* write(answering(2))
      assert.deepStrictEqual(yield* run(), ["1 1", 0])
      yield* write(answering(3, "fedcba9876543210"))
      assert.deepStrictEqual(yield* run(), ["3 3", 0])
      yield* write(answering(2))
      assert.deepStrictEqual(yield* run({ command: "show" }), ["2 2", 0])
    }))

  it.effect("leaves none where it has failed, or where Node is told to keep none", () =>
    Effect.gen(function*() {
      const { kept, run, write } = yield* makeProgram
      yield* write(`${answering(1)}; process.exitCode = 3`)
      assert.deepStrictEqual(yield* run(), ["1 1", 3])
      yield* write(answering(1))
      assert.deepStrictEqual(yield* run({ environment: { NODE_DISABLE_COMPILE_CACHE: "1" } }), ["1 1", 0])
      assert.deepStrictEqual(yield* kept, [])
      yield* run()
      assert.lengthOf(yield* kept, 1)
    }))

  it.effect("does not run code that is damaged, and leaves other", () =>
    Effect.gen(function*() {
      const { fs, kept, run, write } = yield* makeProgram
      yield* write(answering(1))
      yield* run()
      const [file] = yield* kept
      const whole = yield* fs.readFile(file!)
      // The name of a module that there is not.
      const changed = Uint8Array.from(whole)
      changed[Buffer.from(whole).indexOf("later.cjs")]! += 1
      const empty = new Uint8Array()
      for (
        const damaged of [
          whole.slice(0, whole.length >> 1),
          whole.slice(0, -1),
          changed,
          whole.map(() => 0),
          empty
        ]
      ) {
        yield* fs.writeFile(file!, damaged)
        assert.deepStrictEqual(yield* run(), ["1 1", 0])
        assert.strictEqual((yield* fs.readFile(file!)).length, whole.length)
        assert.deepStrictEqual(yield* kept, [file])
      }
    }))

  it.effect.skipIf(!isRoot)("does not run code of somebody else", () =>
    Effect.gen(function*() {
      const { fs, kept, run, write } = yield* makeProgram
      yield* write(answering(1))
      yield* run()
      const [file] = yield* kept
      yield* fs.chown(file!, 65_534, 65_534)
      yield* write(answering(2))
      assert.deepStrictEqual(yield* run(), ["2 2", 0])
    }))

  it.effect("runs the program where it can leave nothing", () =>
    Effect.gen(function*() {
      const { directory, fs, kept, run, write } = yield* makeProgram
      yield* write(answering(1))
      yield* fs.writeFileString(`${directory}/file`, "")
      assert.deepStrictEqual(yield* run({ environment: { NODE_COMPILE_CACHE: `${directory}/file` } }), ["1 1", 0])

      yield* run()
      const [file] = yield* kept
      yield* fs.remove(file!)
      yield* fs.makeDirectory(file!)
      assert.deepStrictEqual(yield* run(), ["1 1", 0])
      assert.deepStrictEqual(yield* kept, [file])
    }))

  it.effect("leaves it where nobody else can leave anything, or nowhere", () =>
    Effect.gen(function*() {
      const { directory, fs, run, write } = yield* makeProgram
      const options = { environment: { NODE_COMPILE_CACHE: undefined, TMPDIR: directory } }
      const own = `${directory}/zag-code-${process.getuid?.() ?? ""}`
      yield* write(answering(1))
      assert.deepStrictEqual(yield* run(options), ["1 1", 0])
      assert.strictEqual((yield* fs.stat(own)).mode & 0o777, 0o700)
      yield* write(answering(2))
      assert.deepStrictEqual(yield* run(options), ["1 1", 0])

      yield* fs.chmod(own, 0o777)
      assert.deepStrictEqual(yield* run(options), ["2 2", 0])
      yield* fs.rename(own, `${own}-other`)
      yield* fs.chmod(`${own}-other`, 0o700)
      yield* fs.symlink(`${own}-other`, own)
      assert.deepStrictEqual(yield* run(options), ["2 2", 0])
    }))

  it.effect("leaves the code of a program that goes on", () =>
    Effect.gen(function*() {
      const { handle, kept, run, write } = yield* makeProgram
      yield* write(`${answering(1)}; ${waits}`)
      const program = yield* handle({ preload: soon })
      const found = kept.pipe(
        Effect.filterOrFail((files) => files.some((file) => file.endsWith(identity))),
        Effect.eventually
      )
      yield* Effect.timeout(found, "20 seconds")
      assert.isTrue(yield* program.isRunning)
      yield* Stream.run(Stream.empty, program.stdin)
      assert.strictEqual(yield* program.exitCode, 0)
      yield* write(`${answering(2)}; ${waits}`)
      assert.deepStrictEqual(yield* run(), ["1 1", 0])
    }))
})
