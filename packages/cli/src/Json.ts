/**
 * `--json`: one JSON value as the answer, for scripts.
 */
import { type ProcessInfo, ProcessInfoJson } from "@zag/core/ProcessInfo"
import * as Flag from "effect/cli/Flag"
import * as GlobalFlag from "effect/cli/GlobalFlag"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

/** Accepted before and after every subcommand. */
export const Json = GlobalFlag.Setting("json")({
  flag: Flag.Boolean("json").pipe(
    Flag.withDescription("Print one JSON value instead of text; errors too, on stderr"),
    Flag.withDefault(false)
  )
})

const encode = Schema.encodeSync(ProcessInfoJson)

/** The object that scripts get for a process: keys in alphabetical order, as `zag` prints them. */
export const processJson = (info: ProcessInfo): object =>
  Object.fromEntries(Object.entries(encode(info)).toSorted(([a], [b]) => a < b ? -1 : 1))

/** Prints the answer of a command, in the form that was asked for. */
export const answer = (json: object, text: () => string) =>
  Effect.flatMap(Json, (asJson) => Console.log(asJson ? JSON.stringify(json) : text()))
