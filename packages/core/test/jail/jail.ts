/**
 * A pid namespace and a session of its own, in which nothing can hit what is
 * outside, whatever is wrong with the code under test.
 */
import { Effect, FileSystem, Path, Stream } from "effect"
import { ChildProcess } from "effect/process"
import { unshare } from "../unshare.ts"

/**
 * Runs a shell script there, with `$0` for Node, `$1` for a program of this
 * directory and `$2` for a home; answers the lines that it prints.
 */
export const runInJail = Effect.fnUntraced(function*(script: string, program: string) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const home = yield* fs.makeTempDirectoryScoped({ prefix: "zag-jail-" })
  yield* fs.chmod(home, 0o755)
  const file = yield* path.fromFileUrl(new URL(program, import.meta.url))
  const jail = yield* ChildProcess.make(
    "setsid",
    ["-w", ...unshare, "sh", "-c", script, process.execPath, file, home],
    { stdin: "ignore", stderr: "inherit", detached: false, killSignal: "SIGKILL" }
  )
  return yield* jail.stdout.pipe(Stream.decodeText, Stream.splitLines, Stream.runCollect)
})
