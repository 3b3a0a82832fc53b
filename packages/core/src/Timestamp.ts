/**
 * Instants as `zag` writes and reads them: RFC 3339 with up to nine fractional
 * digits, compared with nanosecond precision.
 *
 * `Date` is of no use here: it stops at milliseconds and accepts texts that
 * `zag` rejects, so two programs would order one file differently.
 *
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Order from "effect/Order"

/**
 * A point in time, normalised to UTC.
 *
 * `seconds` counts from the Unix epoch; `nanos` is 0 to 999,999,999, or up to
 * 1,999,999,999 within a leap second, which therefore sorts after its `:59`.
 *
 * @category models
 * @since 0.1.0
 */
export interface Instant {
  readonly seconds: number
  readonly nanos: number
}

const pattern = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+\-\u2212]\d{2}:\d{2})$/

/** The number at this place, where there are only digits. To have a pattern take it out costs three times as much. */
const numberAt = (text: string, start: number, end: number): number => {
  let value = 0
  for (let at = start; at < end; at++) value = value * 10 + text.charCodeAt(at) - 0x30
  return value
}

const daysInMonth = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const

const isLeapYear = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)

// Days since 1970-01-01 in the proleptic Gregorian calendar, with years that begin in March.
const daysFromCivil = (year: number, month: number, day: number): number => {
  const y = month <= 2 ? year - 1 : year
  const era = Math.floor(y / 400)
  const yearOfEra = y - era * 400
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * 146_097 + dayOfEra - 719_468
}

/**
 * Reads a timestamp by the rules of the RFC 3339 parser that `zag` uses, and
 * answers `undefined` for every text that it rejects.
 *
 * **Details**
 *
 * The date and time are separated by `T`, `t` or a blank; an offset is
 * required; a fraction has one or more digits, of which nine count; second 60
 * is accepted in any minute.
 *
 * **Example** (Two spellings of one instant)
 *
 * ```ts
 * parse("2026-01-01T01:00:00+01:00") // { seconds: 1767225600, nanos: 0 }
 * parse("2026-01-01T00:00:00Z")      // { seconds: 1767225600, nanos: 0 }
 * parse("2026-01-01")                // undefined
 * ```
 *
 * @category parsing
 * @since 0.1.0
 */
export const parse = (text: string): Instant | undefined => {
  if (!pattern.test(text)) return undefined
  const year = numberAt(text, 0, 4)
  const month = numberAt(text, 5, 7)
  const day = numberAt(text, 8, 10)
  const hour = numberAt(text, 11, 13)
  const minute = numberAt(text, 14, 16)
  const second = numberAt(text, 17, 19)
  if (month < 1 || month > 12) return undefined
  const lastDay = month === 2 && isLeapYear(year) ? 29 : daysInMonth[month - 1]!
  if (day < 1 || day > lastDay || hour > 23 || minute > 59 || second > 60) return undefined
  const zone = text.at(-3) === ":" ? text.length - 6 : text.length - 1
  // None behind a `Z`.
  const offsetHours = numberAt(text, zone + 1, text.length - 3)
  const offsetMinutes = numberAt(text, zone + 4, text.length)
  if (offsetHours > 23 || offsetMinutes > 59) return undefined
  const offset = (text[zone] === "+" ? 1 : -1) * (offsetHours * 3600 + offsetMinutes * 60)
  const lastDigit = Math.min(zone, 29)
  const leap = second === 60
  return {
    seconds: daysFromCivil(year, month, day) * 86_400 + hour * 3600 + minute * 60 + (leap ? 59 : second) - offset,
    nanos: (lastDigit > 20 ? numberAt(text, 20, lastDigit) * 10 ** (29 - lastDigit) : 0) + (leap ? 1_000_000_000 : 0)
  }
}

/**
 * Orders instants from the earliest to the latest.
 *
 * @category ordering
 * @since 0.1.0
 */
export const InstantOrder: Order.Order<Instant> = Order.make((self, that) => {
  if (self.seconds !== that.seconds) return self.seconds < that.seconds ? -1 : 1
  if (self.nanos !== that.nanos) return self.nanos < that.nanos ? -1 : 1
  return 0
})

/**
 * Milliseconds since the Unix epoch, for comparisons that need no more.
 *
 * @category conversions
 * @since 0.1.0
 */
export const toEpochMillis = (instant: Instant): number => instant.seconds * 1000 + instant.nanos / 1_000_000

/**
 * The instant of a number of milliseconds since the Unix epoch.
 *
 * @category conversions
 * @since 0.1.0
 */
export const fromEpochMillis = (millis: number): Instant => {
  const seconds = Math.floor(millis / 1000)
  return { seconds, nanos: Math.floor((millis - seconds * 1000) * 1_000_000) }
}

const pad = (value: number, length: number): string => String(value).padStart(length, "0")

// The inverse of `daysFromCivil`.
const civilFromDays = (days: number): readonly [year: number, month: number, day: number] => {
  const shifted = days + 719_468
  const era = Math.floor(shifted / 146_097)
  const dayOfEra = shifted - era * 146_097
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153)
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  return [year, month, dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1]
}

const fraction = (nanos: number): string => {
  if (nanos === 0) return ""
  const digits = pad(nanos, 9)
  if (nanos % 1_000_000 === 0) return `.${digits.slice(0, 3)}`
  if (nanos % 1000 === 0) return `.${digits.slice(0, 6)}`
  return `.${digits}`
}

/**
 * Writes an instant of the years 0 to 9999 as `zag` does: offset `+00:00`, and
 * no, three, six or nine fractional digits, whichever is the shortest that is
 * exact.
 *
 * @category formatting
 * @since 0.1.0
 */
export const format = ({ nanos, seconds }: Instant): string => {
  const days = Math.floor(seconds / 86_400)
  const rest = seconds - days * 86_400
  const [year, month, day] = civilFromDays(days)
  // A leap second is written as second 60 of its minute.
  const second = rest % 60 + (nanos >= 1_000_000_000 ? 1 : 0)
  const date = `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`
  const time = `${pad(Math.floor(rest / 3600), 2)}:${pad(Math.floor(rest / 60) % 60, 2)}:${pad(second, 2)}`
  return `${date}T${time}${fraction(nanos % 1_000_000_000)}+00:00`
}

/**
 * The current time of the `Clock`, written as `zag` writes it.
 *
 * @category formatting
 * @since 0.1.0
 */
export const now: Effect.Effect<string> = Effect.map(Clock.currentTimeNanos, (nanos) => {
  const billion = BigInt(1_000_000_000)
  return format({ seconds: Number(nanos / billion), nanos: Number(nanos % billion) })
})
