/**
 * What is loaded and made when it is needed for the first time.
 */
import * as Effect from "effect/Effect"

/** What a module makes, in these surroundings, once. */
export const onDemand = <A, R>(
  load: () => Promise<{ readonly make: Effect.Effect<A, never, R> }>
): Effect.Effect<Effect.Effect<A>, never, R> =>
  Effect.flatMap(Effect.context<R>(), (services) =>
    Effect.cached(
      Effect.promise(load).pipe(
        Effect.flatMap(({ make }) => make),
        Effect.provide(services)
      )
    ))
