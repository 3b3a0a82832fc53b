import { EndingSignal } from "@zag/core/OsProcess"
import * as Flag from "effect/cli/Flag"
import * as Option from "effect/Option"
import { constants } from "node:os"

const names = EndingSignal.literals.map((signal) => signal.slice("SIG".length)).join(", ")

/** As `kill` takes them: `TERM`, `SIGTERM` or `15`. */
const spellings = new Map(
  EndingSignal.literals.flatMap((signal) =>
    [signal, signal.slice("SIG".length), String(constants.signals[signal])].map((spelling) =>
      [spelling, signal] as const
    )
  )
)

/** A flag whose value is a signal that can end a process. */
export const signal = (description: string): Flag.Flag<EndingSignal> =>
  Flag.String("signal").pipe(
    Flag.withAlias("s"),
    Flag.withMetavar("SIGNAL"),
    Flag.withDescription(`${description}: ${names}`),
    Flag.filterMap((text) => Option.fromNullishOr(spellings.get(text.toUpperCase())), () => `one of ${names}`)
  )
