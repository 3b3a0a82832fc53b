/**
 * What the services log, as a person at a terminal reads it: `Warning: …` on
 * stderr, like the warnings of the commands themselves.
 */
import * as Cause from "effect/Cause"
import type * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"

const lineLogger = Logger.make(({ cause, logLevel, message }) => {
  const text = Array.isArray(message) ? message.join(" ") : String(message)
  const name = logLevel === "Warn" ? "Warning" : logLevel
  const why = cause.reasons.length === 0 ? "" : `\n${Cause.pretty(cause)}`
  process.stderr.write(`${name}: ${text}${why}\n`)
})

export const layer: Layer.Layer<never> = Logger.layer([lineLogger])
