/**
 * `zag ps run --detach`: this program a second time, in a session of its own, as
 * the parent of the agent, so that somebody learns how the agent ends.
 *
 * The first program opens the log, which is standard output and error of the
 * second, and waits at a pipe. The second one says there what it has started; or
 * it ends without a word, and then the log says why and its exit code counts.
 */
import * as Config from "effect/Config"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import * as Random from "effect/Random"
import * as Schema from "effect/Schema"
import * as Stdio from "effect/Stdio"
import * as String from "effect/String"
// @effect-diagnostics-next-line nodeBuiltinImport:off -- Effect's files do not show their descriptors
import { closeSync, openSync, writeSync } from "node:fs"
import { ExitWith } from "./ExitWith.ts"
import * as ForegroundProcess from "./ForegroundProcess.ts"
import * as ProcessLog from "./ProcessLog.ts"

/** What was started in the background. */
export const Started = Schema.Struct({ id: Schema.String, pid: Schema.Int, log: Schema.String })

export type Started = typeof Started.Type

const StartedLine = Schema.fromJsonString(Started)

/** The log could not be made, so nothing was started. */
export class LogFailed extends Data.TaggedError("LogFailed")<{ readonly path: string; readonly problem: string }> {
  override get message(): string {
    return `The log could not be made, so nothing was started: ${this.path}: ${this.problem}`
  }
}

/** Tells the second program what it is, and where the log is that it gives its name to. */
const variable = "ZAG_RUN_STARTING_LOG"

/** The descriptor at which the second program answers. */
const answers = 3

/** What the agent of the second program must not inherit. */
export const environment = { [variable]: undefined } as const

/** The log that this program was started with, if it is the second one. */
export const startingLog: Effect.Effect<Option.Option<string>> = Effect.orDie(
  Config.map(Config.option(Config.String(variable)), Option.filter(String.isNonEmpty))
)

const openLog = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const logs = yield* ProcessLog.directory
  const log = path.join(logs, `.starting-${process.pid}-${yield* Random.nextIntBetween(0, 2 ** 32)}`)
  const failed = (problem: string) => new LogFailed({ path: logs, problem })
  // What the agent says is for nobody else.
  yield* Effect.mapError(
    fs.makeDirectory(logs, { recursive: true, mode: 0o700 }),
    (error) => failed(error.reason.description ?? error.message)
  )
  const fd = yield* Effect.acquireRelease(
    Effect.try({
      try: () => openSync(log, "ax", 0o600),
      catch: (error) => failed(error instanceof Error ? error.message : globalThis.String(error))
    }),
    (fd) => Effect.sync(() => closeSync(fd))
  )
  return { log, fd }
})

/** What the second program answers; it has ended when it answers nothing. */
const launch = (args: ReadonlyArray<string>, fd: number, log: string) =>
  ForegroundProcess.spawnChild<string, ForegroundProcess.ChildExit>(
    process.execPath,
    [...process.execArgv, process.argv[1] ?? "", ...args],
    {
      stdio: ["ignore", fd, fd, "pipe"],
      // Out of reach of the terminal, also when that closes.
      detached: true,
      windowsHide: true,
      env: { ...process.env, [variable]: log }
    },
    (child, resume) => {
      const pipe = child.stdio[answers] as NodeJS.ReadableStream
      let answer = ""
      pipe.setEncoding("utf8")
      pipe.on("data", (text: string) => {
        answer += text
      })
      pipe.on("end", () => answer !== "" && resume(Effect.succeed(answer)))
      // Not before all that it said has been read.
      child.on("close", (code, signal) => answer === "" && resume(Effect.fail({ code, signal })))
      child.unref()
    }
  )

/** The first program: starts the second one with the same arguments, and answers what that has started. */
export const start = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const stdio = yield* Stdio.Stdio
  const { fd, log } = yield* openLog
  const answer = yield* launch(yield* stdio.args, fd, log).pipe(
    Effect.tapError(() =>
      fs.readFileString(log).pipe(
        Effect.tap((text) => Effect.sync(() => process.stderr.write(text))),
        Effect.andThen(fs.remove(log)),
        Effect.ignore
      )
    ),
    Effect.mapError((error) => "signal" in error ? new ExitWith({ code: ForegroundProcess.exitCodeOf(error) }) : error)
  )
  return yield* Effect.orDie(Schema.decodeEffect(StartedLine)(answer))
}).pipe(Effect.scoped)

/** The second program: names the log after the entry, and answers the first one. */
export const report = Effect.fn("Detached.report")(function*(starting: string, id: string, pid: number) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const named = path.join(path.dirname(starting), `${id}.log`)
  const log = yield* Effect.match(fs.rename(starting, named), { onSuccess: () => named, onFailure: () => starting })
  const answer = yield* Effect.orDie(Schema.encodeEffect(StartedLine)({ id, pid, log }))
  yield* Effect.sync(() => {
    try {
      writeSync(answers, answer)
      closeSync(answers)
    } catch {
      // The first program was ended. The agent runs, and the registry says so.
    }
  })
})
