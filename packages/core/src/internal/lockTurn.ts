/**
 * How programs that want one lock again and again take turns, although none
 * knows of the others: whoever has had it for a while lets somebody else in,
 * and whoever has waited for long asks more often.
 */
import * as RealTime from "./realTime.ts"

// Milliseconds. The longest that anybody sleeps between two looks at the lock.
const patience = 8

/** The longest pause of somebody who has waited for so long: the longer, the shorter, down to 2. */
export const longestPause = (waited: number): number => Math.max(2, patience - waited / 75)

// As long as that may one program take the lock again and again before somebody who waits for it is let in.
const turn = 20

// Two changes that are closer together than this belong to one turn.
const gap = 2

// Whoever was kept waiting lately is not the only one who wants the lock.
const lately = 1000

/** The turns of one program. */
export const make = (clock: () => number = RealTime.now) => {
  let began = 0
  let released = -Infinity
  let contended = -Infinity
  return {
    /** Milliseconds to wait before the lock is asked for; nearly always none. */
    courtesy: (): number => {
      const now = clock()
      return now - released < gap && now - began > turn && now - contended < lately ? patience : 0
    },
    contended: (): void => {
      contended = clock()
    },
    acquired: (): void => {
      const now = clock()
      if (now - released >= gap) began = now
    },
    released: (): void => {
      released = clock()
    }
  }
}
