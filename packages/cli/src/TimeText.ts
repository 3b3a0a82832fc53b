/**
 * A point in time as a person reads it.
 */

/** To the second, so that it fits a terminal; of another form it stays as it is. */
export const toSecond = (time: string): string => time.replace(/(?:\.\d+)?\+00:00$/, "Z")
