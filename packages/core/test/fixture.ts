/**
 * Outputs of programs of other systems, written down after their manuals and
 * sources.
 */
import { Effect, FileSystem, Path } from "effect"

export const fixture = Effect.fnUntraced(function*(name: string) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  return yield* fs.readFileString(yield* path.fromFileUrl(new URL(`fixtures/${name}`, import.meta.url)))
})
