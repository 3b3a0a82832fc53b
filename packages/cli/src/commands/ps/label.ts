import type { InvalidLabel } from "@zag/core/ProcessLabels"
import { InvalidValue } from "effect/cli/CliError"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import type * as Result from "effect/Result"
import { text } from "./text.ts"

/** The flag `--label`, as often as it is given. */
export const label = <A>(
  metavar: string,
  description: string,
  parse: (value: string) => Result.Result<A, InvalidLabel>
): Flag.Flag<ReadonlyArray<A>> =>
  text("label", metavar, description).pipe(
    Flag.mapEffect((value) =>
      Effect.mapError(
        Effect.fromResult(parse(value)),
        ({ expected }) => new InvalidValue({ option: "label", value, expected, kind: "flag" })
      )
    ),
    Flag.atLeast(0)
  )
