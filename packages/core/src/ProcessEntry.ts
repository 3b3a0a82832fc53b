/**
 * One entry of `processes.json`: the record of one agent process.
 *
 * `zag` reads the same file and rejects it whole when one value is out of
 * bounds, so the bounds are part of the schema.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Order from "effect/Order"
import * as Schema from "effect/Schema"
import { startOf } from "./internal/startOf.ts"
import * as Timestamp from "./Timestamp.ts"

// `zag` cannot read a file with a lone surrogate in any string.
const Text = Schema.String.check(Schema.makeFilter((text: string) => text.isWellFormed(), {
  expected: "a string without lone surrogates",
  toJsonSchema: () => ({})
}))

const OptionalText = Schema.NullOr(Text).pipe(Schema.withDecodingDefaultKey(Effect.succeed(null)))

/**
 * What is stored as the status of a process. `zag` keeps any text it finds, so
 * the field itself is a string; these are the three that have a meaning.
 *
 * @category schemas
 * @since 0.1.0
 */
export const ProcessStatus = Schema.Literals(["running", "exited", "killed"])

/**
 * @category models
 * @since 0.1.0
 */
export type ProcessStatus = typeof ProcessStatus.Type

/**
 * The status of a process that has ended.
 *
 * @category models
 * @since 0.1.0
 */
export type FinalStatus = Exclude<ProcessStatus, "running">

/**
 * The record of one agent process, with the field names of TypeScript.
 *
 * @see {@link ProcessEntryJson} for the same record as it stands in the file
 * @category models
 * @since 0.1.0
 */
export class ProcessEntry extends Schema.Class<ProcessEntry>("ProcessEntry")({
  /** The identity of the run: a UUID v4 when written by `zag` or this package. */
  id: Text,
  /** The process id in the operating system, 0 to 4294967295. */
  pid: Schema.Finite.check(Schema.isUint32()),
  /** The session that the run belongs to. */
  sessionId: OptionalText,
  /** `claude`, `codex`, `gemini`, `copilot`, `ollama`, or any other name. */
  provider: Text,
  /** The model in use; empty when none was chosen. */
  model: Text,
  /** `run`, `exec`, `review`, `plan`, `interactive`, or any other word. */
  command: Text,
  /** The beginning of the prompt: at most 100 code points when written by `zag` or this package. */
  prompt: OptionalText,
  /** RFC 3339; an entry whose text is no such time is kept and sorts as the oldest. */
  startedAt: Text,
  /** One of {@link ProcessStatus}, or a word of some other writer. */
  status: Text,
  /** A signed 32-bit number, when one is known. */
  exitCode: Schema.NullOr(Schema.Finite.check(Schema.isInt32())).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed(null))
  ),
  /** RFC 3339; null while the process runs. */
  exitedAt: OptionalText,
  /** The project directory, as it was given. */
  root: OptionalText,
  /** The entry that started this one. */
  parentProcessId: OptionalText,
  /** The session that started this one. */
  parentSessionId: OptionalText
}) {}

/**
 * Maps the field names of an entry to the keys that `zag` uses, in files, in
 * `--json` output and in tool results. The order is that of the file.
 *
 * @category schemas
 * @since 0.1.0
 */
export const jsonKeys = {
  id: "id",
  pid: "pid",
  sessionId: "session_id",
  provider: "provider",
  model: "model",
  command: "command",
  prompt: "prompt",
  startedAt: "started_at",
  status: "status",
  exitCode: "exit_code",
  exitedAt: "exited_at",
  root: "root",
  parentProcessId: "parent_process_id",
  parentSessionId: "parent_session_id"
} as const satisfies { readonly [Key in keyof typeof ProcessEntry.fields]: string }

/**
 * The codec between {@link ProcessEntry} and its JSON object in the file.
 *
 * Decoding accepts absent optional keys, which become null, and ignores keys
 * it does not know. Encoding writes all fourteen keys, in the order of `zag`.
 *
 * @category schemas
 * @since 0.1.0
 */
export const ProcessEntryJson = ProcessEntry.pipe(Schema.encodeKeys(jsonKeys))

/**
 * A text that is the same for two entries when they are of one process, and for
 * no others: an id may be used again and a pid as well; both of them together
 * with the time of registration are one process.
 *
 * @category accessors
 * @since 0.1.0
 */
export const processKey = ({ id, pid, startedAt }: Pick<ProcessEntry, "id" | "pid" | "startedAt">): string =>
  JSON.stringify([id, pid, startedAt])

/**
 * The order of `zag ps list`: newest first by instant; equal instants by id,
 * descending by bytes; entries without a valid time last.
 *
 * @category ordering
 * @since 0.1.0
 */
export const newestFirst: Order.Order<Pick<ProcessEntry, "id" | "startedAt">> = Order.make((self, that) => {
  const selfTime = startOf(self)
  const thatTime = startOf(that)
  if (selfTime !== undefined && thatTime !== undefined) {
    return Timestamp.InstantOrder(thatTime, selfTime) || compareBytes(that.id, self.id)
  }
  if (selfTime === undefined && thatTime === undefined) return compareBytes(that.id, self.id)
  return selfTime === undefined ? 1 : -1
})

// UTF-8 sorts by code point; JavaScript's `<` sorts by UTF-16 unit, which differs beyond U+FFFF.
const compareBytes = (self: string, that: string): -1 | 0 | 1 => {
  if (self === that) return 0
  const selfPoints = Array.from(self)
  const thatPoints = Array.from(that)
  const length = Math.min(selfPoints.length, thatPoints.length)
  for (let i = 0; i < length; i++) {
    const difference = selfPoints[i]!.codePointAt(0)! - thatPoints[i]!.codePointAt(0)!
    if (difference !== 0) return difference < 0 ? -1 : 1
  }
  return selfPoints.length < thatPoints.length ? -1 : 1
}

/**
 * What is kept of a prompt: its first 100 code points, with lone surrogates
 * replaced, so that `zag` can read the file.
 *
 * @category constructors
 * @since 0.1.0
 */
export const promptExcerpt = (prompt: string): string => Array.from(prompt.toWellFormed()).slice(0, 100).join("")
