import { assert, describe, it } from "@effect/vitest"
import * as LockTurn from "../../src/internal/lockTurn.ts"

const makeTurns = () => {
  const clock = { now: 10_000 }
  const turns = LockTurn.make(() => clock.now)
  /** Has the lock for some milliseconds, at once after it was asked for; answers the courtesy that was due. */
  const hold = (millis: number) => {
    const courtesy = turns.courtesy()
    clock.now += courtesy
    turns.acquired()
    clock.now += millis
    turns.released()
    return courtesy
  }
  return { clock, hold, turns }
}

describe("lockTurn", () => {
  it("asks no courtesy of a program that nobody competes with", () => {
    const { hold } = makeTurns()
    for (let n = 0; n < 100; n++) assert.strictEqual(hold(3), 0)
  })

  it("lets others in when a program that was kept waiting lately has had its turn", () => {
    const { hold, turns } = makeTurns()
    turns.contended()
    const courtesies = Array.from({ length: 20 }, () => hold(3))
    // Seven times 3 ms are more than a turn of 20; then the next one begins.
    assert.deepStrictEqual(courtesies.flatMap((courtesy, n) => courtesy > 0 ? n : []), [7, 14])
    // Whoever waits looks at least once in that time.
    assert.isTrue(courtesies.every((courtesy) => courtesy === 0 || courtesy >= LockTurn.longestPause(0)))
  })

  it("forgets that there were others", () => {
    const { clock, hold, turns } = makeTurns()
    turns.contended()
    clock.now += 2000
    for (let n = 0; n < 100; n++) assert.strictEqual(hold(3), 0)
  })

  it("asks none of a program that lets others in by itself", () => {
    const { clock, hold, turns } = makeTurns()
    for (let n = 0; n < 100; n++) {
      turns.contended()
      assert.strictEqual(hold(3), 0)
      clock.now += 5
    }
  })

  it("makes whoever has waited for long look more often, and never without a pause", () => {
    const pauses = [0, 75, 200, 500, 10_000].map(LockTurn.longestPause)
    assert.deepStrictEqual(pauses, pauses.toSorted((self, that) => that - self))
    assert.isTrue(pauses.every((pause) => pause >= 2))
  })
})
