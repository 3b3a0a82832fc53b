/**
 * Runs a command line of `zag` in this process, on a registry file of its own
 * and a process table that the test writes.
 */
import { NodeServices } from "@effect/platform-node"
import * as JsonSchemas from "@zag/core/ajv"
import { ProcessControl } from "@zag/core/ProcessControl"
import { ProcessRegistration } from "@zag/core/ProcessRegistration"
import { ProcessStore } from "@zag/core/ProcessStore"
import { SessionEvents } from "@zag/core/SessionEvents"
import { SessionLog } from "@zag/core/SessionLog"
import { SessionStore } from "@zag/core/SessionStore"
import { Sidecar } from "@zag/core/Sidecar"
import { layerOsProcess, type TestProcess } from "@zag/core/testing"
import { ZagHome } from "@zag/core/ZagHome"
import { ConfigProvider, Effect, FileSystem, Layer, Logger, type PlatformError } from "effect"
import { TestConsole } from "effect/testing"
import * as Cli from "../src/Cli.ts"
import * as Failure from "../src/Failure.ts"

export interface Options {
  /** The content of `processes.json`; there is none by default. */
  readonly file?: string | null
  readonly env?: Record<string, string>
  readonly processes?: ReadonlyArray<TestProcess>
  /** Puts more into the home before the command runs. */
  readonly prepare?: (home: string) => Effect.Effect<void, PlatformError.PlatformError, FileSystem.FileSystem>
}

export const runCli = (args: ReadonlyArray<string>, options: Options = {}) =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const home = yield* fs.makeTempDirectoryScoped()
    const file = `${home}/processes.json`
    if (typeof options.file === "string") yield* fs.writeFileString(file, options.file)
    if (options.prepare !== undefined) yield* options.prepare(home)
    const services = Layer.mergeAll(ProcessControl.layer, ProcessRegistration.layer).pipe(
      Layer.provide(JsonSchemas.layer),
      Layer.provideMerge(SessionEvents.layer),
      Layer.provideMerge(Layer.merge(SessionStore.layer, SessionLog.layer)),
      Layer.provideMerge(ProcessStore.layer),
      Layer.provideMerge(Sidecar.layerSqlite),
      Layer.provideMerge(Layer.mergeAll(layerOsProcess(options.processes), ZagHome.layerAt(home))),
      Layer.orDie
    )
    const exit = yield* Cli.runNoDeps(args).pipe(
      Effect.provide(services),
      Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromEnv({ env: options.env ?? {} })),
      Effect.provideService(Logger.LogToStderr, true),
      Effect.exit
    )
    const after = (yield* fs.exists(file)) ? withMark.decode(yield* fs.readFile(file)) : null
    return {
      exitCode: Failure.exitCodeOf(exit),
      stdout: lines(yield* TestConsole.logLines),
      stderr: lines(yield* TestConsole.errorLines),
      home,
      after
    }
  }).pipe(Effect.scoped, Effect.provide([NodeServices.layer, Layer.fresh(TestConsole.layer)]))

// A byte order mark is part of what must stay.
const withMark = new TextDecoder("utf-8", { ignoreBOM: true })

const lines = (printed: ReadonlyArray<unknown>): string => printed.map((line) => `${String(line)}\n`).join("")

/** The one JSON value that was printed. */
export const parseJson = (printed: string): unknown => JSON.parse(printed)
