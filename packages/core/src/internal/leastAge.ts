/**
 * The age by which somebody chooses what is to go.
 */
import * as Duration from "effect/Duration"

/** In milliseconds. Nothing is of an age that is negative, or no number: what it was to keep must stay. */
export const leastAge = (age: Duration.Input): number => {
  // A `Duration` takes what is no number for zero, which everything is older than.
  if ([age, ...Object.values(age)].some(Number.isNaN)) return Infinity
  const millis = Duration.toMillis(Duration.fromInputUnsafe(age))
  return millis < 0 ? Infinity : millis
}
