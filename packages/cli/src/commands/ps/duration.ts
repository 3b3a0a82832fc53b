import * as Flag from "effect/cli/Flag"
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"

const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** `500ms`, `5s`, `1h30m`; a bare number is seconds. */
export const parse = (text: string): Option.Option<Duration.Duration> => {
  if (/^\d+(\.\d+)?$/.test(text)) return Option.some(Duration.seconds(Number(text)))
  if (!/^(\d+(ms|s|m|h|d))+$/.test(text)) return Option.none()
  const parts = Array.from(
    text.matchAll(/(\d+)(ms|s|m|h|d)/g),
    ([, count, unit]) => Number(count) * units[unit as keyof typeof units]
  )
  return Option.some(Duration.millis(parts.reduce((sum, part) => sum + part)))
}

/** A flag whose value is a length of time. */
export const duration = (name: string, description: string): Flag.Flag<Duration.Duration> =>
  Flag.String(name).pipe(
    Flag.withMetavar("DURATION"),
    Flag.withDescription(`${description}. Such as 500ms, 5s or 1h30m; a bare number is seconds`),
    Flag.filterMap(parse, () => "a duration such as 500ms, 5s or 1h30m")
  )
