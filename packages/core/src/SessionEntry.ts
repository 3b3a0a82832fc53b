/**
 * An entry of `sessions.json`, in which `zag` keeps the sessions of a project.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { ExitConstraintsJson } from "./ExitConstraints.ts"

const OptionalText = Schema.NullOr(Schema.String).pipe(Schema.withDecodingDefaultKey(Effect.succeed(null)))

// What says who a session is, but not where it is: a session that lacks it is found all the same.
const Detail = Schema.String.pipe(
  Schema.withDecodingDefaultKey(Effect.succeed("")),
  Schema.withConstructorDefault(Effect.succeed(""))
)

/**
 * What is needed of an entry of `sessions.json`.
 *
 * @see {@link SessionEntryJson} for the same as it stands in the file
 * @category models
 * @since 0.1.0
 */
export class SessionEntry extends Schema.Class<SessionEntry>("SessionEntry")({
  /** The id that `zag` gave it. */
  sessionId: Schema.String,
  provider: Schema.String,
  /** The id that the agent gave it. */
  providerSessionId: OptionalText,
  /** Where its log is, when that is not where it would be by its id. */
  logPath: OptionalText,
  /** What its result has to be, when it was launched with `--exit`. */
  exit: Schema.NullOr(ExitConstraintsJson).pipe(Schema.withDecodingDefaultKey(Effect.succeed(null))),
  model: Detail,
  /** What somebody called it. */
  name: OptionalText.pipe(Schema.withConstructorDefault(Effect.succeed(null))),
  /** The directory that the agent works in. */
  worktreePath: Detail,
  createdAt: Detail
}) {}

/**
 * Maps a {@link SessionEntry} to its JSON object in the file. Keys that are not
 * needed are ignored.
 *
 * @category schemas
 * @since 0.1.0
 */
export const SessionEntryJson = SessionEntry.pipe(Schema.encodeKeys({
  sessionId: "session_id",
  providerSessionId: "provider_session_id",
  logPath: "log_path",
  worktreePath: "worktree_path",
  createdAt: "created_at"
}))
