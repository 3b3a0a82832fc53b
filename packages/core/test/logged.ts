import { Effect, Logger } from "effect"

/** Runs an effect, and answers what it logged. */
export const logged = Effect.fnUntraced(function*<A, E, R>(effect: Effect.Effect<A, E, R>) {
  const messages: Array<string> = []
  const logger = Logger.make(({ logLevel, message }) => void messages.push(`${logLevel}: ${message}`))
  yield* Effect.provide(effect, Logger.layer([logger]))
  return messages
})
