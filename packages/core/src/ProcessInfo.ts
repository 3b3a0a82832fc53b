/**
 * An entry together with what the operating system says of its process now.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import type { PidState } from "./OsProcess.ts"
import { jsonKeys, ProcessEntry } from "./ProcessEntry.ts"
import * as Timestamp from "./Timestamp.ts"

/**
 * - `running`: the process is there.
 * - `dead`: stored as running, but the process is gone, has become a zombie, or
 *   its pid now belongs to something else.
 * - `exited`, `killed`: as stored.
 * - `unknown`: stored with a status nobody knows.
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
  liveStatus: LiveStatus
}) {}

/**
 * Maps the field names of a {@link ProcessInfo} to the keys that scripts see.
 *
 * @category schemas
 * @since 0.1.0
 */
export const infoJsonKeys = { ...jsonKeys, liveStatus: "live_status" } as const

/**
 * The codec between {@link ProcessInfo} and the object that `--json` and the
 * tools show: the keys of the file and `live_status`.
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
  /** Why the process counts as dead or unknown. */
  readonly why?: string
  /** Why a signal must not be sent although the process counts as running. */
  readonly doubt?: string
}

// How much later than its entry a process may have started: an entry is written before its agent is launched.
const startTolerance = 60_000

/**
 * Whether the process of an entry is alive, given what its pid is now.
 *
 * **Details**
 *
 * A pid alone proves nothing: the number is given out again. A process that the
 * kernel started more than 60 seconds after `startedAt` cannot be the one that
 * was registered.
 *
 * @category guards
 * @since 0.1.0
 */
export const livenessOf = (entry: ProcessEntry, state: PidState): Liveness => {
  if (entry.status === "exited" || entry.status === "killed") return { status: entry.status }
  if (entry.status !== "running") {
    return { status: "unknown", why: `its stored status is ${JSON.stringify(entry.status)}` }
  }
  switch (state._tag) {
    case "Gone":
      return { status: "dead", why: `no process has pid ${entry.pid}` }
    case "Zombie":
      return { status: "dead", why: `pid ${entry.pid} has ended and waits for its parent to notice` }
    case "Thread":
      return { status: "dead", why: `pid ${entry.pid} is now a thread of another process` }
    case "Running":
      return livenessOfRunning(entry, state.startTime)
  }
}

const livenessOfRunning = (entry: ProcessEntry, startTime: number | undefined): Liveness => {
  if (startTime === undefined) return { status: "running" }
  const registered = Timestamp.parse(entry.startedAt)
  if (registered === undefined) {
    return {
      status: "running",
      doubt: `its start time ${JSON.stringify(entry.startedAt)} is no time, ` +
        `so nothing shows that pid ${entry.pid} is still the process that was registered`
    }
  }
  return startTime > Timestamp.toEpochMillis(registered) + startTolerance
    ? { status: "dead", why: `pid ${entry.pid} was given to another process, which started later than this one` }
    : { status: "running" }
}
