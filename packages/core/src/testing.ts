/**
 * Layers for tests: a registry in memory and a process table that the test
 * writes. No real process is ever looked at or signalled.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { memberOf, type ProcessRow, ticksOf, treeOf } from "./internal/processTree.ts"
import {
  NoSuchProcess,
  NotPermitted,
  OsProcess,
  OsProcessError,
  type PidSpace,
  type PidState,
  type ProcessUsage,
  refuse,
  type Signal
} from "./OsProcess.ts"
import { ProcessControl } from "./ProcessControl.ts"
import { ProcessRegistration } from "./ProcessRegistration.ts"
import { ProcessStore } from "./ProcessStore.ts"
import { Sidecar } from "./Sidecar.ts"

/**
 * Where the pids of the table mean something.
 *
 * @category models
 * @since 0.1.0
 */
export const testSpace: PidSpace = {
  host: "host",
  machineId: "machine",
  bootId: "boot",
  bootTime: undefined,
  pidNamespace: "pid:[1]"
}

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
  /** Who started it; nobody by default. */
  readonly parent?: number
  /** The process group that it is in; none by default. */
  readonly group?: number
  /** The session that it is in; none by default. */
  readonly session?: number
  /** `ZAG_PROCESS_ID` in its environment. */
  readonly processId?: string
  readonly command?: string
  /** What it uses; not to be known by default. */
  readonly usage?: ProcessUsage
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
  /** Moves the table to another machine, boot or namespace; it is in {@link testSpace} at first. */
  move(space: PidSpace): Effect.Effect<void>
  /** Takes a process out of the table. */
  end(pid: number): Effect.Effect<void>
  /** Every signal that reached a process, in order. */
  readonly signals: Effect.Effect<ReadonlyArray<{ readonly pid: number; readonly signal: Signal }>>
}>()("@zag/core/testing/ProcessTable") {}

const stateOf = (process: TestProcess): PidState => process.state ?? { _tag: "Running", startTime: undefined }

const rowOf = (process: TestProcess, id: string): ProcessRow => {
  const state = stateOf(process)
  const carries = process.processId === id
  return {
    pid: process.pid,
    startTicks: ticksOf(state),
    parent: process.parent ?? 0,
    group: process.group ?? 0,
    session: process.session ?? 0,
    ended: state._tag !== "Running",
    carries,
    tagged: carries && process.foreign !== true
  }
}

/**
 * An `OsProcess` over a table, in which the test itself has pid 1000 and the
 * ancestor 999. A signal takes a process out of the table unless it ignores it;
 * SIGSTOP takes none.
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

    let space = testSpace

    const ancestors = () => {
      const chain = [table.get(1000)?.parent ?? 999]
      for (let pid = table.get(chain[0]!)?.parent; pid !== undefined && !chain.includes(pid);) {
        chain.push(pid)
        pid = table.get(pid)?.parent
      }
      return chain
    }

    const os = OsProcess.of({
      pid: 1000,
      space: Effect.sync(() => space),
      ancestors: Effect.sync(ancestors),
      tree: (query) =>
        Effect.sync(() =>
          treeOf(Array.from(table.values(), (process) => rowOf(process, query.id)), query, {
            pid: 1000,
            ancestors: ancestors()
          }).map((row) => memberOf(row, table.get(row.pid)?.command ?? ""))
        ),
      inspect: (pid) =>
        Effect.sync(() => {
          const process = table.get(pid)
          return process === undefined ? { _tag: "Gone" } : stateOf(process)
        }),
      usage: (pids) =>
        Effect.sync(() => {
          const known = new Map<number, ProcessUsage>()
          for (const pid of pids) {
            const process = table.get(pid)
            if (process?.usage !== undefined && stateOf(process)._tag === "Running") known.set(pid, process.usage)
          }
          return known
        }),
      signal: Effect.fnUntraced(function*(pid, signal, startTicks) {
        const refused = refuse(pid, 1000)
        if (refused !== undefined) return yield* new OsProcessError({ reason: refused })
        const process = table.get(pid)
        if (process === undefined || (startTicks !== undefined && ticksOf(stateOf(process)) !== startTicks)) {
          return yield* new OsProcessError({ reason: new NoSuchProcess({ pid }) })
        }
        if (process.foreign === true) return yield* new OsProcessError({ reason: new NotPermitted({ pid }) })
        signals.push({ pid, signal })
        if (signal !== "SIGSTOP" && process.ignores?.includes(signal) !== true) table.delete(pid)
      })
    })

    const control = ProcessTable.of({
      set: (process) => Effect.sync(() => void table.set(process.pid, process)),
      move: (to) =>
        Effect.sync(() => {
          space = to
        }),
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
): Layer.Layer<ProcessControl | ProcessRegistration | ProcessStore | Sidecar | OsProcess | ProcessTable> =>
  Layer.mergeAll(ProcessControl.layer, ProcessRegistration.layer).pipe(
    Layer.provideMerge(ProcessStore.layerMemory),
    Layer.provideMerge(Sidecar.layerMemory),
    Layer.provideMerge(layerOsProcess(processes))
  )
