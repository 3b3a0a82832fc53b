/**
 * An entry together with what the operating system says of its process now.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { startOf } from "./internal/startOf.ts"
import type { PidSpace, PidState } from "./OsProcess.ts"
import { jsonKeys, ProcessEntry } from "./ProcessEntry.ts"
import { type ProcessIdentity, whereabouts } from "./ProcessIdentity.ts"
import { ProcessLabels } from "./ProcessLabels.ts"
import * as Timestamp from "./Timestamp.ts"

/**
 * - `running`: the process is there.
 * - `dead`: stored as running, but the process is gone, has become a zombie, or
 *   its pid now belongs to something else.
 * - `exited`, `killed`: as stored.
 * - `unknown`: it runs in another pid namespace or on another machine, or is
 *   stored with a status nobody knows.
 *
 * @category schemas
 * @since 0.1.0
 */
export const LiveStatus = Schema.Literals(["running", "dead", "exited", "killed", "unknown"])

/**
 * @category models
 * @since 0.1.0
 */
export type LiveStatus = typeof LiveStatus.Type

/**
 * A {@link ProcessEntry} with its live status at the moment of asking.
 *
 * @category models
 * @since 0.1.0
 */
export class ProcessInfo extends ProcessEntry.extend<ProcessInfo>("ProcessInfo")({
  liveStatus: LiveStatus,
  /** It runs, and is known to be the process that was registered or first seen, not only one with its pid. */
  verified: Schema.Boolean,
  /** As they were given when it was registered; none of an entry of `zag`. */
  labels: ProcessLabels
}) {}

/**
 * Maps the field names of a {@link ProcessInfo} to the keys that scripts see.
 *
 * @category schemas
 * @since 0.1.0
 */
export const infoJsonKeys = { ...jsonKeys, liveStatus: "live_status", verified: "verified", labels: "labels" } as const

/**
 * The codec between {@link ProcessInfo} and the object that `--json` and the
 * tools show: the keys of the file, `live_status`, `verified` and `labels`.
 *
 * @category schemas
 * @since 0.1.0
 */
export const ProcessInfoJson = ProcessInfo.pipe(Schema.encodeKeys(infoJsonKeys))

/**
 * What is known of the life of a process, and why.
 *
 * @category models
 * @since 0.1.0
 */
export interface Liveness {
  readonly status: LiveStatus
  /** It is known to be the very process that was registered or first seen, and not only one with its pid. */
  readonly verified: boolean
  /** Why the process counts as dead or unknown. */
  readonly why?: string
  /** Why a signal must not be sent although the process counts as running. */
  readonly doubt?: string
}

// How much later than its entry a process may have started: an entry is written before its agent is launched.
const startTolerance = 60_000

// By so much the time of the boot is known, and the clock was set since.
const bootTolerance = 2000

const unverified = (status: LiveStatus, why?: string): Liveness =>
  why === undefined ? { status, verified: false } : { status, verified: false, why }

/**
 * Whether the process of an entry is alive, given what its pid is now, where
 * pids mean that, and who the process was, if that was recorded for this pid.
 *
 * **Details**
 *
 * A pid alone proves nothing: the number is given out again. With an identity
 * the process is that one or `dead`; in another pid namespace, or on another
 * machine, it is `unknown`. Without one, as of entries of `zag`, a process that
 * the kernel started more than 60 seconds after `startedAt` cannot be the one
 * that was registered, nor can any when the machine was booted since.
 *
 * @category guards
 * @since 0.1.0
 */
export const livenessOf = (
  entry: ProcessEntry,
  state: PidState,
  space: PidSpace,
  identity: ProcessIdentity | undefined
): Liveness => {
  if (entry.status === "exited" || entry.status === "killed") return unverified(entry.status)
  if (entry.status !== "running") {
    return unverified("unknown", `its stored status is ${JSON.stringify(entry.status)}`)
  }
  const place = identity === undefined ? undefined : whereabouts(identity, space)
  if (place?._tag === "Elsewhere") return unverified("unknown", `it runs ${place.where}`)
  if (place?._tag === "EarlierBoot" || (identity === undefined && isOfEarlierBoot(entry, space))) {
    return unverified("dead", "the machine was booted since it was registered")
  }
  switch (state._tag) {
    case "Gone":
      return unverified("dead", `no process has pid ${entry.pid}`)
    case "Zombie":
      return unverified("dead", `pid ${entry.pid} has ended and waits for its parent to notice`)
    case "Thread":
      return unverified("dead", `pid ${entry.pid} is now a thread of another process`)
    case "Running": {
      if (identity === undefined || state.startTicks === undefined) return livenessOfRunning(entry, state.startTime)
      return identity.startTicks === state.startTicks
        ? { status: "running", verified: true }
        : unverified("dead", `pid ${entry.pid} was given to another process`)
    }
  }
}

const isOfEarlierBoot = (entry: ProcessEntry, { bootTime }: PidSpace): boolean => {
  const registered = startOf(entry)
  return registered !== undefined && bootTime !== undefined &&
    Timestamp.toEpochMillis(registered) < bootTime - bootTolerance
}

const livenessOfRunning = (entry: ProcessEntry, startTime: number | undefined): Liveness => {
  if (startTime === undefined) return unverified("running")
  const registered = startOf(entry)
  if (registered === undefined) {
    return {
      ...unverified("running"),
      doubt: `its start time ${JSON.stringify(entry.startedAt)} is no time, ` +
        `so nothing shows that pid ${entry.pid} is still the process that was registered`
    }
  }
  return startTime > Timestamp.toEpochMillis(registered) + startTolerance
    ? unverified("dead", `pid ${entry.pid} was given to another process, which started later than this one`)
    : unverified("running")
}
