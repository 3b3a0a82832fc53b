/**
 * Layers for tests: a registry in memory and a process table that the test
 * writes. No real process is ever looked at or signalled.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Path from "effect/Path"
import * as JsonSchemas from "./ajv.ts"
import { newestOf } from "./internal/newestSession.ts"
import { chainOf, type ProcessRow, ticksOf } from "./internal/processTree.ts"
import type { JsonSchemaValidator } from "./JsonSchemaValidator.ts"
import { fromPlatform, OsProcess, type PidSpace, type PidState, type ProcessUsage, type Signal } from "./OsProcess.ts"
import { ProcessControl } from "./ProcessControl.ts"
import { ProcessRegistration } from "./ProcessRegistration.ts"
import { ProcessStore } from "./ProcessStore.ts"
import { SessionControl } from "./SessionControl.ts"
import { SessionEvents, type SessionSummary } from "./SessionEvents.ts"
import { SessionLog } from "./SessionLog.ts"
import { type FoundSession, SessionStore } from "./SessionStore.ts"
import { SessionMissing, SessionStoreError } from "./SessionStoreError.ts"
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

// The program that asks, and who has started it unless the table says otherwise.
const ancestor: TestProcess = { pid: 999 }
const self: TestProcess = { pid: 1000, parent: ancestor.pid }

const parentOf = ({ parent, pid }: TestProcess): number | undefined =>
  parent ?? (pid === self.pid ? self.parent : undefined)

const rowOf = (process: TestProcess, id: string): ProcessRow => {
  const state = stateOf(process)
  const carries = process.processId === id
  return {
    pid: process.pid,
    startTicks: ticksOf(state),
    parent: parentOf(process) ?? 0,
    group: process.group ?? 0,
    session: process.session ?? 0,
    ended: state._tag !== "Running",
    carries,
    tagged: carries && process.foreign !== true
  }
}

/**
 * An `OsProcess` over a table, in which the test itself has pid 1000 and the
 * ancestor 999; both run unless the table says otherwise. A signal takes a
 * process out of the table unless it ignores it; SIGSTOP takes none.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerOsProcess = (
  processes: ReadonlyArray<TestProcess> = []
): Layer.Layer<OsProcess | ProcessTable> =>
  Layer.effectContext(Effect.sync(() => {
    const table = new Map([ancestor, self, ...processes].map((process) => [process.pid, process]))
    const signals: Array<{ readonly pid: number; readonly signal: Signal }> = []

    let space = testSpace

    const stateAt = (pid: number): PidState => {
      const process = table.get(pid)
      return process === undefined ? { _tag: "Gone" } : stateOf(process)
    }

    const os = fromPlatform({
      pid: self.pid,
      space: () => space,
      ancestors: () => chainOf(self.pid, (pid) => parentOf(table.get(pid) ?? { pid })),
      inspect: stateAt,
      processes: ({ id }) => Array.from(table.values(), (process) => rowOf(process, id)),
      commandOf: ({ pid }) => table.get(pid)?.command ?? "",
      startTicksOf: (pid) => ticksOf(stateAt(pid)),
      usage: (pids) =>
        new Map(pids.flatMap((pid) => {
          const usage = table.get(pid)?.usage
          return usage !== undefined && stateAt(pid)._tag === "Running" ? [[pid, usage] as const] : []
        })),
      signal: (pid, signal) => {
        const process = table.get(pid)
        if (process === undefined) return "ESRCH"
        if (process.foreign === true) return "EPERM"
        signals.push({ pid, signal })
        if (signal !== "SIGSTOP" && process.ignores?.includes(signal) !== true) table.delete(pid)
        return undefined
      }
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
 * These sessions, with logs in memory, and what their logs tell by their ids.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerSessions = (
  sessions: ReadonlyArray<FoundSession> = [],
  summaries?: Readonly<Record<string, Partial<SessionSummary>>>
): Layer.Layer<SessionStore | SessionLog | SessionEvents | JsonSchemaValidator> =>
  Layer.mergeAll(
    Layer.succeed(
      SessionStore,
      SessionStore.of({
        find: ({ sessionId }) => {
          const found = sessions.find(({ entry }) => entry.sessionId === sessionId)
          return found === undefined
            ? Effect.fail(new SessionStoreError({ reason: new SessionMissing({ sessionId, directory: "memory" }) }))
            : Effect.succeed(found)
        },
        latest: () => Effect.succeed(newestOf(sessions))
      })
    ),
    SessionLog.layerMemory,
    SessionEvents.layerMemory(summaries),
    JsonSchemas.layer
  )

// It looks for the repository that it is in, and for nothing else on the disk.
const sessionControl = SessionControl.layer.pipe(Layer.provide([FileSystem.layerNoop({}), Path.layer]))

/**
 * All services over a registry in memory, a process table, and sessions; the
 * `summaries` are what the logs of sessions tell, by their ids. `Doctor` and
 * `SessionCleanup`, which look after files, and `ZagHome` are not among them.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (
  processes: ReadonlyArray<TestProcess> = [],
  options: {
    readonly sessions?: ReadonlyArray<FoundSession>
    readonly summaries?: Readonly<Record<string, Partial<SessionSummary>>>
  } = {}
): Layer.Layer<
  | ProcessControl
  | ProcessRegistration
  | ProcessStore
  | SessionControl
  | SessionStore
  | SessionLog
  | SessionEvents
  | JsonSchemaValidator
  | Sidecar
  | OsProcess
  | ProcessTable
> =>
  Layer.mergeAll(sessionControl, ProcessRegistration.layer).pipe(
    Layer.provideMerge(ProcessControl.layer),
    Layer.provideMerge(layerSessions(options.sessions, options.summaries)),
    Layer.provideMerge(ProcessStore.layerMemory),
    Layer.provideMerge(Sidecar.layerMemory),
    Layer.provideMerge(layerOsProcess(processes))
  )
