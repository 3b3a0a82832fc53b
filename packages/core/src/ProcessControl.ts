/**
 * Looking at registered processes, and ending them.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Environment from "./Environment.ts"
import * as Activities from "./internal/activities.ts"
import type * as HandingIn from "./internal/handingIn.ts"
import * as Listing from "./internal/listing.ts"
import * as Observation from "./internal/observation.ts"
import * as PidHandle from "./internal/pidHandle.ts"
import { signalling, type Target } from "./internal/signalling.ts"
import * as StartedProcesses from "./internal/startedProcesses.ts"
import * as Waiting from "./internal/waiting.ts"
import { JsonSchemaValidator } from "./JsonSchemaValidator.ts"
import { type EndingSignal, OsProcess, type ProcessUsage, type TreeMember } from "./OsProcess.ts"
import {
  AmbiguousHandle,
  EndNotRecorded,
  NotInSession,
  NotRunning,
  ProcessChanged,
  ProcessControlError,
  ProcessNotFound
} from "./ProcessControlError.ts"
import { type ProcessEntry, processKey } from "./ProcessEntry.ts"
import { ancestorsOf, findTree, forestOf, parentIn, type ProcessTrees } from "./ProcessForest.ts"
import type { ProcessInfo } from "./ProcessInfo.ts"
import type { ListFilter, ProcessList, ProcessTargets } from "./ProcessList.ts"
import { ProcessStore, type PruneOptions } from "./ProcessStore.ts"
import type { ProcessStoreError } from "./ProcessStoreError.ts"
import type { SessionActivity } from "./SessionActivity.ts"
import { SessionEvents } from "./SessionEvents.ts"
import { SessionLog } from "./SessionLog.ts"
import { SessionStore } from "./SessionStore.ts"
import { Sidecar } from "./Sidecar.ts"
import { type KillOptions, SignalOutcome } from "./SignalOutcome.ts"
import type { WaitOptions, WaitOutcome } from "./WaitOutcome.ts"

/**
 * Looking at registered processes, and ending them.
 *
 * **Details**
 *
 * A *handle* names a process: its id, a beginning of the id that no other entry
 * shares, `pid:` and its pid as long as it runs, or `self` for the entry that
 * `ZAG_PROCESS_ID` names.
 *
 * A signal is sent only to a process that is running and, as far as can be
 * seen, is still the one that was registered. Never signalled: pid 0, pid 1,
 * what is no pid, the caller, and the caller's ancestors; with the handle `self`
 * the process of the entry may be one of these.
 *
 * Who has looked at a process before it is to end gives its entry instead, as
 * `show`, `list` or `targets` have answered it. Then that very process is
 * meant: once its id stands for another one, `stop` and `kill` fail with
 * `ProcessChanged`, and nothing is signalled. An entry is never `self`.
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
 * **Example** (Ending the very process that somebody has agreed to)
 *
 * ```ts
 * const program = Effect.gen(function*() {
 *   const control = yield* ProcessControl
 *   const info = yield* control.show("c945cd70")
 *   if (yield* Prompt.run(Prompt.Confirm({ message: `Kill ${info.id}, pid ${info.pid}?` }))) yield* control.kill(info)
 * })
 * ```
 *
 * @category services
 * @since 0.1.0
 */
export class ProcessControl extends Context.Service<ProcessControl, {
  /** Lists processes with their live status, newest first unless another order is asked for. */
  list(filter?: ListFilter): Effect.Effect<ProcessList, ProcessControlError | ProcessStoreError>
  /** Finds the entry that a handle names. Fails with `ProcessNotFound`, `AmbiguousHandle` or `NotInSession`. */
  resolve(handle: string): Effect.Effect<ProcessEntry, ProcessControlError | ProcessStoreError>
  /** One process with its live status. */
  show(handle: string): Effect.Effect<ProcessInfo, ProcessControlError | ProcessStoreError>
  /** What those of the processes use that run, as far as it can be known. */
  usage(processes: ReadonlyArray<ProcessInfo>): Effect.Effect<ReadonlyMap<ProcessInfo, ProcessUsage>>
  /**
   * Whether the agent of a process does anything, by the log of its session:
   * none of a process that does not run.
   */
  activity(process: ProcessInfo): Effect.Effect<Option.Option<SessionActivity>>
  /**
   * All entries by who started whom, with what each of those that run has
   * started besides; or one of them and what is below it, in the archive as well.
   */
  tree(handle?: string): Effect.Effect<ProcessTrees, ProcessControlError | ProcessStoreError>
  /**
   * The entries by which a process was started, its parent first, up to the top;
   * also those in the archive.
   */
  ancestors(handle: string): Effect.Effect<ReadonlyArray<ProcessEntry>, ProcessControlError | ProcessStoreError>
  /**
   * Which processes a filter means when they are to be stopped or killed: those
   * that run, without the sessions that the caller runs in, which are answered
   * apart. Signals nothing. Give them to `stop` or `kill`.
   */
  targets(filter?: ListFilter): Effect.Effect<ProcessTargets, ProcessControlError | ProcessStoreError>
  /** Asks a process to end: sends SIGHUP to it alone, and does not wait. */
  stop(process: string | ProcessEntry): Effect.Effect<SignalOutcome, ProcessControlError | ProcessStoreError>
  /**
   * Ends a process and all that it started: SIGTERM, or the signal that is
   * asked for, then SIGKILL to those that are still there after `grace`; then
   * records `killed`, but only when all were seen to be gone. Fails with
   * `StillAlive`, which names the survivors, otherwise.
   *
   * A process that is gone already has a tree as long as something of it runs
   * with its id in the environment. With `self` the caller and what it runs in,
   * up to the process of the entry, are left to end with the session.
   *
   * A session that was launched with `--exit` must be given its result first:
   * what is not as it should be is `ResultRejected`. A result that cannot be
   * recorded is refused, and so is one for a process that has ended. In each
   * case nothing is signalled.
   *
   * After a crash in the middle the same call brings it to its end. The result
   * counts as recorded when it is the last one in the log of the session and
   * not older than the process, and the end as brought about when the process
   * is gone then.
   */
  kill(
    process: string | ProcessEntry,
    options?: KillOptions
  ): Effect.Effect<SignalOutcome, ProcessControlError | ProcessStoreError>
  /**
   * Writes the end of those processes to the registry that are stored as
   * running and proven dead, which somebody who takes the file for the truth,
   * such as `zag`, would count as running for ever: `exited`, with an unknown
   * exit code. Answers their entries.
   *
   * `kill` and a registration do this as well, with what they write anyway.
   * Proven dead is a process that was known by more than its pid, and is not
   * there any more; whoever launched it may still add how it ended.
   */
  readonly reconcile: Effect.Effect<ReadonlyArray<ProcessEntry>, ProcessStoreError>
  /**
   * Moves finished entries from the registry to the archive, in one write;
   * answers them, newest first. Those that are proven dead have finished: they
   * are reconciled first, a second later, in case whoever launched them is about
   * to record how they ended.
   *
   * With `dryRun` nothing is changed, and those are answered that would move.
   */
  prune(options: PruneOptions): Effect.Effect<ReadonlyArray<ProcessEntry>, ProcessStoreError>
  /**
   * Waits until all of these processes have ended, or any of them, or the time
   * is up; answers how each stands then, in the given order. Each end is noticed
   * within a tenth of a second. A process that has ended without anybody
   * recording how is `dead`, and its exit code unknown, once that was not made
   * up for within a second; one whose entry is gone is `unknown`, once that has
   * not come back within a second.
   */
  wait(
    handles: ReadonlyArray<string>,
    options?: WaitOptions
  ): Effect.Effect<ReadonlyArray<WaitOutcome>, ProcessControlError | ProcessStoreError>
}>()("@zag/core/ProcessControl") {
  static readonly layer: Layer.Layer<
    ProcessControl,
    never,
    ProcessStore | OsProcess | Sidecar | SessionStore | SessionLog | SessionEvents | JsonSchemaValidator
  > = Layer.effect(
    ProcessControl,
    Effect.gen(function*() {
      return make(yield* ProcessStore, yield* OsProcess, yield* Sidecar, {
        sessions: yield* SessionStore,
        log: yield* SessionLog,
        validator: yield* JsonSchemaValidator
      }, Activities.make(yield* SessionEvents))
    })
  )
}

const fail = (reason: ProcessControlError["reason"]) => Effect.fail(new ProcessControlError({ reason }))

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

const registered = ({ pid, startedAt }: ProcessEntry) => ({ pid, startedAt })

/** What it took to end a process. */
interface Ended {
  /** The last signal that was sent. */
  readonly last: EndingSignal
  /** What was seen to be gone. */
  readonly seen: ReadonlyArray<TreeMember>
}

const make = (
  store: ProcessStore["Service"],
  os: OsProcess["Service"],
  sidecar: Sidecar["Service"],
  results: HandingIn.Services,
  activities: Activities.Activities
): ProcessControl["Service"] => {
  const { lookNow, observe, observeOne, provenDead } = Observation.make(os, sidecar)
  const { check, end, hangUp } = signalling(os, sidecar, lookNow)

  /** Answers the log that has the result; none when there was nothing to be recorded. */
  const handIn = Effect.fnUntraced(function*(target: Target, options: KillOptions = {}) {
    const mayOwe = target.entry.sessionId !== null && options.discardResult !== true
    if (options.result === undefined && !mayOwe) return undefined
    // Most programs never come here, and start faster without this.
    const { make } = yield* Effect.promise(() => import("./internal/handingIn.ts"))
    return yield* make(results, check)(target, options)
  })

  const ownId = Effect.flatMap(
    Environment.processId,
    Option.match({ onNone: () => fail(new NotInSession()), onSome: Effect.succeed })
  )

  const resolvePid = PidHandle.resolver(store, observe)

  const resolve = Effect.fnUntraced(function*(handle: string) {
    if (PidHandle.isOne(handle)) return yield* resolvePid(handle)
    const id = handle === "self" ? yield* ownId : handle
    const { entries, unreadable } = yield* store.load
    const found = (yield* match(entries, id, handle)) ?? (yield* match((yield* store.archived).entries, id, handle))
    return found ?? (yield* fail(new ProcessNotFound({ handle: id, unreadable: unreadable.length })))
  })

  /** The process that somebody looked at, as it is now; fails once its id stands for another one. */
  const current = Effect.fnUntraced(function*(process: ProcessEntry) {
    const { id } = process
    const found = Option.getOrUndefined(yield* store.find(id))
    if (found === undefined) {
      return yield* fail(new ProcessNotFound({ handle: id, unreadable: (yield* store.load).unreadable.length }))
    }
    return processKey(found) === processKey(process)
      ? found
      : yield* fail(new ProcessChanged({ id, before: registered(process), now: registered(found) }))
  })

  const targetOf = Effect.fnUntraced(function*(process: string | ProcessEntry) {
    const target: Target = typeof process === "string"
      ? { entry: yield* resolve(process), self: process === "self" }
      : { entry: yield* current(process), self: false }
    return target
  })

  const record = (entry: ProcessEntry) =>
    Effect.mapError(store.updateStatus(entry.id, "killed", null), (error) =>
      new ProcessControlError({
        reason: new EndNotRecorded({ id: entry.id, pid: entry.pid, problem: error.message })
      }))

  const ancestors = Effect.fn("ProcessControl.ancestors")(function*(handle: string) {
    const entry = yield* resolve(handle)
    const entries = Listing.withArchived((yield* store.load).entries, (yield* store.archived).entries)
    return ancestorsOf(entry, parentIn(entries))
  })

  /** The entries that the caller runs in, as its environment says: its own and those above. */
  const ownSessions = Effect.gen(function*() {
    const own = yield* Environment.processId
    if (Option.isNone(own)) return []
    const above = yield* Effect.catchReason(
      ancestors("self"),
      "ProcessControlError",
      "ProcessNotFound",
      () => Effect.succeed([])
    )
    return [own.value, ...above.map(({ id }) => id)]
  })

  const { labelsOf, list, usageOf } = Listing.make({ store, os, sidecar, observe, ownId, activities })

  const withStarted = StartedProcesses.make(os)

  const reconcile = Observation.reconcile(store, provenDead)

  const awaitEnds = Waiting.make(store.find, observeOne)

  /** It was there, and gone before it got a signal. Who else has killed it is about to record that: both say the same. */
  const endedMeanwhile = Effect.fnUntraced(function*(entry: ProcessEntry) {
    const [{ liveStatus }] = (yield* awaitEnds([entry])) as [WaitOutcome]
    const why = `pid ${entry.pid} ended before it was signalled`
    return yield* fail(new NotRunning({ id: entry.id, liveStatus, ...(liveStatus === "dead" ? { why } : {}) }))
  })

  const endNow = Effect.fnUntraced(function*(target: Target, options: KillOptions | undefined) {
    const { entry } = target
    const { last, seen } = yield* end(target, options)
    if (last === undefined) return yield* endedMeanwhile(entry)
    // One write for both.
    yield* Effect.all([record(entry), Effect.ignore(reconcile)], { concurrency: "unbounded", discard: true })
    return { last, seen } satisfies Ended
  })

  return ProcessControl.of({
    list,
    reconcile,
    wait: Effect.fn("ProcessControl.wait")(function*(handles, options) {
      return yield* awaitEnds(yield* Effect.forEach(handles, resolve), options)
    }),
    prune: Effect.fn("ProcessControl.prune")(function*(options) {
      const dead = yield* provenDead((yield* store.load).entries)
      if (options.dryRun === true || dead.length === 0) return yield* store.prune(options, dead)
      yield* awaitEnds(dead, { timeout: "2 seconds" })
      return yield* store.prune(options, yield* provenDead((yield* store.load).entries))
    }),
    resolve: Effect.fn("ProcessControl.resolve")(resolve),
    usage: usageOf,
    activity: Effect.fn("ProcessControl.activity")(activities.ofProcess),
    show: Effect.fn("ProcessControl.show")(function*(handle) {
      const observation = yield* Effect.flatMap(resolve(handle), observeOne)
      return Listing.infoOf(observation, yield* labelsOf([observation.entry]))
    }),
    tree: Effect.fn("ProcessControl.tree")(function*(handle) {
      const id = handle === undefined ? undefined : (yield* resolve(handle)).id
      const { processes, unreadable } = yield* list({ archived: id !== undefined })
      const forest = forestOf(processes, parentIn(processes))
      const below = id === undefined ? undefined : findTree(forest, (info) => info.id === id)
      return { trees: yield* withStarted(below === undefined ? forest : [below]), unreadable }
    }),
    ancestors,
    targets: Effect.fn("ProcessControl.targets")(function*(filter = {}) {
      const { processes } = yield* list({ ...filter, running: true })
      const kin = new Set([os.pid, ...yield* os.ancestors])
      const sessions = new Set(yield* ownSessions)
      const runsCaller = ({ id, pid }: ProcessInfo) => kin.has(pid) || sessions.has(id)
      return {
        targets: processes.filter((info) => !runsCaller(info)),
        spared: processes.filter(runsCaller)
      } satisfies ProcessTargets
    }),
    stop: Effect.fn("ProcessControl.stop")(function*(process) {
      const target = yield* targetOf(process)
      const { entry } = target
      yield* hangUp(target)
      return new SignalOutcome({ id: entry.id, pid: entry.pid, signal: "SIGHUP", status: "signalled", ended: [] })
    }),
    kill: Effect.fn("ProcessControl.kill")(function*(process, options) {
      const target = yield* targetOf(process)
      const { entry } = target
      const resultRecorded = yield* handIn(target, options)
      const killed = ({ last, seen }: Ended) =>
        new SignalOutcome({
          id: entry.id,
          pid: entry.pid,
          signal: last,
          status: "killed",
          ended: seen.map(({ command, pid }) => ({ pid, command })),
          ...(resultRecorded === undefined ? {} : { resultRecorded })
        })
      if (resultRecorded === undefined) return killed(yield* endNow(target, options))
      return yield* endNow(target, options).pipe(
        Effect.catchReason("ProcessControlError", "NotRunning", (reason) =>
          // It ended after it had handed in its result: that was all that it was killed for.
          reason.liveStatus === "dead"
            ? Effect.as(record(entry), { last: options?.signal ?? "SIGTERM", seen: [] } satisfies Ended)
            : fail(reason)),
        Effect.map(killed),
        Effect.mapError((error) =>
          error._tag === "ProcessControlError"
            ? new ProcessControlError({ reason: error.reason, resultRecorded })
            : error
        )
      )
    })
  })
}
