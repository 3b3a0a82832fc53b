/**
 * Which resources change.
 *
 * @since 0.1.0
 */
import type { ProcessControl } from "@zag/core/ProcessControl"
import { ProcessStore } from "@zag/core/ProcessStore"
import type { Sidecar } from "@zag/core/Sidecar"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import * as RcRef from "effect/RcRef"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import * as Stream from "effect/Stream"
import * as Snapshot from "./internal/snapshot.ts"

/**
 * - `Updated`: the resource with this URI has other content than before.
 * - `ListChanged`: the list of resources has.
 *
 * @category models
 * @since 0.1.0
 */
export type Update =
  | { readonly _tag: "Updated"; readonly uri: string }
  | { readonly _tag: "ListChanged" }

/**
 * Tells which resources change, whoever makes the change: a program that writes
 * to the registry, or a process that ends without anybody writing.
 *
 * **Details**
 *
 * Only what the registry and the operating system know counts: not labels, nor
 * `verified`, nor what only grows with time. That a process is gone is told when
 * nobody has recorded its end within a second.
 *
 * All who subscribe share one watch. It begins with the first of them, ends with
 * the last, and looks once a second, and when the registry has changed, but
 * takes no more than a fifth of the time for that.
 *
 * @category services
 * @since 0.1.0
 */
export class Updates extends Context.Service<Updates, {
  /**
   * Begins to watch, until the scope closes. What happens after this is done is
   * in the stream, once; what changes again before it is taken from there is in
   * it once for both.
   */
  readonly subscribe: Effect.Effect<Stream.Stream<Update>, never, Scope.Scope>
}>()("@zag/mcp/Updates") {
  static readonly layer: Layer.Layer<Updates, never, ProcessControl | ProcessStore | Sidecar> = Layer.effect(
    Updates,
    Effect.gen(function*() {
      const watch = yield* RcRef.make({ acquire: makeWatch })
      return Updates.of({
        subscribe: Effect.gen(function*() {
          const { listeners, look } = yield* RcRef.get(watch)
          // What has happened before is told to the others.
          yield* look
          const outbox = yield* makeOutbox
          yield* Effect.acquireRelease(
            Effect.sync(() => listeners.add(outbox.tell)),
            () => Effect.sync(() => listeners.delete(outbox.tell))
          )
          return outbox.stream
        })
      })
    })
  )
}

/**
 * Which resources change from now on.
 *
 * @category streams
 * @since 0.1.0
 */
export const stream: Stream.Stream<Update, never, Updates> = Stream.unwrap(
  Effect.flatMap(Updates, ({ subscribe }) => subscribe)
)

// How often it is looked whether those that run still do, in milliseconds.
const interval = 1000

// So many times as long as a look takes nobody looks.
const rest = 4

type Listener = (updates: ReadonlyArray<Update>) => void

const makeWatch = Effect.gen(function*() {
  const { changes } = yield* ProcessStore
  const services = yield* Effect.context<ProcessControl | ProcessStore | Sidecar>()
  const listeners = new Set<Listener>()
  const nudges = yield* Queue.sliding<void>(1)
  let last: Snapshot.Snapshot | undefined
  let hasBegun = false

  const look = Effect.gen(function*() {
    // Beside a damaged registry there is nothing to see until somebody has repaired it.
    const next = Option.getOrUndefined(yield* Effect.option(Snapshot.take(last)))
    const updates = hasBegun && next !== undefined ? Snapshot.between(last, next) : []
    hasBegun = true
    last = next ?? last
    if (updates.length > 0) { for (const tell of listeners) tell(updates) }
  }).pipe(
    Effect.provide(services),
    Semaphore.makeUnsafe(1).withPermits(1)
  )

  yield* changes.pipe(
    Stream.runForEach(() => Queue.offer(nudges, undefined)),
    Effect.retry(Schedule.spaced(interval)),
    Effect.forkScoped
  )

  yield* Effect.gen(function*() {
    yield* Effect.timeoutOption(Queue.take(nudges), interval)
    const [took] = yield* Effect.timed(look)
    yield* Effect.sleep(Duration.times(took, rest))
  }).pipe(Effect.forever, Effect.forkScoped)

  return { listeners, look }
})

/** Keeps what was told until it is taken, so that somebody who is slow has no more to take than there are resources. */
const makeOutbox = Effect.map(Queue.sliding<void>(1), (told) => {
  const updates = new Map<string, Update>()
  const tell: Listener = (added) => {
    for (const update of added) updates.set(update._tag === "Updated" ? update.uri : "", update)
    Queue.offerUnsafe(told, undefined)
  }
  const take = () => {
    const taken = Array.from(updates.values())
    updates.clear()
    return taken
  }
  return { tell, stream: Stream.fromQueue(told).pipe(Stream.map(take), Stream.flattenIterable) }
})
