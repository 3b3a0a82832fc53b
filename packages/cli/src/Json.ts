/**
 * `--json`: one JSON value as the answer, for scripts.
 */
import { infoJsonKeys, type ProcessInfo } from "@zag/core/ProcessInfo"
import * as Flag from "effect/cli/Flag"
import * as GlobalFlag from "effect/cli/GlobalFlag"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"

/** Accepted before and after every subcommand. */
export const Json = GlobalFlag.Setting("json")({
  flag: Flag.Boolean("json").pipe(
    Flag.withDescription("Print one JSON value instead of text; errors too, on stderr"),
    Flag.withDefault(false)
  )
})

const alphabetical = (Object.entries(infoJsonKeys) as ReadonlyArray<readonly [keyof typeof infoJsonKeys, string]>)
  .toSorted(([, self], [, that]) => self < that ? -1 : 1)

/** The object that scripts get for a process: keys in alphabetical order, as `zag` prints them. */
export const processJson = (info: ProcessInfo): object =>
  Object.fromEntries(alphabetical.map(([field, key]) => [key, info[field]]))

/** Prints the answer of a command, in the form that was asked for. */
export const answer = (json: object, text: () => string) =>
  Effect.flatMap(Json, (asJson) => Console.log(asJson ? JSON.stringify(json) : text()))
