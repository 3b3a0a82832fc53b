/**
 * Temporary files of the registry whose writers will not come back for them.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import { OsProcess } from "../OsProcess.ts"
import { temporaryName } from "./storeFile.ts"

export interface Orphan {
  readonly path: string
  readonly why: string
}

// Writing one takes milliseconds. A pid says little of a writer in another container, or when it was given out again.
const longestWrite = 60_000

export const make = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const os = yield* OsProcess

  const judge = Effect.fnUntraced(function*(file: string, pid: number) {
    if ((yield* os.inspect(pid))._tag === "Gone") return Option.some<Orphan>({ path: file, why: `pid ${pid} is gone` })
    const modified = Option.flatMap(yield* Effect.option(fs.stat(file)), ({ mtime }) => mtime)
    const now = yield* Clock.currentTimeMillis
    return Option.isSome(modified) && now - modified.value.getTime() > longestWrite
      ? Option.some<Orphan>({ path: file, why: "nobody has written to it for more than a minute" })
      : Option.none<Orphan>()
  })

  const findIn = Effect.fnUntraced(function*(directory: string) {
    // A directory that cannot be listed shows no temporary files.
    const names = yield* Effect.orElseSucceed(fs.readDirectory(directory), (): Array<string> => [])
    const orphans: Array<Orphan> = []
    for (const name of names.toSorted()) {
      const pid = temporaryName.exec(name)?.[1]
      if (pid === undefined) continue
      orphans.push(...Option.toArray(yield* judge(path.join(directory, name), Number(pid))))
    }
    return orphans
  })

  /** The orphans in some directories. */
  return (directories: ReadonlyArray<string>): Effect.Effect<ReadonlyArray<Orphan>> =>
    Effect.map(Effect.forEach(directories, findIn), (found) => found.flat())
})
