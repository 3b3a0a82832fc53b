/**
 * The processes of the operating system: what a pid is now, and signals to it.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Linux from "./internal/linux.ts"
import { chainOf, memberOf, type ProcessRow, treeOf } from "./internal/processTree.ts"
import * as Ps from "./internal/ps.ts"
import * as Windows from "./internal/windows.ts"
import { NoSuchProcess, NotPermitted, OsProcessError, PidRefused, SignalImpossible } from "./OsProcessError.ts"

/**
 * What a pid is at the moment of asking.
 *
 * - `Running`: a process, of this user or another's. `startTime` is when the
 *   kernel started it, in milliseconds since the Unix epoch, exact to about a
 *   second; undefined where it cannot be known. `startTicks` is the same on the
 *   kernel's own clock, which nobody can set: two processes that had one pid
 *   differ in it.
 * - `Zombie`: it has ended, and its parent has not asked how.
 * - `Thread`: the number of a thread of some other process. A signal to it
 *   would end that process.
 * - `Gone`: nothing.
 *
 * @category models
 * @since 0.1.0
 */
export type PidState =
  | { readonly _tag: "Running"; readonly startTime: number | undefined; readonly startTicks?: number | undefined }
  | { readonly _tag: "Zombie" }
  | { readonly _tag: "Thread" }
  | { readonly _tag: "Gone" }

/**
 * The signals by which a process is asked to end, or is ended.
 *
 * @category models
 * @since 0.1.0
 */
export const EndingSignal = Schema.Literals([
  "SIGHUP",
  "SIGINT",
  "SIGQUIT",
  "SIGTERM",
  "SIGUSR1",
  "SIGUSR2",
  "SIGKILL"
])

/**
 * @category models
 * @since 0.1.0
 */
export type EndingSignal = typeof EndingSignal.Type

/**
 * The signals this package sends: SIGSTOP keeps a tree from growing while it is
 * being ended.
 *
 * @category models
 * @since 0.1.0
 */
export type Signal = EndingSignal | "SIGSTOP"

/**
 * One process for certain: a pid, and when it began on the kernel's own clock,
 * as far as that can be known.
 *
 * @category models
 * @since 0.1.0
 */
export interface ProcessId {
  readonly pid: number
  readonly startTicks: number | undefined
}

/**
 * Where a pid means what it means to this program: in one boot of one machine,
 * and in one namespace of it.
 *
 * @category models
 * @since 0.1.0
 */
export interface PidSpace {
  readonly host: string
  /** Tells machines of one name apart; undefined where it cannot be known. */
  readonly machineId: string | undefined
  /** Differs with each boot of each machine; undefined where it cannot be known. */
  readonly bootId: string | undefined
  /** When that boot was, in milliseconds since the Unix epoch; undefined where it cannot be known. */
  readonly bootTime: number | undefined
  /** Undefined where there is only one, or none can be known. */
  readonly pidNamespace: string | undefined
}

/**
 * What a process uses.
 *
 * @category models
 * @since 0.1.0
 */
export interface ProcessUsage {
  /** The time that it has computed over the time that it has lived, as the `%CPU` of `ps`; above 100 on several cores. */
  readonly cpuPercent: number
  /** The memory that it has now. */
  readonly residentBytes: number
  /** How long it has lived. */
  readonly elapsedMillis: number
}

/**
 * A living process of the tree of an agent.
 *
 * @category models
 * @since 0.1.0
 */
export interface TreeMember extends ProcessId {
  readonly parent: number
  /** The process group that it is in; its own pid when it leads one. */
  readonly group: number
  /** The session that it is in; its own pid when it leads one. */
  readonly session: number
  /** It belongs to this user and has the id in its environment. */
  readonly tagged: boolean
  /** Its command line, shortened; empty where it cannot be known. */
  readonly command: string
}

/**
 * Whose tree to look for.
 *
 * @category models
 * @since 0.1.0
 */
export interface TreeQuery {
  /** The process that was registered; undefined once its pid is not its own. */
  readonly target: ProcessId | undefined
  /** The id of the entry, as `ZAG_PROCESS_ID` has it in the environment of the agent. */
  readonly id: string
  /** The caller ends its own session: the target may be one of its ancestors. */
  readonly self: boolean
  /** Members that were seen before. Their children belong to the tree even when they themselves are orphans now. */
  readonly known: ReadonlyArray<TreeMember>
}

/**
 * The processes of the operating system.
 *
 * @category services
 * @since 0.1.0
 */
export class OsProcess extends Context.Service<OsProcess, {
  /** The pid of this program. */
  readonly pid: number
  /** The pids of its parent, that one's parent, and so on, as far as they can be found. */
  readonly ancestors: Effect.Effect<ReadonlyArray<number>>
  /** Where the pids that this service knows mean something. */
  readonly space: Effect.Effect<PidSpace>
  /** What the pid is now. Any number may be asked for. */
  inspect(pid: number): Effect.Effect<PidState>
  /**
   * What each of these pids is now, in their order, as `inspect` says but for
   * threads, which may count as `Gone`: they are no processes either. Many
   * cost less than one by one.
   */
  inspectAll(pids: ReadonlyArray<number>): Effect.Effect<ReadonlyArray<PidState>>
  /**
   * Every living process of the tree of an agent, from one look at the system:
   * the target, the group and the session that it leads, all that have the id
   * as `ZAG_PROCESS_ID` in their environment, and the descendants of all these.
   *
   * Never in it: zombies, pid 1, this program, and its ancestors, except the
   * target when the query is for `self`.
   */
  tree(query: TreeQuery): Effect.Effect<ReadonlyArray<TreeMember>>
  /**
   * What these processes use, from one look at the system. Those that are gone,
   * have ended, or are not to be known are missing from the answer.
   */
  usage(pids: ReadonlyArray<number>): Effect.Effect<ReadonlyMap<number, ProcessUsage>>
  /**
   * Sends a signal to one process; with `startTicks`, only if it is the process
   * that began then.
   *
   * Fails with `PidRefused` for 0, 1, everything that is no pid (`kill` takes
   * those for groups, or for all processes), and this program itself; with
   * `SignalImpossible` where the system has no such signal, or where a look at
   * the process fails, so that nothing shows that it is the right one.
   */
  signal(pid: number, signal: Signal, startTicks?: number): Effect.Effect<void, OsProcessError>
}>()("@zag/core/OsProcess") {
  /**
   * Linux: `/proc` tells processes from threads and zombies, and when they began.
   */
  static readonly layerLinux: Layer.Layer<OsProcess> = Layer.sync(OsProcess, () => fromPlatform(Linux.platform))

  /**
   * macOS and the BSDs: what `ps` and `sysctl` tell.
   *
   * Tried against outputs that were written down after the manuals and sources
   * of these systems, and with the `ps` of Linux; never on macOS or a BSD.
   *
   * **Details**
   *
   * Start times are exact to a second, and `startTicks` is that second. Each
   * look starts `ps` and waits for it. When `ps` fails, a process counts as
   * running with an unknown start time, never as gone.
   *
   * **Gotchas**
   *
   * The environment is read of processes of this user only, and macOS hides that
   * of its own programs, such as `/bin/sleep`. macOS and OpenBSD do not tell
   * whose session a process is in once its parent is gone. On FreeBSD and
   * OpenBSD start times move when the clock is set.
   */
  static readonly layerPosix: Layer.Layer<OsProcess> = Layer.sync(OsProcess, () => fromPlatform(Ps.platform()))

  /**
   * Windows: what PowerShell tells of `Win32_Process`.
   *
   * Tried against outputs that were written down after its documentation only;
   * never on Windows.
   *
   * **Details**
   *
   * Each look takes most of a second, during which this program waits. When
   * PowerShell fails, a process counts as running with an unknown start time,
   * never as gone. SIGTERM is `taskkill` without `/F`: it asks windows to close,
   * and reaches no program of the console, which ends only by SIGKILL.
   *
   * **Gotchas**
   *
   * SIGHUP and SIGSTOP do not exist and fail with `SignalImpossible`. A tree is
   * known by its parents alone: there are neither groups nor sessions, and the
   * environment of another process cannot be read.
   */
  static readonly layerWindows: Layer.Layer<OsProcess> = Layer.sync(OsProcess, () => fromPlatform(Windows.platform()))

  /**
   * The layer for the system this runs on.
   */
  static readonly layer: Layer.Layer<OsProcess> = Layer.suspend(() =>
    process.platform === "linux"
      ? OsProcess.layerLinux
      : process.platform === "win32"
      ? OsProcess.layerWindows
      : OsProcess.layerPosix
  )
}

/**
 * Refuses the pids that no program of this package may signal.
 *
 * @category guards
 * @since 0.1.0
 */
export const refuse = (pid: number, self: number): PidRefused | undefined => {
  const why = !Number.isInteger(pid) || pid < 0 || pid > 0x7fff_ffff
    ? "it is no process id; the system would take it for a group, or for every process"
    : pid === 0
    ? "the system would take it for the whole process group of the caller"
    : pid === 1
    ? "it is the first process, which all others depend on"
    : pid === self
    ? "it is the program that asks"
    : undefined
  return why === undefined ? undefined : new PidRefused({ pid, why })
}

/** @internal */
export interface Platform {
  readonly pid: number
  readonly space: () => PidSpace
  readonly ancestors: () => ReadonlyArray<number>
  readonly inspect: (pid: number) => PidState
  /** Where many cost less than one by one. */
  readonly inspectAll?: (pids: ReadonlyArray<number>) => ReadonlyArray<PidState>
  /** All processes; when they cannot be seen, at least those of the query that are still there. */
  readonly processes: (query: TreeQuery) => ReadonlyArray<ProcessRow>
  readonly commandOf: (row: ProcessRow) => string
  /** Undefined when there is no such process any more. */
  readonly startTicksOf: (pid: number) => number | "unknown" | undefined
  /** `now` is the time of day, for systems that tell no other. */
  readonly usage: (pids: ReadonlyArray<number>, now: number) => ReadonlyMap<number, ProcessUsage>
  readonly signal: (pid: number, signal: Signal) => Failure | undefined
}

type Failure = "ESRCH" | "EPERM" | { readonly why: string }

const unknownStart: Failure = {
  why: "when it began cannot be read at the moment, so nothing shows that it is still the same process; try again"
}

const signalOnly = (platform: Platform, pid: number, signal: Signal, startTicks: number | undefined) => {
  const found = startTicks === undefined ? undefined : platform.startTicksOf(pid)
  if (found === "unknown") return unknownStart
  return found === startTicks ? platform.signal(pid, signal) : "ESRCH"
}

const reasonOf = (failure: Failure, pid: number, signal: Signal): OsProcessError["reason"] => {
  if (failure === "ESRCH") return new NoSuchProcess({ pid })
  if (failure === "EPERM") return new NotPermitted({ pid })
  return new SignalImpossible({ pid, signal, why: failure.why })
}

// The caller and its ancestors are taken from the table that the tree is taken from: who is not in it is in no tree.
const membersOf = (platform: Platform, query: TreeQuery): ReadonlyArray<TreeMember> => {
  const rows = platform.processes(query)
  const parents = new Map(rows.map(({ parent, pid }) => [pid, parent]))
  const ancestors = chainOf(platform.pid, (pid) => parents.get(pid))
  return treeOf(rows, query, { pid: platform.pid, ancestors }).map((row) => memberOf(row, platform.commandOf(row)))
}

/** @internal */
export const fromPlatform = (platform: Platform): OsProcess["Service"] =>
  OsProcess.of({
    pid: platform.pid,
    ancestors: Effect.sync(platform.ancestors),
    space: Effect.sync(platform.space),
    inspect: (pid) => Effect.sync(() => platform.inspect(pid)),
    inspectAll: (pids) => Effect.sync(() => platform.inspectAll?.(pids) ?? pids.map(platform.inspect)),
    tree: (query) => Effect.sync(() => membersOf(platform, query)),
    usage: (pids) => Effect.map(Clock.currentTimeMillis, (now) => platform.usage(pids, now)),
    signal: Effect.fn("OsProcess.signal")(function*(pid, signal, startTicks) {
      const refused = refuse(pid, platform.pid)
      if (refused !== undefined) return yield* new OsProcessError({ reason: refused })
      const failure = signalOnly(platform, pid, signal, startTicks)
      if (failure !== undefined) return yield* new OsProcessError({ reason: reasonOf(failure, pid, signal) })
    })
  })
