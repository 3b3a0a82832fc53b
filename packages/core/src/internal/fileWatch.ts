/**
 * When to look at a file again.
 */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"

// For what watching misses: a directory that is not there yet, a network file system.
const slow = "2 seconds"

/** Ticks when the file may have changed. */
export const make = Effect.fnUntraced(function*(file: string) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const name = path.basename(file)

  // The directory, because the file itself is replaced and not changed.
  const watched = fs.watch(path.dirname(file)).pipe(
    Stream.filter((event) => path.basename(event.path) === name),
    Stream.retry(Schedule.spaced(slow)),
    Stream.orDie
  )

  return Stream.merge(watched, Stream.tick(slow)).pipe(Stream.map(() => undefined))
})
