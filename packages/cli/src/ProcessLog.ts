/**
 * What a process in the background has said.
 */
import { ZagHome } from "@zag/core/ZagHome"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import * as Stream from "effect/Stream"

/** Where the logs are. */
export const directory = Effect.gen(function*() {
  const path = yield* Path.Path
  return path.resolve((yield* ZagHome).directory, "logs", "ps")
})

/** There is no log to be shown. */
export class LogUnreadable extends Data.TaggedError("LogUnreadable")<{
  readonly id: string
  readonly path: string
  readonly problem: string | undefined
}> {
  override get message(): string {
    return this.problem === undefined
      ? `Process ${this.id} has no log: only zag ps run --detach writes one (${this.path})`
      : `The log of process ${this.id} cannot be read: ${this.path}: ${this.problem}`
  }
}

// Nobody reads faster.
const pause = "50 millis"

/**
 * All of the log, and what is written to it until `ended` says that nothing
 * more comes.
 */
export const read = <E, R>(id: string, ended: Effect.Effect<boolean, E, R>) =>
  Stream.unwrap(Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const log = path.join(yield* directory, `${id}.log`)
    // An id may be any text, and must not lead elsewhere.
    const isName = path.basename(log) === `${id}.log`
    const file = yield* (isName ? Effect.asSome(fs.open(log)) : Effect.succeedNone).pipe(
      Effect.catchReason("PlatformError", "NotFound", () => Effect.succeedNone),
      Effect.mapError((error) => new LogUnreadable({ id, path: log, problem: error.message }))
    )
    if (Option.isNone(file)) return yield* new LogUnreadable({ id, path: log, problem: undefined })
    const next = Effect.gen(function*() {
      while (true) {
        // In this order: what was said before the end is there when it is read after that.
        const isOver = yield* ended
        const chunk = yield* Effect.mapError(
          file.value.readAlloc(65_536),
          (error) => new LogUnreadable({ id, path: log, problem: error.message })
        )
        if (Option.isSome(chunk)) return [chunk.value, undefined] as const
        if (isOver) return undefined
        yield* Effect.sleep(pause)
      }
    })
    return Stream.unfold(undefined, () => next)
  }))
