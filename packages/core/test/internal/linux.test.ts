import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { parseStat } from "../../src/internal/linux.ts"

const stat = (name: string, state = "S", exitSignal = 17) =>
  `4711 (${name}) ${state} 99 4711 4711 0 -1 4194560 132 0 0 0 5 6 7 8 20 0 11 0 815523 11517952 1024 18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 ${exitSignal} 1 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n`

const fields = {
  parent: 99,
  group: 4711,
  session: 4711,
  cpuTicks: 11,
  threads: 11,
  startTicks: 815_523,
  tellsNobody: false,
  hasMemory: true,
  hasEnvironment: false
}

describe("parseStat", () => {
  it.each(["node", "", "a b", ")", "(", ") R 1 (", "a) Z 0 (b", "((sd-pam))", "line\nbreak", "é"])(
    "counts fields after the name %j",
    (name) => {
      assert.deepStrictEqual(parseStat(stat(name)), { state: "S", ...fields })
    }
  )

  it.each(["R", "S", "D", "Z", "T", "X", "I"])("reads the state %s", (state) => {
    assert.strictEqual(parseStat(stat("x", state)).state, state)
  })

  it("sees that it may be a thread", () => {
    assert.isTrue(parseStat(stat("x", "S", -1)).tellsNobody)
  })

  it.prop("is not misled by any name", { name: Schema.String }, ({ name }) => {
    assert.deepStrictEqual(parseStat(stat(name, "R")), { state: "R", ...fields })
  })
})
