import { maxResultBytes } from "@zag/core/SessionLog"
import * as Argument from "effect/cli/Argument"
import type * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import type { PlatformError } from "effect/PlatformError"
import * as Predicate from "effect/Predicate"
import * as Stdio from "effect/Stdio"
import * as Stream from "effect/Stream"
import { given } from "./given.ts"
import { notTogether } from "./notTogether.ts"
import { text } from "./text.ts"

/** By which an agent hands in its result. */
export const resultFlags = {
  result: Argument.String("result").pipe(
    Argument.withMetavar("RESULT"),
    Argument.withDescription(
      "What the agent has found out, to be recorded for zag output; - reads it from standard input"
    ),
    Argument.optional
  ),
  file: text("file", "FILE", "A file with the result").pipe(Flag.optional),
  discardResult: given(
    "discard-result",
    "End it also when its result cannot be recorded, or when it owes one and none is given"
  )
} as const

export type ResultFlags = Command.Command.Config.Infer<typeof resultFlags>

export const resultConflict = ({ file, result }: ResultFlags, all: boolean): string | undefined =>
  all && (Option.isSome(file) || Option.isSome(result))
    ? "A result is that of one process: it cannot be used with --all"
    : notTogether({ RESULT: Option.isSome(result), "--file": Option.isSome(file) })

/** The result that was to be handed in is not to be had. */
export class ResultUnreadable extends Data.TaggedError("ResultUnreadable")<{
  readonly source: string
  readonly problem: string
}> {
  override get message(): string {
    return `Failed to read ${this.source}: ${this.problem}`
  }
}

const problemOf = ({ message, reason: { cause } }: PlatformError): string =>
  Predicate.isError(cause) ? cause.message : message

/** All of it as it is, so that a line end at its end stays. */
const readAll = Effect.fnUntraced(function*(source: string, bytes: Stream.Stream<Uint8Array, PlatformError>) {
  const unreadable = (problem: string) => new ResultUnreadable({ source, problem })
  let size = 0
  const parts = yield* bytes.pipe(
    Stream.mapError((error) => unreadable(problemOf(error))),
    Stream.tap((part) => {
      size += part.length
      return size > maxResultBytes
        ? Effect.fail(unreadable(`it is longer than ${maxResultBytes} bytes. Hand in where it is instead`))
        : Effect.void
    }),
    Stream.runCollect
  )
  return yield* Effect.try({
    try: () => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Buffer.concat(parts)),
    catch: () => unreadable("stream did not contain valid UTF-8")
  })
})

/** The result that the flags give, if they give one. */
export const readResult = Effect.fnUntraced(function*({ file, result }: ResultFlags) {
  if (Option.isSome(file)) {
    const fs = yield* FileSystem.FileSystem
    return yield* readAll(`result file: ${file.value}`, fs.stream(file.value))
  }
  if (Option.isNone(result) || result.value !== "-") return Option.getOrUndefined(result)
  return yield* readAll("the result from standard input", (yield* Stdio.Stdio).stdin)
})
