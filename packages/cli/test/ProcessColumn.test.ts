import { assert, describe, it } from "@effect/vitest"
import { age, size } from "../src/ProcessColumn.ts"

describe("age", () => {
  const start = Date.parse("2026-11-22T10:00:00Z")
  const after = (seconds: number) => age("2026-11-22T10:00:00Z", start + seconds * 1000)

  it("is the largest whole unit", () => {
    assert.deepStrictEqual(
      [-5, 0, 59, 60, 3599, 3600, 86_399, 86_400, 864_000].map(after),
      ["0s", "0s", "59s", "1m", "59m", "1h", "23h", "1d", "10d"]
    )
    assert.strictEqual(age("yesterday", start), "?")
  })
})

describe("size", () => {
  it.each([
    [0, "0B"],
    [1023, "1023B"],
    [1024, "1.0K"],
    [10_188, "9.9K"],
    [10_189, "10K"],
    [192_937_984, "184M"],
    [1024 ** 3 - 1, "1.0G"],
    [1.5 * 1024 ** 3, "1.5G"],
    [5000 * 1024 ** 5, "5000P"]
  ])("of %d bytes is %s", (bytes, text) => assert.strictEqual(size(bytes), text))
})
