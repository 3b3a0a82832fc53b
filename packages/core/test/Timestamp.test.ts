import { assert, describe, it } from "@effect/vitest"
import * as Timestamp from "@zag/core/Timestamp"
import { DateTime, Effect, Schema } from "effect"
import { TestClock } from "effect/testing"

const firstSecond = -62_167_219_200
const lastSecond = 253_402_300_799

const twoDigits = (value: number): string => String(value).padStart(2, "0")

const between = (minimum: number, maximum: number) => Schema.Int.check(Schema.isBetween({ minimum, maximum }))

const parsed = (text: string): Timestamp.Instant => {
  const instant = Timestamp.parse(text)
  if (instant === undefined) return assert.fail(`${text} does not parse`)
  return instant
}

const inOrder = (texts: ReadonlyArray<string>) =>
  assert.deepStrictEqual(
    texts.toReversed().toSorted((self, that) => Timestamp.InstantOrder(parsed(self), parsed(that))),
    texts
  )

describe("Timestamp.parse", () => {
  it.prop("reads fractions and offsets of every length", {
    digits: Schema.Array(between(0, 9)).check(Schema.isMinLength(1), Schema.isMaxLength(12)),
    hours: between(0, 23),
    minutes: between(0, 59),
    sign: Schema.Literals(["+", "-", "\u2212", "Z", "z"])
  }, ({ digits, hours, minutes, sign }) => {
    const isUtc = sign.toUpperCase() === "Z"
    const offset = isUtc ? 0 : (sign === "+" ? 1 : -1) * (hours * 3600 + minutes * 60)
    const zone = isUtc ? sign : `${sign}${twoDigits(hours)}:${twoDigits(minutes)}`
    const seconds = 1_767_225_600 - offset
    assert.deepStrictEqual(Timestamp.parse(`2026-01-01T00:00:00${zone}`), { seconds, nanos: 0 })
    assert.deepStrictEqual(Timestamp.parse(`2026-01-01T00:00:00.${digits.join("")}${zone}`), {
      seconds,
      nanos: Number(digits.join("").slice(0, 9).padEnd(9, "0"))
    })
  }, { arbitrary: { runs: 1000 } })

  it.each([
    ["2026-01-01T00:00:00Z", 1_767_225_600, 0],
    ["2026-01-01T01:00:00+01:00", 1_767_225_600, 0],
    ["2025-12-31T22:30:00-01:30", 1_767_225_600, 0],
    ["2026-01-01T00:00:00-00:00", 1_767_225_600, 0],
    ["2026-01-01T23:59:00+23:59", 1_767_225_600, 0],
    ["2025-12-31T23:00:00\u221201:00", 1_767_225_600, 0],
    ["2026-01-01t00:00:00z", 1_767_225_600, 0],
    ["2026-01-01 00:00:00Z", 1_767_225_600, 0],
    ["2026-01-01T00:00:00.5Z", 1_767_225_600, 500_000_000],
    ["2026-01-01T00:00:00.000000001+00:00", 1_767_225_600, 1],
    ["2026-01-01T00:00:00.1234567891234Z", 1_767_225_600, 123_456_789],
    ["2026-01-01T00:00:00.9999999999Z", 1_767_225_600, 999_999_999],
    ["1969-12-31T23:59:59.25Z", -1, 250_000_000],
    ["2024-02-29T00:00:00Z", 1_709_164_800, 0],
    ["2000-02-29T00:00:00Z", 951_782_400, 0],
    ["0000-01-01T00:00:00Z", firstSecond, 0],
    ["9999-12-31T23:59:59Z", lastSecond, 0],
    ["2026-01-01T23:59:60Z", 1_767_311_999, 1_000_000_000],
    ["2026-01-01T12:30:60Z", 1_767_270_659, 1_000_000_000],
    ["2026-01-01T12:30:60.25Z", 1_767_270_659, 1_250_000_000]
  ])("reads %s", (text, seconds, nanos) => {
    assert.deepStrictEqual(Timestamp.parse(text), { seconds, nanos })
  })

  it.each([
    "",
    "2026-01-01",
    "2026-01-04T00:00:00",
    "2026-01-06T00:00:00+0000",
    "2026-01-06T00:00:00+00",
    "2026-01-12T00:00Z",
    "2026-01-08T24:00:00Z",
    "2026-01-08T23:60:00Z",
    "2026-01-08T23:59:61Z",
    "2026-02-30T00:00:00Z",
    "2026-02-29T00:00:00Z",
    "1900-02-29T00:00:00Z",
    "2026-04-31T00:00:00Z",
    "2026-00-10T00:00:00Z",
    "2026-13-10T00:00:00Z",
    "2026-01-00T00:00:00Z",
    "2026-01-01T00:00:00+24:00",
    "2026-01-01T00:00:00+01:60",
    "2026-01-01T00:00:00.Z",
    "2026-01-01T00:00:00,5Z",
    " 2026-01-01T00:00:00Z",
    "2026-01-01T00:00:00Z ",
    "2026-01-01T00:00:00Z\n",
    "2026-01-01  00:00:00Z",
    "2026-01-01_00:00:00Z",
    "+12026-01-01T00:00:00Z",
    "-2026-01-01T00:00:00Z",
    "226-01-01T00:00:00Z",
    "2026-1-01T00:00:00Z",
    "2026-01-01T00:00:00UTC",
    "\u0662\u0660\u0662\u0666-01-01T00:00:00Z",
    "Thu, 01 Jan 2026 00:00:00 GMT",
    "1767225600"
  ])("does not read %j", (text) => {
    assert.isUndefined(Timestamp.parse(text))
  })

  it.prop("agrees with the platform's calendar on every whole second", { seconds: between(firstSecond, lastSecond) }, ({
    seconds
  }) => {
    const iso = DateTime.formatIso(DateTime.makeUnsafe(seconds * 1000))
    assert.deepStrictEqual(Timestamp.parse(iso), { seconds, nanos: 0 })
  }, { arbitrary: { runs: 1000 } })

  it.prop("never throws, and answers none for a text that is no time", { text: Schema.String }, ({ text }) => {
    assert.isUndefined(Timestamp.parse(text))
  })
})

describe("Timestamp.InstantOrder", () => {
  it("tells instants one nanosecond apart", () =>
    inOrder([
      "2026-01-01T00:00:00.123456788Z",
      "2026-01-01T00:00:00.123456789Z",
      "2026-01-01T00:00:00.12345679Z",
      "2026-01-01T00:00:01Z"
    ]))

  it("puts a leap second after :59 and before the next minute", () =>
    inOrder([
      "2026-01-01T23:59:59Z",
      "2026-01-01T23:59:59.999999999Z",
      "2026-01-01T23:59:60Z",
      "2026-01-01T23:59:60.5Z",
      "2026-01-02T00:00:00Z"
    ]))

  it("compares instants, not the texts of their offsets", () => {
    inOrder(["2026-01-01T09:00:00+09:00", "2026-01-01T00:00:01Z", "2025-12-31T23:00:02-01:00"])
    assert.strictEqual(
      Timestamp.InstantOrder(parsed("2026-01-01T01:00:00+01:00"), parsed("2026-01-01T00:00:00.000Z")),
      0
    )
  })

  it("orders times before 1970", () =>
    inOrder(["0000-01-01T00:00:00Z", "1969-12-31T23:59:59.1Z", "1969-12-31T23:59:59.9Z", "1970-01-01T00:00:00Z"]))
})

describe("Timestamp.format", () => {
  it.each([
    [0, 0, "1970-01-01T00:00:00+00:00"],
    [1_767_225_600, 0, "2026-01-01T00:00:00+00:00"],
    [1_767_225_600, 1_000_000, "2026-01-01T00:00:00.001+00:00"],
    [1_767_225_600, 120_000_000, "2026-01-01T00:00:00.120+00:00"],
    [1_767_225_600, 1000, "2026-01-01T00:00:00.000001+00:00"],
    [1_767_225_600, 123_456_000, "2026-01-01T00:00:00.123456+00:00"],
    [1_767_225_600, 1, "2026-01-01T00:00:00.000000001+00:00"],
    [1_767_225_600, 769_707_116, "2026-01-01T00:00:00.769707116+00:00"],
    [-1, 999_999_999, "1969-12-31T23:59:59.999999999+00:00"],
    [firstSecond, 0, "0000-01-01T00:00:00+00:00"],
    [lastSecond, 0, "9999-12-31T23:59:59+00:00"],
    [1_767_311_999, 1_500_000_000, "2026-01-01T23:59:60.500+00:00"]
  ])("writes %d s and %d ns as %s", (seconds, nanos, text) => {
    assert.strictEqual(Timestamp.format({ seconds, nanos }), text)
  })

  it.prop("is read back as the same instant", {
    seconds: between(firstSecond, lastSecond),
    nanos: between(0, 999_999_999),
    coarser: Schema.Literals([1, 1000, 1_000_000, 1_000_000_000])
  }, ({ coarser, nanos, seconds }) => {
    const instant = { seconds, nanos: nanos - nanos % coarser }
    assert.deepStrictEqual(Timestamp.parse(Timestamp.format(instant)), instant)
  }, { arbitrary: { runs: 2000 } })

  it.prop("is read back as the same leap second", {
    minute: between(firstSecond / 60, (lastSecond - 59) / 60),
    nanos: between(1_000_000_000, 1_999_999_999)
  }, ({ minute, nanos }) => {
    const instant = { seconds: minute * 60 + 59, nanos }
    assert.deepStrictEqual(Timestamp.parse(Timestamp.format(instant)), instant)
  })

  it("knows the length of every month of the years 0 to 9999", () => {
    let expected = firstSecond
    for (let month = 0; month < 120_000; month++) {
      const year = Math.floor(month / 12)
      const prefix = `${String(year).padStart(4, "0")}-${String(month % 12 + 1).padStart(2, "0")}`
      if (Timestamp.format({ seconds: expected, nanos: 0 }) !== `${prefix}-01T00:00:00+00:00`) {
        assert.fail(`the first of ${prefix} is not ${expected}`)
      }
      const lastDay = [31, 30, 29, 28].find((day) => Timestamp.parse(`${prefix}-${day}T00:00:00Z`) !== undefined)!
      expected += lastDay * 86_400
    }
    assert.strictEqual(expected, lastSecond + 1)
  })

  it.prop(
    "agrees with the platform's calendar on every whole millisecond",
    { millis: between(firstSecond * 1000, lastSecond * 1000 + 999) },
    ({ millis }) => {
      const seconds = Math.floor(millis / 1000)
      const text = Timestamp.format({ seconds, nanos: (millis - seconds * 1000) * 1_000_000 })
      const iso = DateTime.formatIso(DateTime.makeUnsafe(millis))
      assert.strictEqual(text, iso.replace(/(\.000)?Z$/, "+00:00"))
    },
    { arbitrary: { runs: 1000 } }
  )
})

describe("Timestamp.toEpochMillis", () => {
  it.prop("is the number a Date of the same time holds", { millis: between(0, lastSecond * 1000) }, ({ millis }) => {
    const iso = DateTime.formatIso(DateTime.makeUnsafe(millis))
    assert.strictEqual(Timestamp.toEpochMillis(parsed(iso)), millis)
  })
})

describe("Timestamp.fromEpochMillis", () => {
  it.each([
    [0, "1970-01-01T00:00:00+00:00"],
    [-1, "1969-12-31T23:59:59.999+00:00"],
    [1_767_225_600_042.5, "2026-01-01T00:00:00.042500+00:00"]
  ])("of %d is %s", (millis, text) => assert.strictEqual(Timestamp.format(Timestamp.fromEpochMillis(millis)), text))
})

describe("Timestamp.now", () => {
  it.effect("is the time of the Clock", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(1_767_225_600_042)
      assert.strictEqual(yield* Timestamp.now, "2026-01-01T00:00:00.042+00:00")
    }))

  it.live("can be read back", () =>
    Effect.gen(function*() {
      assert.isDefined(Timestamp.parse(yield* Timestamp.now))
    }))
})
