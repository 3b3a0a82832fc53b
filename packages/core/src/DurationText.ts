/**
 * A length of time as it is typed.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"

const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

const number = String.raw`\d{1,9}(?:\.\d{1,9})?`

const part = new RegExp(`(${number})(ms|s|m|h|d)`, "g")

const whole = new RegExp(`^(?:${number}|(?:${number}(?:ms|s|m|h|d))+)$`)

/**
 * Reads `500ms`, `5s` or `1h30m`; a number alone is seconds.
 *
 * @category parsing
 * @since 0.1.0
 */
export const parse = (text: string): Option.Option<Duration.Duration> => {
  if (!whole.test(text)) return Option.none()
  const parts = Array.from(
    text.matchAll(part),
    ([, count, unit]) => Number(count) * units[unit as keyof typeof units]
  )
  return Option.some(
    parts.length === 0 ? Duration.seconds(Number(text)) : Duration.millis(parts.reduce((a, b) => a + b))
  )
}
