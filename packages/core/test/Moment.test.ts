import { assert, describe, it } from "@effect/vitest"
import { Option } from "effect"
import { parse } from "../src/Moment.ts"
import * as Timestamp from "../src/Timestamp.ts"

const now = Date.parse("2026-11-24T12:00:00Z")

const read = (text: string) => Option.getOrThrow(parse(text))(now)

describe("parse", () => {
  it.each([
    ["0", "2026-11-24T12:00:00+00:00"],
    ["2h", "2026-11-24T10:00:00+00:00"],
    ["1d12h", "2026-11-23T00:00:00+00:00"],
    ["7d", "2026-11-17T12:00:00+00:00"],
    ["1.5", "2026-11-24T11:59:58.500+00:00"],
    ["2026-11-24T08:00:00.000000001+02:00", "2026-11-24T06:00:00.000000001+00:00"],
    ["2026-11-24 08:00:00z", "2026-11-24T08:00:00+00:00"]
  ])("reads %s as %s", (text, time) => assert.strictEqual(Timestamp.format(read(text)), time))

  // Without an offset `Date.parse` takes a time for one of here.
  it("takes a date for the beginning of that day here", () => {
    assert.strictEqual(Timestamp.toEpochMillis(read("2026-07-01")), Date.parse("2026-07-01T00:00:00"))
    assert.strictEqual(Timestamp.toEpochMillis(read("2028-02-29")), Date.parse("2028-02-29T00:00:00"))
  })

  it.each(["", "yesterday", "2026-11-31", "2027-02-29", "2026-13-01", "2026-1-1", "2026-11-24T08:00:00", "-2h", "2w"])(
    "refuses %j",
    (text) => assert.isTrue(Option.isNone(parse(text)))
  )
})
