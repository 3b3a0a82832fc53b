/**
 * A pid namespace and a session of its own, in which nothing can hit what is
 * outside, whatever is wrong with the code under test.
 */
import { Effect, FileSystem, Path, Stream } from "effect"
import { ChildProcess } from "effect/process"
// @effect-diagnostics-next-line nodeBuiltinImport:off -- whether to skip is asked before any test runs
import * as NodeChildProcess from "node:child_process"

const unshare = ["setsid", "-w", "unshare", "-p", "-f", "--mount-proc", "--kill-child"] as const

/** Root alone may make one. */
export const canUnshare = process.platform === "linux" && process.getuid?.() === 0 &&
  NodeChildProcess.spawnSync(unshare[0], [...unshare.slice(1), "true"]).status === 0

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
    unshare[0],
    [...unshare.slice(1), "sh", "-c", script, process.execPath, file, home],
    { stdin: "ignore", stderr: "inherit", detached: false, killSignal: "SIGKILL" }
  )
  return yield* jail.stdout.pipe(Stream.decodeText, Stream.splitLines, Stream.runCollect)
})
