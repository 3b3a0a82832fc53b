/**
 * Deleting what ended sessions leave behind beside the registry.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import * as Schema from "effect/Schema"
import * as Environment from "./Environment.ts"
import { describe } from "./internal/disk.ts"
import { leastAge } from "./internal/leastAge.ts"
import { LogSummaryScan, readOn } from "./internal/logSummary.ts"
import { ProcessControl } from "./ProcessControl.ts"
import type { ProcessControlError } from "./ProcessControlError.ts"
import type { ProcessStoreError } from "./ProcessStoreError.ts"
import { ZagHome } from "./ZagHome.ts"

/**
 * Which files are to go.
 *
 * @category models
 * @since 0.1.0
 */
export interface CleanupOptions {
  /** Only files that were last changed longer ago. None for what is negative, or no number. */
  readonly olderThan: Duration.Input
  /** Leaves the logs of sessions. */
  readonly keepLogs?: boolean | undefined
  /** Deletes nothing, and answers what would go. */
  readonly dryRun?: boolean | undefined
}

/**
 * The paths of the files that are gone, or would go.
 *
 * @category models
 * @since 0.1.0
 */
export interface CleanedFiles {
  /** Those in `events`, by which `zag` tells that a session has begun or ended. */
  readonly lifecycleMarkers: ReadonlyArray<string>
  /** What sessions of `zag spawn` have said. */
  readonly spawnLogs: ReadonlyArray<string>
  /** Logs in which the end of their session stands. */
  readonly sessionLogs: ReadonlyArray<string>
}

/**
 * Nobody can say which sessions have ended. Nothing was deleted.
 *
 * @category errors
 * @since 0.1.0
 */
export class SessionsUncertain extends Schema.TaggedError<SessionsUncertain>()("SessionsUncertain", {
  unreadable: Schema.Int
}) {
  override get message(): string {
    const entries = this.unreadable === 1 ? "1 entry" : `${this.unreadable} entries`
    return `Nothing was deleted: ${entries} of the registry cannot be read, and may be of sessions that run. ` +
      "zag ps doctor says what is wrong."
  }
}

/**
 * Deletes what ended sessions leave behind beside the registry: what `zag gc`
 * deletes, but for the entries themselves.
 *
 * **Details**
 *
 * A file stays as long as a process of its session runs, or may run. It cannot
 * be brought back.
 *
 * @category services
 * @since 0.1.0
 */
export class SessionCleanup extends Context.Service<SessionCleanup, {
  clean(
    options: CleanupOptions
  ): Effect.Effect<CleanedFiles, SessionsUncertain | ProcessControlError | ProcessStoreError>
}>()("@zag/core/SessionCleanup") {
  static readonly layer: Layer.Layer<
    SessionCleanup,
    never,
    ProcessControl | ZagHome | FileSystem.FileSystem | Path.Path
  > = Layer.effect(
    SessionCleanup,
    Effect.gen(function*() {
      return make({
        control: yield* ProcessControl,
        fs: yield* FileSystem.FileSystem,
        path: yield* Path.Path,
        home: (yield* ZagHome).directory
      })
    })
  )
}

interface Services {
  readonly control: ProcessControl["Service"]
  readonly fs: FileSystem.FileSystem
  readonly path: Path.Path
  readonly home: string
}

const hasEnded = (file: string) => {
  const scan = new LogSummaryScan()
  return Effect.matchEager(readOn(file, scan), {
    onSuccess: () => scan.end !== undefined,
    onFailure: () => false
  })
}

const make = ({ control, fs, home, path }: Services): SessionCleanup["Service"] => {
  /** None of a directory that is not there, or is not to be read. */
  const namesIn = (directory: string) => Effect.orElseSucceed(fs.readDirectory(directory), () => [])

  /** The sessions of processes that run, or may run where nobody can see them from here. */
  const liveSessions = Effect.gen(function*() {
    const { processes, unreadable } = yield* control.list({ status: ["running", "unknown"] })
    if (unreadable.length > 0) return yield* new SessionsUncertain({ unreadable: unreadable.length })
    return new Set(processes.map(({ sessionId }) => sessionId))
  })

  /** A regular file that nobody has changed since; a link is none. */
  const isOld = (file: string, before: number) =>
    Effect.matchEager(fs.lstat(file), {
      onSuccess: ({ mtime, type }) => type === "File" && Option.exists(mtime, (changed) => changed.getTime() < before),
      onFailure: () => false
    })

  /** Answers whether it is gone. */
  const remove = (file: string) =>
    Effect.matchEffect(fs.remove(file), {
      onSuccess: () => Effect.succeed(true),
      onFailure: (error) => Effect.as(Effect.logWarning(`Not deleted: ${file}: ${describe(error)}`), false)
    })

  const sessionDirectories = Effect.fnUntraced(function*(userLogs: ReadonlyArray<string>) {
    const projects = path.join(home, "projects")
    const logs = (yield* namesIn(projects)).map((name) => path.join(projects, name, "logs"))
    return [...logs, path.join(home, "logs"), ...userLogs].map((directory) => path.join(directory, "sessions"))
  })

  return SessionCleanup.of({
    clean: Effect.fn("SessionCleanup.clean")(function*({ dryRun, keepLogs, olderThan }) {
      const live = yield* liveSessions
      const before = (yield* Clock.currentTimeMillis) - leastAge(olderThan)
      const userLogs = Option.toArray(yield* Environment.userLogDirectory)

      const clean = Effect.fnUntraced(function*(
        directory: string,
        mayGo: (file: string) => Effect.Effect<boolean> = () => Effect.succeed(true)
      ) {
        const gone: Array<string> = []
        for (const name of (yield* namesIn(directory)).toSorted()) {
          const file = path.join(directory, name)
          if (live.has(path.parse(name).name) || !(yield* isOld(file, before)) || !(yield* mayGo(file))) continue
          if (dryRun === true || (yield* remove(file))) gone.push(file)
        }
        return gone
      })

      const spawnDirectories = [path.join(home, "logs"), ...userLogs].map((logs) => path.join(logs, "spawn"))
      const logDirectories = keepLogs === true ? [] : yield* sessionDirectories(userLogs)
      return {
        lifecycleMarkers: yield* clean(path.join(home, "events")),
        spawnLogs: (yield* Effect.forEach(spawnDirectories, (directory) => clean(directory))).flat(),
        sessionLogs: (yield* Effect.forEach(
          logDirectories,
          (directory) => clean(directory, (file) => file.endsWith(".jsonl") ? hasEnded(file) : Effect.succeed(false))
        )).flat()
      } satisfies CleanedFiles
    })
  })
}
