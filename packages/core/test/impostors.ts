/**
 * What may stand in the place of a file.
 */
import { assert } from "@effect/vitest"
import { Effect, FileSystem, Path } from "effect"
import { ChildProcess, ChildProcessSpawner } from "effect/process"

const remove = Effect.fnUntraced(function*(path: string) {
  const fs = yield* FileSystem.FileSystem
  yield* fs.remove(path, { force: true })
  yield* fs.makeDirectory((yield* Path.Path).dirname(path), { recursive: true })
  return fs
})

/** Ways to put something there, and what is said of it then. */
export const impostors = [
  {
    name: "FIFO",
    put: Effect.fnUntraced(function*(path: string) {
      const spawner = yield* ChildProcessSpawner.ChildProcessSpawner
      yield* remove(path)
      assert.strictEqual(yield* spawner.exitCode(ChildProcess.make("mkfifo", [path])), 0)
    }),
    problem: /it is not a regular file/
  },
  {
    name: "device",
    put: (path: string) => Effect.flatMap(remove(path), (fs) => fs.symlink("/dev/zero", path)),
    problem: /it is not a regular file/
  },
  {
    name: "directory",
    put: (path: string) => Effect.flatMap(remove(path), (fs) => fs.makeDirectory(path)),
    problem: /it is not a regular file|EISDIR/
  },
  {
    name: "link to itself",
    put: (path: string) => Effect.flatMap(remove(path), (fs) => fs.symlink(path, path)),
    problem: /ELOOP/
  }
] as const
