/**
 * The processes of the operating system: what a pid is now, and signals to it.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Linux from "./internal/linux.ts"
import * as Posix from "./internal/posix.ts"
import { memberOf, type ProcessRow, treeOf } from "./internal/processTree.ts"

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
  /** Differs with each boot of each machine; undefined where it cannot be known. */
  readonly bootId: string | undefined
  /** When that boot was, in milliseconds since the Unix epoch; undefined where it cannot be known. */
  readonly bootTime: number | undefined
  /** Undefined where there is only one, or none can be known. */
  readonly pidNamespace: string | undefined
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
 * The pid must never be signalled: it stands for several processes, for the
 * system itself, or for the program that asks.
 *
 * @category errors
 * @since 0.1.0
 */
export class PidRefused extends Schema.TaggedError<PidRefused>()("PidRefused", {
  // @effect-diagnostics-next-line schemaNumber:off -- the refusal of NaN must not itself fail
  pid: Schema.Number,
  why: Schema.String
}) {
  override get message(): string {
    return `pid ${this.pid} is never signalled: ${this.why}`
  }
}

/**
 * There is no such process (any more).
 *
 * @category errors
 * @since 0.1.0
 */
export class NoSuchProcess extends Schema.TaggedError<NoSuchProcess>()("NoSuchProcess", { pid: Schema.Finite }) {
  override get message(): string {
    return `there is no process with pid ${this.pid}`
  }
}

/**
 * The process belongs to another user.
 *
 * @category errors
 * @since 0.1.0
 */
export class NotPermitted extends Schema.TaggedError<NotPermitted>()("NotPermitted", { pid: Schema.Finite }) {
  override get message(): string {
    return `pid ${this.pid} belongs to another user (EPERM: operation not permitted); ask that user, or run this as root`
  }
}

/**
 * The error of a signal that was not sent; `reason` says why.
 *
 * @category errors
 * @since 0.1.0
 */
export class OsProcessError extends Schema.TaggedError<OsProcessError>()("OsProcessError", {
  reason: Schema.Union([PidRefused, NoSuchProcess, NotPermitted])
}) {
  override get message(): string {
    return this.reason.message
  }
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
   * Every living process of the tree of an agent, from one look at the system:
   * the target, the group and the session that it leads, all that have the id
   * as `ZAG_PROCESS_ID` in their environment, and the descendants of all these.
   *
   * Never in it: zombies, pid 1, this program, and its ancestors, except the
   * target when the query is for `self`.
   */
  tree(query: TreeQuery): Effect.Effect<ReadonlyArray<TreeMember>>
  /**
   * Sends a signal to one process; with `startTicks`, only if it is the process
   * that began then.
   *
   * Fails with `PidRefused` for 0, 1, everything that is no pid (`kill` takes
   * those for groups, or for all processes), and this program itself.
   */
  signal(pid: number, signal: Signal, startTicks?: number): Effect.Effect<void, OsProcessError>
}>()("@zag/core/OsProcess") {
  /**
   * Linux: `/proc` tells processes from threads and zombies, and when they began.
   */
  static readonly layerLinux: Layer.Layer<OsProcess> = Layer.sync(OsProcess, () => fromPlatform(Linux.platform))

  /**
   * Other systems: whether a process can be signalled, and no more. Start times
   * are unknown, so a reused pid is not noticed.
   */
  static readonly layerPosix: Layer.Layer<OsProcess> = Layer.sync(OsProcess, () => fromPlatform(Posix.platform))

  /**
   * The layer for the system this runs on.
   */
  static readonly layer: Layer.Layer<OsProcess> = Layer.suspend(() =>
    process.platform === "linux" ? OsProcess.layerLinux : OsProcess.layerPosix
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
  readonly parentOf: (pid: number) => number | undefined
  readonly inspect: (pid: number) => PidState
  /** All processes, or of those that can be known at least the given one. */
  readonly processes: (id: string, pid: number | undefined) => ReadonlyArray<ProcessRow>
  readonly commandOf: (pid: number) => string
  readonly startTicksOf: (pid: number) => number | undefined
  readonly signal: (pid: number, signal: Signal) => "ESRCH" | "EPERM" | undefined
}

const ancestorsOf = (platform: Platform): ReadonlyArray<number> => {
  const chain: Array<number> = []
  for (
    let pid = platform.parentOf(platform.pid);
    pid !== undefined && pid > 0 && !chain.includes(pid);
    pid = platform.parentOf(pid)
  ) chain.push(pid)
  return chain
}

const fromPlatform = (platform: Platform): OsProcess["Service"] =>
  OsProcess.of({
    pid: platform.pid,
    ancestors: Effect.sync(() => ancestorsOf(platform)),
    space: Effect.sync(platform.space),
    inspect: (pid) => Effect.sync(() => platform.inspect(pid)),
    tree: (query) =>
      Effect.sync(() =>
        treeOf(platform.processes(query.id, query.target?.pid), query, {
          pid: platform.pid,
          ancestors: ancestorsOf(platform)
        }).map((row) => memberOf(row, platform.commandOf(row.pid)))
      ),
    signal: Effect.fn("OsProcess.signal")(function*(pid, signal, startTicks) {
      const refused = refuse(pid, platform.pid)
      if (refused !== undefined) return yield* new OsProcessError({ reason: refused })
      const failure = startTicks !== undefined && platform.startTicksOf(pid) !== startTicks
        ? "ESRCH"
        : platform.signal(pid, signal)
      if (failure === "ESRCH") return yield* new OsProcessError({ reason: new NoSuchProcess({ pid }) })
      if (failure === "EPERM") return yield* new OsProcessError({ reason: new NotPermitted({ pid }) })
    })
  })
