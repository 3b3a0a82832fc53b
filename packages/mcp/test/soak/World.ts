/**
 * Processes that come and go, each with an entry that somebody keeps, and what
 * is known of it: what a client may have heard, and what it must have.
 */
import * as Zag from "@zag/core/node"
import { ProcessControl } from "@zag/core/ProcessControl"
import { ProcessRegistration } from "@zag/core/ProcessRegistration"
import { ProcessStore } from "@zag/core/ProcessStore"
import * as Timestamp from "@zag/core/Timestamp"
import { Clock, ConfigProvider, Context, Deferred, Effect, Layer, Random } from "effect"
import { ChildProcess } from "effect/process"
import { bound } from "../../src/Resources.ts"
import * as Registry from "../Registry.ts"
import { services } from "../spawnServer.ts"

/** Something that is done to an entry; at the end it has been told to whoever wants to know. */
interface Change {
  until: number
}

/** One process, from its registration until nothing is left of it. */
export interface Story {
  readonly id: string
  readonly changes: Array<Change>
  /** Before that it has not ended. */
  endsAt: number
  /**
   * How many states of it others may have seen between two changes that are
   * known here: that it is gone, and that somebody else who registers has
   * reconciled it.
   */
  unseen: number
  /** Nothing of it runs, and all that will be recorded of its end is. */
  isOver: boolean
  isRemoved: boolean
}

export interface World {
  /** Those that can be looked at now. */
  readonly stories: ReadonlyMap<string, Story>
  /** How many processes there were. */
  readonly count: () => number
  /** Has so many come and go, each in a place of its own, until `stopping`; then each comes to its end at once. */
  readonly run: (places: number, seed: string, stopping: Deferred.Deferred<void>) => Effect.Effect<void>
  /** Takes out all that is left. */
  readonly clear: Effect.Effect<void>
  /** At most so many updates of a process, or of all of them, can a client have heard that has subscribed then. */
  readonly most: (id: string | undefined, since: number) => number
  /** What somebody who reads the registry finds. */
  readonly truth: (id: string) => Effect.Effect<string>
  readonly truthOfAll: Effect.Effect<string>
}

/** In milliseconds, on a clock that nobody sets. */
export const now = Effect.map(Clock.monotonicTimeNanos, (nanos) => Number(nanos) / 1e6)

export const missing = "missing"

export const stateOf = (liveStatus: string, exitCode: number | null): string => `${liveStatus} ${exitCode}`

export const listOf = (states: ReadonlyArray<readonly [id: string, state: string]>): string =>
  states.map((state) => state.join(" ")).join(", ")

/** A program of its own that reads and writes the registry, as far as the registry can tell. */
const program = (env: Record<string, string>) =>
  Layer.build(
    Layer.fresh(Zag.layer).pipe(
      Layer.provide(services),
      Layer.provide(ConfigProvider.layer(ConfigProvider.fromEnv({ env })))
    )
  )

// Within it an end and the record of it are one change, which `Updates` says.
const recording = 800

export const make = Effect.fnUntraced(function*(env: Record<string, string>) {
  const [reader, ...writers] = yield* Effect.all([program(env), program(env), program(env)])
  const control = Context.get(reader, ProcessControl)
  const stories = new Map<string, Story>()
  /** Also those that have been removed. */
  const all = new Map<string, Story>()
  const registrations: Array<Change & { readonly from: number }> = []

  const during = Effect.fnUntraced(function*<A, E, R>(changes: Array<Change>, effect: Effect.Effect<A, E, R>) {
    const change: Change = { until: Infinity }
    changes.push(change)
    const result = yield* effect
    change.until = yield* now
    return result
  })

  const remove = Effect.fnUntraced(function*(story: Story) {
    story.isRemoved = true
    stories.delete(story.id)
    yield* during(story.changes, Context.get(writers[0]!, ProcessStore).remove(story.id))
  })

  /** Registered by the library, which records the end as well, or by somebody who never does. */
  const enter = Effect.fnUntraced(function*(pid: number, isKept: boolean, writer: typeof reader) {
    const changes: Array<Change> = []
    const from = yield* now
    const registration: typeof registrations[number] = { from, until: Infinity }
    if (isKept) registrations.push(registration)
    const entered = isKept
      ? during(changes, Context.get(writer, ProcessRegistration).register({ pid, provider: "sleep" }))
      : Effect.gen(function*() {
        const id = `unkept-${all.size}-${pid}`
        const entry = Registry.entry({ id, pid, provider: "sleep", startedAt: yield* Timestamp.now })
        yield* during(changes, Context.get(writer, ProcessStore).add(entry))
        return { id, finish: undefined }
      })
    const { finish, id } = yield* entered
    registration.until = yield* now
    const story: Story = { id, changes, endsAt: Infinity, unseen: 2, isOver: false, isRemoved: false }
    all.set(id, story)
    return { story, finish }
  })

  /** Whether somebody else may have seen, or recorded, that it had ended, before its writer did. */
  const wasUnkept = ({ endsAt }: Story, until: number): boolean =>
    until - endsAt > recording || registrations.some((other) => other.until >= endsAt && other.from <= until)

  const tell = Effect.fnUntraced(function*(stopping: Deferred.Deferred<void>) {
    const pause = (seconds: number) => Effect.raceFirst(Effect.sleep(seconds * 1000), Deferred.await(stopping))
    const writer = yield* Random.choice(writers)
    const isKept = (yield* Random.next) < 0.7
    const isKilled = (yield* Random.next) < 0.4
    const seconds = yield* Random.nextIntBetween(2, 10)
    const spawnedAt = yield* now
    const handle = yield* ChildProcess.make("sleep", [`${seconds}`], { killSignal: "SIGKILL" })
    const { finish, story } = yield* enter(handle.pid, isKept, writer)
    // Clocks differ by a little.
    story.endsAt = spawnedAt + seconds * 1000 - 10
    stories.set(story.id, story)
    const ended = Effect.raceFirst(Effect.exit(handle.exitCode), Deferred.await(stopping))
    yield* isKilled ? pause((yield* Random.next) * seconds) : ended
    const isCut = yield* handle.isRunning
    if (isCut) {
      story.endsAt = Math.min(story.endsAt, yield* now)
      yield* Effect.ignore(handle.kill({ killSignal: "SIGKILL" }))
    }
    if (finish !== undefined) {
      const ending = isCut ? { status: "killed", exitCode: 1 } as const : { status: "exited", exitCode: 0 } as const
      yield* during(story.changes, finish(ending))
      if (!wasUnkept(story, yield* now)) story.unseen = 0
    }
    story.isOver = true
    yield* pause(yield* Random.nextBetween(1, 6))
    // At the end all stays, for clients to have a look.
    if (!(yield* Deferred.isDone(stopping))) yield* remove(story)
  }, Effect.scoped)

  const mostOf = ({ changes, isRemoved, unseen }: Story, since: number): number => {
    const later = changes.filter(({ until }) => until >= since).length
    return isRemoved && later === 0 ? 0 : later + unseen
  }

  const world: World = {
    stories,
    count: () => all.size,
    run: (places, seed, stopping) =>
      Effect.forEach(
        Array.from({ length: places }, (_, place) => place),
        (place) =>
          tell(stopping).pipe(
            Effect.repeat({ until: () => Deferred.isDone(stopping) }),
            Random.withSeed(`${seed} place ${place}`)
          ),
        { concurrency: "unbounded", discard: true }
      ).pipe(Effect.provide(services), Effect.orDie),
    clear: Effect.orDie(Effect.suspend(() => Effect.forEach(Array.from(stories.values()), remove, { discard: true }))),
    most: (id, since) =>
      id === undefined
        ? Array.from(all.values()).reduce((sum, story) => sum + mostOf(story, since), 0)
        : mostOf(all.get(id)!, since),
    truth: (id) =>
      control.show(id).pipe(
        Effect.map(({ exitCode, liveStatus }) => stateOf(liveStatus, exitCode)),
        Effect.orElseSucceed(() => missing)
      ),
    truthOfAll: control.list({ limit: bound }).pipe(
      Effect.map(({ processes }) =>
        listOf(processes.map(({ exitCode, id, liveStatus }) => [id, stateOf(liveStatus, exitCode)]))
      ),
      Effect.orDie
    )
  }
  return world
})
