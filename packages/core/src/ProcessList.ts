/**
 * Which processes are looked for, and which of them are found.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import type { ListPosition } from "./ListPosition.ts"
import type { ProcessUsage } from "./OsProcess.ts"
import type { LiveStatus, ProcessInfo } from "./ProcessInfo.ts"
import type { ProcessOrder } from "./ProcessOrder.ts"
import type { UnreadableEntry } from "./ProcessStore.ts"
import type { Instant } from "./Timestamp.ts"

/**
 * Which processes to list, and in which order. Every given field must match;
 * where a field takes several values, one of them must, and none at all is as
 * if it were not given.
 *
 * **Details**
 *
 * Values match exactly. Those of `provider`, `model`, `command` and `session`
 * that begin with `~` match where the rest is contained, in upper or lower case.
 *
 * @category models
 * @since 0.1.0
 */
export interface ListFilter {
  /** Only processes whose live status is `running`. */
  readonly running?: boolean | undefined
  /** Only processes with this live status. */
  readonly status?: LiveStatus | ReadonlyArray<LiveStatus> | undefined
  readonly provider?: string | ReadonlyArray<string> | undefined
  readonly model?: string | ReadonlyArray<string> | undefined
  readonly command?: string | ReadonlyArray<string> | undefined
  readonly session?: string | ReadonlyArray<string> | undefined
  /** Only processes with this project directory, an absolute path; a slash at the end makes no difference. */
  readonly root?: string | undefined
  /** Only processes whose project directory is this one or below it. */
  readonly rootWithin?: string | undefined
  /** Only the processes started by this entry or session id; `self` stands for the caller's own entry. */
  readonly children?: string | undefined
  /**
   * Only processes with this label: `key`, with any value, or `key=value`. Of
   * several with one key, one must match; labels with different keys must all.
   */
  readonly label?: string | ReadonlyArray<string> | undefined
  /** Only processes that were registered then or later. */
  readonly since?: Instant | undefined
  /** Only processes that were registered then or before. */
  readonly until?: Instant | undefined
  /** Also processes that were moved to the archive. */
  readonly archived?: boolean | undefined
  /** Newest first by default. */
  readonly sort?: ProcessOrder | undefined
  /** Only what comes after this place in that order. */
  readonly after?: ListPosition | undefined
  /**
   * Only running processes whose last activity is known, and at least so long
   * ago. The logs of their sessions are read for that, and only for that.
   */
  readonly idle?: Duration.Input | undefined
  /** Also what the running ones use. */
  readonly usage?: boolean | undefined
  /** At most so many, the first ones in that order, counted after all other fields have matched. All for what is no number. */
  readonly limit?: number | undefined
}

/**
 * The answer of `ProcessControl.list`, in the order that was asked for.
 *
 * @category models
 * @since 0.1.0
 */
export interface ProcessList {
  readonly processes: ReadonlyArray<ProcessInfo>
  /** Entries of the file that could not be read; of the archive too, where that was looked at. */
  readonly unreadable: ReadonlyArray<UnreadableEntry>
  /** What those of the processes use that run, as far as it can be known; only when it was asked for. */
  readonly usage?: ReadonlyMap<ProcessInfo, ProcessUsage>
}

/**
 * The answer of `ProcessControl.targets`, each newest first.
 *
 * @category models
 * @since 0.1.0
 */
export interface ProcessTargets {
  /** The running processes that match. */
  readonly targets: ReadonlyArray<ProcessInfo>
  /** Those of them that the caller runs in, which nobody ends by the way. */
  readonly spared: ReadonlyArray<ProcessInfo>
}
