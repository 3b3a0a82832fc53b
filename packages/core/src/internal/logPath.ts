/**
 * Where `zag` puts the log of a session whose entry does not say where it is.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Path from "effect/Path"
import * as Environment from "../Environment.ts"

export const logPath = (
  join: Path.Path["join"],
  projectDirectory: string,
  sessionId: string
): Effect.Effect<string> =>
  Effect.map(
    Environment.userLogDirectory,
    (userLogs) =>
      join(Option.getOrElse(userLogs, () => join(projectDirectory, "logs")), "sessions", `${sessionId}.jsonl`)
  )
