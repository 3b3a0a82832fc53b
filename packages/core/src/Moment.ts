/**
 * A point in time as it is typed.
 *
 * @since 0.1.0
 */
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import * as DurationText from "./DurationText.ts"
import * as Timestamp from "./Timestamp.ts"

/**
 * The instant that is meant, at a time of day in milliseconds since the Unix epoch.
 *
 * @category models
 * @since 0.1.0
 */
export type Moment = (now: number) => Timestamp.Instant

const date = /^(\d{4})-(\d{2})-(\d{2})$/

/** Midnight where the reader is, as `docker` and `journalctl` take a date. */
const midnight = (text: string): Option.Option<Timestamp.Instant> => {
  const match = date.exec(text)
  // The parser of times knows how long each month is.
  if (match === null || Timestamp.parse(`${text}T00:00:00Z`) === undefined) return Option.none()
  const [year, month, day] = match.slice(1).map(Number) as [number, number, number]
  const zoned = DateTime.makeZoned({ year, month, day }, {
    timeZone: DateTime.zoneMakeLocal(),
    adjustForTimeZone: true
  })
  return Option.map(zoned, (zoned) => Timestamp.fromEpochMillis(DateTime.toEpochMillis(zoned)))
}

/**
 * Reads `2h` as two hours ago; `2026-11-24T08:00:00Z`, with any offset, as that
 * time; `2026-11-24` as the beginning of that day, local time.
 *
 * @category parsing
 * @since 0.1.0
 */
export const parse = (text: string): Option.Option<Moment> => {
  const duration = DurationText.parse(text)
  if (Option.isSome(duration)) {
    const millis = Duration.toMillis(duration.value)
    return Option.some((now) => Timestamp.fromEpochMillis(now - millis))
  }
  return Option.fromUndefinedOr(Timestamp.parse(text)).pipe(
    Option.orElse(() => midnight(text)),
    Option.map((instant) => () => instant)
  )
}
