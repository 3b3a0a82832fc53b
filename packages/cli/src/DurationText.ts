/**
 * A span of time as a person types it.
 */
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"

const units = { "": 1000, ms: 1, s: 1000, m: 60_000 } as const

/** `500ms`, `5s`, `1m`; a number alone is seconds. */
export const parse = (text: string): Option.Option<Duration.Duration> => {
  const match = /^(\d{1,9}(?:\.\d{1,9})?)(ms|s|m|)$/.exec(text)
  return match === null
    ? Option.none()
    : Option.some(Duration.millis(Number(match[1]) * units[match[2] as keyof typeof units]))
}
