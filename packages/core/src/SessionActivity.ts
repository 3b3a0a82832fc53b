/**
 * Whether the agent of a session that runs does anything.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"
import * as Timestamp from "./Timestamp.ts"

/**
 * - `working`: something was written to the log of the session within the last
 *   {@link idleAfter}.
 * - `idle`: the last event is longer ago.
 * - `unknown`: it has no session, or no log that tells.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Activity = Schema.Literals(["working", "idle", "unknown"])

/**
 * @category models
 * @since 0.1.0
 */
export type Activity = typeof Activity.Type

/**
 * How long ago the last event of a session is that is idle: 30 seconds. `zag`
 * writes a heartbeat every 10 seconds as long as it watches an agent, so three
 * of them are missing then; for `zag status` it is the same time.
 *
 * @category models
 * @since 0.1.0
 */
export const idleAfter: Duration.Duration = Duration.seconds(30)

/**
 * What is known of the activity of a process.
 *
 * @category models
 * @since 0.1.0
 */
export interface SessionActivity {
  readonly activity: Activity
  /** The time of the last event of its session, heartbeats included; null when it is not known. */
  readonly lastActivityAt: string | null
  /** Why a log that is there does not tell. */
  readonly why?: string
}

/**
 * How many milliseconds before `now` something was; undefined where the text is
 * no time.
 *
 * @category conversions
 * @since 0.1.0
 */
export const ageOf = (time: string, now: number): number | undefined => {
  const instant = Timestamp.parse(time)
  return instant === undefined ? undefined : now - Timestamp.toEpochMillis(instant)
}

/**
 * The activity at `now`, in milliseconds since the Unix epoch, of a session
 * whose last event was then.
 *
 * @category constructors
 * @since 0.1.0
 */
export const activityOf = (lastActivityAt: string, now: number): SessionActivity => {
  const age = ageOf(lastActivityAt, now)
  if (age === undefined) return unknown(`its last event has no time, but ${JSON.stringify(lastActivityAt)}`)
  return { activity: age < Duration.toMillis(idleAfter) ? "working" : "idle", lastActivityAt }
}

/**
 * The activity of a process about which nothing is known.
 *
 * @category constructors
 * @since 0.1.0
 */
export const unknown = (why?: string): SessionActivity => ({
  activity: "unknown",
  lastActivityAt: null,
  ...(why === undefined ? {} : { why })
})
