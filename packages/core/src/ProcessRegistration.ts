/**
 * Entering a process into the registry for as long as it runs.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as SecureRandom from "effect/crypto/SecureRandom"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Ref from "effect/Ref"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import * as Stream from "effect/Stream"
import * as Environment from "./Environment.ts"
import * as Observation from "./internal/observation.ts"
import { OsProcess } from "./OsProcess.ts"
import { type FinalStatus, ProcessEntry, promptExcerpt } from "./ProcessEntry.ts"
import * as Identity from "./ProcessIdentity.ts"
import * as Labels from "./ProcessLabels.ts"
import { LabelsNotRecorded, ProcessRegistrationError } from "./ProcessRegistrationError.ts"
import { ProcessStore } from "./ProcessStore.ts"
import { ProcessStoreError, StoreUnwritable } from "./ProcessStoreError.ts"
import { Sidecar } from "./Sidecar.ts"
import * as Timestamp from "./Timestamp.ts"

/**
 * What to register.
 *
 * @category models
 * @since 0.1.0
 */
export interface RegisterOptions {
  /** A process that runs already: this program by default. */
  readonly pid?: number | undefined
  /** `claude`, `codex`, `gemini`, `copilot`, `ollama`, or any other name. */
  readonly provider: string
  readonly model?: string | undefined
  /** What kind of run it is: `run` by default. */
  readonly command?: string | undefined
  /** Its first 100 code points are kept. */
  readonly prompt?: string | undefined
  readonly sessionId?: string | undefined
  readonly sessionName?: string | undefined
  /** The project directory. */
  readonly root?: string | undefined
  /**
   * What else is to be said of it, to find it by. The keys are not empty, have
   * no `=` and no whitespace, and at most 63 characters; the values have at most
   * 253. Control characters are in neither.
   */
  readonly labels?: Labels.ProcessLabels | undefined
}

/**
 * How a process ended.
 *
 * @category models
 * @since 0.1.0
 */
export interface Ending {
  readonly status: FinalStatus
  /** Null when nobody knows it. */
  readonly exitCode: number | null
}

/**
 * A process in the registry.
 *
 * @category models
 * @since 0.1.0
 */
export interface Registration {
  readonly id: string
  /**
   * The `ZAG_*` variables that the agent must get; `undefined` means that the
   * variable must be taken out of its environment.
   */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Points the entry at the process that was launched. */
  readonly attach: (pid: number) => Effect.Effect<void, ProcessStoreError>
  /** Records how the process ended. Called once; the scope then records nothing. */
  readonly finish: (ending: Ending) => Effect.Effect<void, ProcessStoreError>
}

/**
 * How `zag` records the end of an agent: exit code 0 is `exited`; any other is
 * `killed` with that code; an end by a signal is `killed` with code 1.
 *
 * @category constructors
 * @since 0.1.0
 */
export const endingOf = (exit: { readonly code: number | null; readonly signal: string | null }): Ending => {
  if (exit.signal !== null || exit.code === null) return { status: "killed", exitCode: 1 }
  // Windows reports unsigned 32-bit codes; `zag` reads signed ones.
  return exit.code === 0 ? { status: "exited", exitCode: 0 } : { status: "killed", exitCode: exit.code | 0 }
}

/**
 * Enters processes into the registry.
 *
 * **Example** (Registering a program for as long as it runs)
 *
 * ```ts
 * const program = Effect.scoped(Effect.gen(function*() {
 *   const registration = yield* ProcessRegistration
 *   const { id } = yield* registration.register({ provider: "claude", prompt: "Fix the build" })
 *   yield* work
 * }))
 * ```
 *
 * @category services
 * @since 0.1.0
 */
export class ProcessRegistration extends Context.Service<ProcessRegistration, {
  /**
   * Adds an entry with status `running`, with the pid of this program unless
   * another one is given. The entry that `ZAG_PROCESS_ID` names becomes its parent.
   *
   * When the scope closes and `finish` was not called, the end is recorded:
   * `exited` with 0 after success, `killed` with 1 after failure or interruption.
   */
  register(
    options: RegisterOptions
  ): Effect.Effect<Registration, ProcessRegistrationError | ProcessStoreError, Scope.Scope>
}>()("@zag/core/ProcessRegistration") {
  static readonly layer: Layer.Layer<ProcessRegistration, never, ProcessStore | OsProcess | Sidecar> = Layer.effect(
    ProcessRegistration,
    Effect.gen(function*() {
      return make(yield* ProcessStore, yield* OsProcess, yield* Sidecar)
    })
  )
}

// Provided here and not to the layer: loading the cryptography of the platform costs programs that register nothing.
const newId = SecureRandom.SecureRandom.pipe(
  Effect.flatMap((random) => random.uuidV4()),
  Effect.provide(SecureRandom.layerWebCrypto)
)

const endingOfScope = (exit: Exit.Exit<unknown, unknown>): Ending =>
  Exit.isSuccess(exit) ? { status: "exited", exitCode: 0 } : { status: "killed", exitCode: 1 }

const slow = "2 seconds"

const failed = (reason: ProcessRegistrationError["reason"]) => new ProcessRegistrationError({ reason })

const make = (
  store: ProcessStore["Service"],
  os: OsProcess["Service"],
  sidecar: Sidecar["Service"]
): ProcessRegistration["Service"] => {
  /** Before the entry says so: nobody is to see it with a pid and not know whose. */
  const identify = (id: string, pid: number) =>
    Identity.ofPid(os, pid).pipe(
      Effect.flatMap((identity) => identity === undefined ? Effect.void : sidecar.identify([{ id, identity }])),
      // Without it the process is only not verified. Who has waited for the lock in vain does not wait once more.
      Effect.catchIf(({ reason }) => reason._tag !== "LockTimeout", () => Effect.void),
      Effect.mapError(({ reason: { message, path } }) =>
        new ProcessStoreError({ reason: new StoreUnwritable({ path, problem: `${message}. Nothing was changed.` }) })
      )
    )

  /** Before there is an entry, for the same reason. Labels that were asked for are never left out. */
  const introduce = (
    { id, pid }: ProcessEntry,
    labels: Labels.ProcessLabels
  ): Effect.Effect<void, ProcessRegistrationError | ProcessStoreError> =>
    Object.keys(labels).length === 0
      ? identify(id, pid)
      : Identity.ofPid(os, pid).pipe(
        Effect.flatMap((identity) => sidecar.label({ id, identity, labels })),
        Effect.mapError(({ message }) => failed(new LabelsNotRecorded({ problem: message })))
      )

  const { provenDead } = Observation.make(os, sidecar)

  // One write for both.
  const add = (entry: ProcessEntry) =>
    Effect.all([store.add(entry), Effect.ignore(Observation.reconcile(store, provenDead))], {
      concurrency: "unbounded",
      discard: true
    })

  const newEntry = Effect.fnUntraced(function*(options: RegisterOptions) {
    return new ProcessEntry({
      id: yield* newId,
      pid: options.pid ?? os.pid,
      sessionId: options.sessionId?.toWellFormed() ?? null,
      provider: options.provider.toWellFormed(),
      model: options.model?.toWellFormed() ?? "",
      command: options.command?.toWellFormed() ?? "run",
      prompt: options.prompt === undefined ? null : promptExcerpt(options.prompt),
      startedAt: yield* Timestamp.now,
      status: "running",
      exitCode: null,
      exitedAt: null,
      root: options.root?.toWellFormed() ?? null,
      parentProcessId: Option.getOrNull(yield* Environment.processId)?.toWellFormed() ?? null,
      parentSessionId: Option.getOrNull(yield* Environment.sessionId)?.toWellFormed() ?? null
    })
  })

  const register = Effect.fn("ProcessRegistration.register")(function*(options: RegisterOptions) {
    const labels = yield* Effect.mapError(Effect.fromResult(Labels.check(options.labels ?? Labels.none)), failed)
    const unrecorded = yield* Ref.make(Option.none<Ending>())
    const recorded = yield* Ref.make(false)
    const finishing = yield* Semaphore.make(1)

    // Done only when it stands in the registry: what failed can be tried again, and the scope will.
    const finish = (id: string, ending: Ending) =>
      Effect.gen(function*() {
        if (yield* Ref.get(recorded)) return
        yield* Effect.tapError(
          store.updateStatus(id, ending.status, ending.exitCode),
          () => Ref.set(unrecorded, Option.some(ending))
        )
        yield* Ref.set(recorded, true)
      }).pipe(finishing.withPermits(1), Effect.uninterruptible)

    const introduced = yield* Effect.tap(newEntry(options), (entry) => introduce(entry, labels))
    // Whoever has just had the lock for that has it again at once: what cannot be interrupted from here on is short.
    const entry = yield* Effect.acquireRelease(
      Effect.as(add(introduced), introduced),
      ({ id }, exit) =>
        Ref.get(unrecorded).pipe(
          Effect.flatMap((ending) => finish(id, Option.getOrElse(ending, () => endingOfScope(exit)))),
          // A closing scope cannot fail.
          Effect.catch((error) => Effect.logError(`The end of process ${id} was not recorded: ${error.message}`))
        )
    )

    const current = yield* Ref.make(entry)

    // Whatever another program did to the registry: who runs stands in it.
    const ensure = Effect.gen(function*() {
      if (yield* Ref.get(recorded)) return
      const found = yield* store.find(entry.id)
      if (Option.isSome(found)) return
      const lost = yield* Ref.get(current)
      // Whoever took it out has taken its labels as well. That it stands there matters more than they do.
      yield* Effect.ignore(introduce(lost, labels))
      yield* store.add(lost)
    }).pipe(finishing.withPermits(1))

    // Not only when something happens: what happened before we looked for the first time is no change.
    yield* Stream.merge(store.changes, Stream.tick(slow)).pipe(
      Stream.runForEach(() => ensure),
      // Beside a damaged file there is nothing to look at until somebody has repaired it.
      Effect.retry(Schedule.spaced(slow)),
      Effect.forkScoped
    )

    return {
      id: entry.id,
      environment: Environment.forChild({
        processId: entry.id,
        provider: entry.provider,
        model: entry.model,
        sessionId: entry.sessionId,
        sessionName: options.sessionName ?? null,
        root: entry.root
      }),
      attach: Effect.fnUntraced(function*(pid) {
        yield* Ref.update(current, (entry) => new ProcessEntry({ ...entry, pid }))
        yield* identify(entry.id, pid)
        yield* store.updatePid(entry.id, pid)
      }),
      finish: (ending) => finish(entry.id, ending)
    } satisfies Registration
  })

  return ProcessRegistration.of({ register })
}
