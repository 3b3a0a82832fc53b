/**
 * Temporary files of the registry whose writers will not come back for them.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import { OsProcess } from "../OsProcess.ts"

export interface Orphan {
  readonly path: string
  readonly why: string
}

/** The name of a temporary file of ours, as `zag` names its own: no reader of the directory mistakes it for data. */
export const temporaryName = (pid: number, random: number): string =>
  `.processes.json.${pid}.${random.toString(16).padStart(8, "0")}.tmp`

// The groups are the pid of the writer, and what is a counter from 0 if `zag` wrote it.
const anyTemporaryName = /^\.processes\.json\.(\d+)\.([0-9a-f]+)\.tmp$/

// Writing one takes milliseconds. A pid says little when it was given out again.
const longestWrite = 60_000

// And little of a `zag` in another container, where the same pid means another process. Ours hold the lock.
const longestWriteOfZag = 10_000

export const make = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const os = yield* OsProcess

  const ageOf = Effect.fnUntraced(function*(file: string) {
    const modified = Option.flatMap(yield* Effect.option(fs.stat(file)), ({ mtime }) => mtime)
    const now = yield* Clock.currentTimeMillis
    return Option.match(modified, { onNone: () => 0, onSome: (time) => now - time.getTime() })
  })

  const judge = Effect.fnUntraced(function*(file: string, pid: number, ours: boolean) {
    const gone = (yield* os.inspect(pid))._tag === "Gone"
    const age = gone && ours ? 0 : yield* ageOf(file)
    if (gone && (ours || age > longestWriteOfZag)) return Option.some<Orphan>({ path: file, why: `pid ${pid} is gone` })
    return age > longestWrite
      ? Option.some<Orphan>({ path: file, why: "nobody has written to it for more than a minute" })
      : Option.none<Orphan>()
  })

  /** The orphans among the names in a directory. */
  return Effect.fnUntraced(function*(directory: string, names: ReadonlyArray<string>) {
    const orphans: Array<Orphan> = []
    for (const name of names) {
      const [, pid, counter] = anyTemporaryName.exec(name) ?? []
      if (pid === undefined) continue
      const orphan = yield* judge(path.join(directory, name), Number(pid), counter!.length === 8)
      orphans.push(...Option.toArray(orphan))
    }
    return orphans as ReadonlyArray<Orphan>
  })
})
