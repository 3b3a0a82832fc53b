/**
 * Telling one client of updates, for as long as it wants any.
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import * as Stream from "effect/Stream"
import type { Update, Updates } from "../Updates.ts"

export interface Options {
  readonly updates: Updates["Service"]
  /** With it listening ends in any case. */
  readonly scope: Scope.Scope
  readonly isWanted: () => boolean
  readonly tell: (update: Update) => Effect.Effect<void>
}

/**
 * To be run whenever what the client wants has changed: listening begins or
 * ends. When it is done, nothing that happens from then on is missed.
 */
export const make = ({ isWanted, scope: around, tell, updates }: Options): Effect.Effect<void> => {
  let listening: Scope.Closeable | undefined

  const end = (scope: Scope.Closeable) =>
    Effect.suspend(() => {
      listening = undefined
      return Scope.close(scope, Exit.void)
    })

  const begin = Effect.uninterruptibleMask(Effect.fnUntraced(function*(restore) {
    const scope = yield* Scope.fork(around)
    listening = scope
    const stream = yield* restore(Scope.provide(updates.subscribe, scope)).pipe(Effect.onError(() => end(scope)))
    yield* Effect.forkIn(Stream.runForEach(stream, tell), scope)
  }))

  return Effect.suspend(() => {
    if (isWanted()) return listening === undefined ? begin : Effect.void
    return listening === undefined ? Effect.void : Effect.uninterruptible(end(listening))
  }).pipe(Semaphore.makeUnsafe(1).withPermits(1))
}
