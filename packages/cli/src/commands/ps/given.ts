import * as Flag from "effect/cli/Flag"

/** A flag that is given or not, and has no opposite. */
export const given = (name: string, description: string): Flag.Flag<boolean> =>
  Flag.Boolean(name).pipe(Flag.withDescription(description), Flag.withoutNegation, Flag.withDefault(false))
