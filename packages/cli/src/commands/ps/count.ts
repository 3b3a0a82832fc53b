import * as Flag from "effect/cli/Flag"

/** A flag whose value is a number of things. */
export const count = (name: string, description: string): Flag.Flag<number> =>
  Flag.Int(name).pipe(
    Flag.withMetavar("COUNT"),
    Flag.withDescription(description),
    Flag.filter((value) => value >= 0, () => "a whole number, 0 or more")
  )
