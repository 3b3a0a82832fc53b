/**
 * What is kept of each signal that was sent.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * A signal to one process of an entry.
 *
 * @category models
 * @since 0.1.0
 */
export class AuditRecord extends Schema.Class<AuditRecord>("AuditRecord")({
  /** RFC 3339. */
  time: Schema.String,
  /** Who asked for it, as the {@link Asker} says. */
  asker: Schema.String,
  /** The entry of the agent that asked, as `ZAG_PROCESS_ID` has it; null outside a session. */
  askerProcessId: Schema.NullOr(Schema.String),
  /** The entry that was to end. */
  id: Schema.String,
  /** The process that was signalled: the one of the entry, or one that it started. */
  pid: Schema.Finite,
  /** When that process began, on the kernel's own clock; null where it is not known. */
  startTicks: Schema.NullOr(Schema.Finite),
  /** Whether the process of the entry was known to be the one that was registered. */
  verified: Schema.Boolean,
  signal: Schema.String,
  /** `sent`, or why it did not reach the process: `no_such_process`, `not_permitted`, `refused`, `impossible`. */
  outcome: Schema.String
}) {}

/**
 * The codec between {@link AuditRecord} and the object that `--json` shows.
 *
 * @category schemas
 * @since 0.1.0
 */
export const AuditRecordJson = AuditRecord.pipe(
  Schema.encodeKeys({ askerProcessId: "asker_process_id", startTicks: "start_ticks" })
)
