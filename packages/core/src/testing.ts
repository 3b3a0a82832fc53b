/**
 * Layers for tests: a registry in memory and a process table that the test
 * writes. No real process is ever looked at or signalled.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import {
  NoSuchProcess,
  NotPermitted,
  OsProcess,
  OsProcessError,
  type PidState,
  refuse,
  type Signal
} from "./OsProcess.ts"
import { ProcessControl } from "./ProcessControl.ts"
import { ProcessRegistration } from "./ProcessRegistration.ts"
import { ProcessStore } from "./ProcessStore.ts"

/**
 * One process of the table.
 *
 * @category models
 * @since 0.1.0
 */
export interface TestProcess {
  readonly pid: number
  /** What it is; running with an unknown start time by default. */
  readonly state?: PidState
  /** Signals that do not end it. */
  readonly ignores?: ReadonlyArray<Signal>
  /** It belongs to another user. */
  readonly foreign?: boolean
}

/**
 * The process table behind {@link layerOsProcess}, for a test to change and to
 * ask.
 *
 * @category services
 * @since 0.1.0
 */
export class ProcessTable extends Context.Service<ProcessTable, {
  /** Adds a process, in place of the one that had its pid. */
  set(process: TestProcess): Effect.Effect<void>
  /** Takes a process out of the table. */
  end(pid: number): Effect.Effect<void>
  /** Every signal that reached a process, in order. */
  readonly signals: Effect.Effect<ReadonlyArray<{ readonly pid: number; readonly signal: Signal }>>
}>()("@zag/core/testing/ProcessTable") {}

/**
 * An `OsProcess` over a table, in which the test itself has pid 1000 and the
 * ancestor 999. A signal takes a process out of the table unless it ignores it.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerOsProcess = (
  processes: ReadonlyArray<TestProcess> = []
): Layer.Layer<OsProcess | ProcessTable> =>
  Layer.effectContext(Effect.sync(() => {
    const table = new Map(processes.map((process) => [process.pid, process]))
    const signals: Array<{ readonly pid: number; readonly signal: Signal }> = []

    const os = OsProcess.of({
      pid: 1000,
      ancestors: Effect.succeed([999]),
      inspect: (pid) =>
        Effect.sync(() => {
          const process = table.get(pid)
          return process === undefined
            ? { _tag: "Gone" }
            : process.state ?? { _tag: "Running", startTime: undefined }
        }),
      signal: Effect.fnUntraced(function*(pid, signal) {
        const refused = refuse(pid, 1000)
        if (refused !== undefined) return yield* new OsProcessError({ reason: refused })
        const process = table.get(pid)
        if (process === undefined) return yield* new OsProcessError({ reason: new NoSuchProcess({ pid }) })
        if (process.foreign === true) return yield* new OsProcessError({ reason: new NotPermitted({ pid }) })
        signals.push({ pid, signal })
        if (process.ignores?.includes(signal) !== true) table.delete(pid)
      })
    })

    const control = ProcessTable.of({
      set: (process) => Effect.sync(() => void table.set(process.pid, process)),
      end: (pid) => Effect.sync(() => void table.delete(pid)),
      signals: Effect.sync(() => signals.slice())
    })

    return Context.make(OsProcess, os).pipe(Context.add(ProcessTable, control))
  }))

/**
 * All services over a registry in memory and a process table.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (
  processes: ReadonlyArray<TestProcess> = []
): Layer.Layer<ProcessControl | ProcessRegistration | ProcessStore | OsProcess | ProcessTable> =>
  Layer.mergeAll(ProcessControl.layer, ProcessRegistration.layer).pipe(
    Layer.provideMerge(ProcessStore.layerMemory),
    Layer.provideMerge(layerOsProcess(processes))
  )
