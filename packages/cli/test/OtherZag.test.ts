import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { ChildProcess, ChildProcessSpawner } from "effect/process"
import { fileURLToPath } from "node:url"
import { firstLine, makeHome, services } from "./spawnZag.ts"

const bin = fileURLToPath(new URL("../src/bin.ts", import.meta.url))

const executable = new URL("../src/Executable.ts", import.meta.url).href

const secondName = fileURLToPath(new URL("../bin/zag-ps.cjs", import.meta.url))

/** A home, and a directory with a `zag` in it, which stands first on the path. */
const makeOther = Effect.fnUntraced(function*(script: string, mode = 0o755) {
  const fs = yield* FileSystem.FileSystem
  const home = yield* makeHome
  const directory = `${home.directory}/other`
  yield* fs.makeDirectory(directory)
  yield* fs.writeFileString(`${directory}/zag`, script, { mode })
  const run = (...args: ReadonlyArray<string>) =>
    home.run(args, { stdin: "question", env: { PATH: `${directory}:/usr/bin:/bin` } })
  return { ...home, other: directory, run }
})

const none = (word: string) =>
  `Error: There is no \`zag ${word}\` here: this zag lists and ends registered agents, with \`zag ps\`. ` +
  "The original zag runs them, and is not further down your PATH. " +
  "Get it with `cargo install zag-cli`, and leave it behind this one on your PATH.\n"

describe("a command that is not ours", () => {
  it.live("is done by the other zag, which gets everything and answers for itself", () =>
    Effect.gen(function*() {
      const { run } = yield* makeOther("#!/bin/sh\necho \"$# $*\"; cat; echo oops >&2; exit 7\n")
      const ended = yield* run("exec", "-p", "claude", "--json", "a  b")
      assert.deepStrictEqual(ended, { exitCode: 7, stdout: "5 exec -p claude --json a  b\nquestion", stderr: "oops\n" })
      assert.strictEqual((yield* run("--debug", "run")).stdout, "2 --debug run\nquestion")
    }).pipe(Effect.scoped, Effect.provide(services)))

  it.live("is done in our place: nothing stands between it and the signals", () =>
    Effect.gen(function*() {
      const { other, start } = yield* makeOther(
        "#!/bin/sh\ntrap 'echo bye; exit 3' TERM; echo $$; while :; do sleep 0.05; done\n"
      )
      const zag = yield* start(["exec"], { env: { PATH: `${other}:/usr/bin:/bin` } })
      assert.strictEqual(Number(yield* firstLine(zag.handle.stdout)), zag.pid)
      process.kill(zag.pid, "SIGTERM")
      assert.strictEqual(Number(yield* zag.handle.exitCode), 3)
    }).pipe(Effect.scoped, Effect.provide(services)))

  it.live("is refused where there is no other, with what this one does and how to get that", () =>
    Effect.gen(function*() {
      const { directory, run } = yield* makeHome
      const env = { PATH: `:${directory}:/nowhere:/usr/bin:/bin` }
      const ended = yield* run(["exec", "x"], { env })
      assert.deepStrictEqual(ended, { exitCode: 1, stdout: "", stderr: none("exec") })
      const json = yield* run(["exec", "--json"], { env })
      assert.strictEqual(json.stderr.slice(0, 33), "{\"error\":{\"code\":\"no_other_zag\",\"")
    }).pipe(Effect.scoped, Effect.provide(services)))

  it.live("is not handed to what cannot be run, nor to this program by another name", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const { directory, run } = yield* makeOther("#!/bin/sh\necho wrong\n", 0o644)
      assert.strictEqual((yield* run("exec")).stderr, none("exec"))
      for (const [name, target] of [["linked", bin], ["directory", directory], ["dangling", "/nowhere"]] as const) {
        yield* fs.makeDirectory(`${directory}/${name}`)
        yield* fs.symlink(target, `${directory}/${name}/zag`)
      }
      const { run: withLinks } = yield* makeHome
      const PATH = ["linked", "directory", "dangling"].map((name) => `${directory}/${name}`).join(":")
      assert.strictEqual((yield* withLinks(["exec"], { env: { PATH } })).stderr, none("exec"))
    }).pipe(Effect.scoped, Effect.provide(services)))

  it.live("is handed to what cannot be run as in a shell, which says so", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const { other, run } = yield* makeOther("")
      const file = `${other}/zag`
      for (
        const [content, exitCode] of [
          ["\u0001\0\u0002\u0003", 126],
          ["#!/no/such/interpreter\n", 127],
          // A shell runs these two.
          ["exit 7\n", 7],
          ["", 0]
        ] as const
      ) {
        yield* fs.writeFileString(file, content)
        const ended = yield* run("exec")
        assert.deepInclude(ended, { exitCode, stdout: "" }, content)
        assert.strictEqual(ended.stderr.includes(file), exitCode > 7, ended.stderr)
      }
    }).pipe(Effect.scoped, Effect.provide(services)))

  it.live("is handed to the first that this user may execute", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const spawner = yield* ChildProcessSpawner.ChildProcessSpawner
      // Others may execute it, or their owner may.
      const { directory, other } = yield* makeOther("#!/bin/sh\n", process.getuid?.() === 0 ? 0o700 : 0o611)
      yield* fs.chmod(directory, 0o755)
      const mayExecute = `const { isExecutable } = await import(process.argv[1])
        if (process.getuid() === 0) process.setuid(65_534)
        console.log(isExecutable(process.argv[2]), isExecutable("/bin/sh"), isExecutable("/bin"))`
      const args = ["--conditions=@zag/source", "--input-type=module", "-e", mayExecute, executable, `${other}/zag`]
      assert.strictEqual(yield* spawner.string(ChildProcess.make(process.execPath, args)), "false true false\n")
    }).pipe(Effect.scoped, Effect.provide(services)))

  it.live("is not handed back and forth by one that starts this program again", () =>
    Effect.gen(function*() {
      const { run } = yield* makeOther(`#!/bin/sh\nexec '${process.execPath}' --conditions=@zag/source '${bin}' "$@"\n`)
      assert.deepStrictEqual(yield* run("exec"), { exitCode: 1, stdout: "", stderr: none("exec") })
    }).pipe(Effect.scoped, Effect.provide(services)))
})

describe("zag-ps", () => {
  it.live("is zag ps, with all that follows", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const directory = yield* fs.makeTempDirectoryScoped({ prefix: "zag-test-" })
      yield* fs.copyFile(secondName, `${directory}/zag-ps.cjs`)
      yield* fs.writeFileString(`${directory}/package.json`, "{\"type\":\"module\"}")
      yield* fs.writeFileString(`${directory}/zag.cjs`, "console.log(process.argv.slice(1).join(\"\\n\"))")
      const spawner = yield* ChildProcessSpawner.ChildProcessSpawner
      const said = yield* spawner.string(
        ChildProcess.make(process.execPath, [`${directory}/zag-ps.cjs`, "list", "-n", "5"])
      )
      assert.strictEqual(said, `${yield* fs.realPath(directory)}/zag.cjs\nps\nlist\n-n\n5\n`)
    }).pipe(Effect.scoped, Effect.provide(services)))
})
