/**
 * Looking at registered processes, and ending them.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Environment from "./Environment.ts"
import * as Waiting from "./internal/waiting.ts"
import { OsProcess, type OsProcessError, type PidState, type Signal } from "./OsProcess.ts"
import {
  AmbiguousHandle,
  EndNotRecorded,
  NotInSession,
  NotRunning,
  ProcessControlError,
  ProcessNotFound,
  SignalNotPermitted,
  SignalRefused,
  StillAlive
} from "./ProcessControlError.ts"
import { newestFirst, type ProcessEntry } from "./ProcessEntry.ts"
import { livenessOf, ProcessInfo } from "./ProcessInfo.ts"
import { ProcessStore, type UnreadableEntry } from "./ProcessStore.ts"
import type { ProcessStoreError } from "./ProcessStoreError.ts"
import type { WaitOutcome } from "./WaitOutcome.ts"

/**
 * Which processes to list. Every given field must match, exactly.
 *
 * @category models
 * @since 0.1.0
 */
export interface ListFilter {
  /** Only processes whose live status is `running`. */
  readonly running?: boolean | undefined
  readonly provider?: string | undefined
  /** Only the processes started by this entry or session id; `self` stands for the caller's own entry. */
  readonly children?: string | undefined
  /** Also processes that were moved to the archive. */
  readonly archived?: boolean | undefined
  /** At most so many, the newest ones, counted after all other fields have matched. */
  readonly limit?: number | undefined
}

/**
 * The answer of `ProcessControl.list`, newest first.
 *
 * @category models
 * @since 0.1.0
 */
export interface ProcessList {
  readonly processes: ReadonlyArray<ProcessInfo>
  /** Entries of the file that could not be read. */
  readonly unreadable: ReadonlyArray<UnreadableEntry>
}

/**
 * What a signal achieved: `signalled` means it was sent, `killed` that the
 * process was seen to be gone.
 *
 * @category models
 * @since 0.1.0
 */
export class SignalOutcome extends Schema.Class<SignalOutcome>("SignalOutcome")({
  id: Schema.String,
  pid: Schema.Finite,
  /** The last signal that was sent. */
  signal: Schema.Literals(["SIGHUP", "SIGTERM", "SIGKILL"]),
  status: Schema.Literals(["signalled", "killed"])
}) {}

/**
 * What to wait for: all of the processes, which is the default, or any of them;
 * and for how long at most.
 *
 * @category models
 * @since 0.1.0
 */
export type WaitOptions = Waiting.WaitOptions

/**
 * Looking at registered processes, and ending them.
 *
 * **Details**
 *
 * A *handle* names a process: its id, a beginning of the id that no other entry
 * shares, or `self` for the entry that `ZAG_PROCESS_ID` names.
 *
 * A signal is sent only to a process that is running and, as far as can be
 * seen, is still the one that was registered. Never signalled: pid 0, pid 1,
 * what is no pid, the caller, and the caller's ancestors, unless the handle was
 * `self`.
 *
 * **Example** (Ending an agent)
 *
 * ```ts
 * const program = Effect.gen(function*() {
 *   const control = yield* ProcessControl
 *   const outcome = yield* control.kill("c945cd70")
 *   yield* Effect.log(`${outcome.id} is gone after ${outcome.signal}`)
 * })
 * ```
 *
 * @category services
 * @since 0.1.0
 */
export class ProcessControl extends Context.Service<ProcessControl, {
  /** Lists processes with their live status, newest first. */
  list(filter?: ListFilter): Effect.Effect<ProcessList, ProcessControlError | ProcessStoreError>
  /** Finds the entry that a handle names. Fails with `ProcessNotFound`, `AmbiguousHandle` or `NotInSession`. */
  resolve(handle: string): Effect.Effect<ProcessEntry, ProcessControlError | ProcessStoreError>
  /** One process with its live status. */
  show(handle: string): Effect.Effect<ProcessInfo, ProcessControlError | ProcessStoreError>
  /** Asks a process to end: sends SIGHUP to it alone, and does not wait. */
  stop(handle: string): Effect.Effect<SignalOutcome, ProcessControlError | ProcessStoreError>
  /**
   * Ends a process: SIGTERM, then SIGKILL if it is still there after `grace`
   * (5 seconds by default); then records `killed`, but only when the process
   * was seen to be gone.
   */
  kill(
    handle: string,
    options?: { readonly grace?: Duration.Input | undefined }
  ): Effect.Effect<SignalOutcome, ProcessControlError | ProcessStoreError>
  /**
   * Waits until all of these processes have ended, or any of them, or the time
   * is up; answers how each stands then, in the given order. Each end is noticed
   * within a tenth of a second. A process that has ended without anybody
   * recording how is `dead`, and its exit code unknown, once that was not made
   * up for within a second.
   */
  wait(
    handles: ReadonlyArray<string>,
    options?: WaitOptions
  ): Effect.Effect<ReadonlyArray<WaitOutcome>, ProcessControlError | ProcessStoreError>
}>()("@zag/core/ProcessControl") {
  static readonly layer: Layer.Layer<ProcessControl, never, ProcessStore | OsProcess> = Layer.effect(
    ProcessControl,
    Effect.gen(function*() {
      const store = yield* ProcessStore
      const os = yield* OsProcess
      return make(store, os)
    })
  )
}

const fail = (reason: ProcessControlError["reason"]) => Effect.fail(new ProcessControlError({ reason }))

const notRunning = (entry: ProcessEntry, state: PidState) => {
  const { status, why } = livenessOf(entry, state)
  return fail(new NotRunning({ id: entry.id, liveStatus: status, ...(why === undefined ? {} : { why }) }))
}

const refused = (entry: ProcessEntry, why: string) => fail(new SignalRefused({ id: entry.id, pid: entry.pid, why }))

const explain = (entry: ProcessEntry, { reason }: OsProcessError) => {
  switch (reason._tag) {
    case "PidRefused":
      return refused(entry, reason.why)
    case "NoSuchProcess":
      return notRunning(entry, { _tag: "Gone" })
    case "NotPermitted":
      return fail(new SignalNotPermitted({ id: entry.id, pid: entry.pid }))
  }
}

/** The entry with this id, or the one whose id begins so; `self` is never a beginning. */
const match = (entries: ReadonlyArray<ProcessEntry>, id: string, handle: string) => {
  const exact = entries.find((entry) => entry.id === id)
  if (exact !== undefined || id === "" || handle === "self") return Effect.succeed(exact)
  const matching = entries.filter((entry) => entry.id.startsWith(id))
  const candidates = Array.from(new Set(matching.map((entry) => entry.id)))
  return candidates.length > 1
    ? fail(new AmbiguousHandle({ handle: id, candidates }))
    : Effect.succeed(matching[0])
}

const make = (store: ProcessStore["Service"], os: OsProcess["Service"]): ProcessControl["Service"] => {
  const withLiveStatus = (entry: ProcessEntry) =>
    Effect.map(
      inspect(entry),
      // An entry has been checked already.
      (state) => new ProcessInfo({ ...entry, liveStatus: livenessOf(entry, state).status }, { disableChecks: true })
    )

  // A finished entry says nothing about whoever has its pid now.
  const inspect = (entry: ProcessEntry): Effect.Effect<PidState> =>
    entry.status === "running" ? os.inspect(entry.pid) : Effect.succeed({ _tag: "Gone" })

  const ownId = Effect.flatMap(
    Environment.processId,
    Option.match({ onNone: () => fail(new NotInSession()), onSome: Effect.succeed })
  )

  const resolve = Effect.fn("ProcessControl.resolve")(function*(handle: string) {
    const id = handle === "self" ? yield* ownId : handle
    const { entries, unreadable } = yield* store.load
    const found = (yield* match(entries, id, handle)) ?? (yield* match((yield* store.archived).entries, id, handle))
    return found ?? (yield* fail(new ProcessNotFound({ handle: id, unreadable: unreadable.length })))
  })

  const list = Effect.fn("ProcessControl.list")(function*(filter: ListFilter = {}) {
    const { entries: current, unreadable } = yield* store.list
    const entries = filter.archived === true ? withArchived(current, (yield* store.archived).entries) : current
    const parent = filter.children === "self" ? yield* ownId : filter.children
    const matching = entries.filter((entry) =>
      (filter.provider === undefined || entry.provider === filter.provider) &&
      (parent === undefined || entry.parentProcessId === parent || entry.parentSessionId === parent)
    )
    const processes: Array<ProcessInfo> = []
    for (const entry of matching) {
      if (filter.limit !== undefined && processes.length >= filter.limit) break
      const info = yield* withLiveStatus(entry)
      if (filter.running !== true || info.liveStatus === "running") processes.push(info)
    }
    return { processes, unreadable }
  })

  /**
   * Sends a signal once it is certain, as far as it can be, whom it reaches;
   * answers who that was. A process that was signalled before must be the same.
   */
  const signal = Effect.fnUntraced(function*(entry: ProcessEntry, handle: string, name: Signal, before?: PidState) {
    const kin = handle === "self" ? [] : yield* os.ancestors
    // Nothing may come between this look at the process and the signal.
    const state = yield* inspect(entry)
    const { doubt, status } = livenessOf(entry, state)
    if (status !== "running") return yield* notRunning(entry, state)
    if (before !== undefined && !isSame(before, state)) return yield* notRunning(entry, { _tag: "Gone" })
    if (doubt !== undefined) return yield* refused(entry, doubt)
    if (kin.includes(entry.pid)) {
      return yield* refused(entry, "it is an ancestor of the program that asks. To end your own session, say `self`.")
    }
    yield* Effect.catch(os.signal(entry.pid, name), (error) => explain(entry, error))
    return state
  })

  /** Whether the process that was signalled is gone before the time is up. */
  const awaitEnd = Effect.fnUntraced(function*(entry: ProcessEntry, signalled: PidState, within: Duration.Duration) {
    const deadline = (yield* Clock.currentTimeMillis) + Duration.toMillis(within)
    while (true) {
      if (!isSame(signalled, yield* os.inspect(entry.pid))) return true
      const left = deadline - (yield* Clock.currentTimeMillis)
      if (left <= 0) return false
      yield* Effect.sleep(Math.min(left, 20))
    }
  })

  const forceEnd = (entry: ProcessEntry, handle: string, target: PidState) =>
    signal(entry, handle, "SIGKILL", target).pipe(
      Effect.andThen(awaitEnd(entry, target, afterSigkill)),
      Effect.flatMap((gone) =>
        gone ? Effect.succeed("SIGKILL" as const) : fail(new StillAlive({ id: entry.id, pid: entry.pid }))
      ),
      // It ended by itself at the last moment.
      Effect.catchReason("ProcessControlError", "NotRunning", () => Effect.succeed("SIGTERM" as const))
    )

  const record = (entry: ProcessEntry) =>
    Effect.mapError(store.updateStatus(entry.id, "killed", null), (error) =>
      new ProcessControlError({
        reason: new EndNotRecorded({ id: entry.id, pid: entry.pid, problem: error.message })
      }))

  const awaitEnds = Waiting.make(store.find, inspect)

  return ProcessControl.of({
    list,
    wait: Effect.fn("ProcessControl.wait")(function*(handles, options) {
      return yield* awaitEnds(yield* Effect.forEach(handles, resolve), options)
    }),
    resolve,
    show: Effect.fn("ProcessControl.show")((handle) => Effect.flatMap(resolve(handle), withLiveStatus)),
    stop: Effect.fn("ProcessControl.stop")(function*(handle) {
      const entry = yield* resolve(handle)
      yield* signal(entry, handle, "SIGHUP")
      return new SignalOutcome({ id: entry.id, pid: entry.pid, signal: "SIGHUP", status: "signalled" })
    }),
    kill: Effect.fn("ProcessControl.kill")(function*(handle, options) {
      const entry = yield* resolve(handle)
      const grace = Duration.fromInputUnsafe(options?.grace ?? defaultGrace)
      const target = yield* signal(entry, handle, "SIGTERM")
      const last = (yield* awaitEnd(entry, target, grace)) ? "SIGTERM" : yield* forceEnd(entry, handle, target)
      yield* record(entry)
      return new SignalOutcome({ id: entry.id, pid: entry.pid, signal: last, status: "killed" })
    })
  })
}

// While an entry is being moved it is in both places; the registry counts.
const withArchived = (current: ReadonlyArray<ProcessEntry>, archived: ReadonlyArray<ProcessEntry>) => {
  const ids = new Set(current.map(({ id }) => id))
  return [...current, ...archived.filter(({ id }) => !ids.has(id))].toSorted(newestFirst)
}

const defaultGrace = Duration.seconds(5)

// The kernel ends a process at once unless it is in the middle of an operation that cannot be interrupted.
const afterSigkill = Duration.seconds(2)

const isSame = (before: PidState, now: PidState): boolean => {
  if (before._tag !== "Running" || now._tag !== "Running") return false
  // The time of day may be set while we wait; the kernel's own clock is not.
  return before.startTicks === undefined ? before.startTime === now.startTime : before.startTicks === now.startTicks
}
