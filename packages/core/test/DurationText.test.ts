import { assert, describe, it } from "@effect/vitest"
import { Duration, Option } from "effect"
import { parse } from "../src/DurationText.ts"

describe("parse", () => {
  it.each(
    [["500ms", 500], ["5s", 5000], ["1m", 60_000], ["0.25m", 15_000], ["1.5", 1500], ["2", 2000], ["0", 0], [
      "1h30m",
      5_400_000
    ], [
      "1d",
      86_400_000
    ]] as const
  )(
    "reads %s",
    (text, millis) => assert.deepStrictEqual(Option.map(parse(text), Duration.toMillis), Option.some(millis))
  )

  it.each(["", "s", "-1s", "5y", "5 s", "1h 30m", "1h30", "1e3", "1_000", "Infinity", ".5s", "5s5", "0x10", "١s"])(
    "refuses %j",
    (text) => assert.isTrue(Option.isNone(parse(text)))
  )
})
