import * as Flag from "effect/cli/Flag"

/** A flag whose value is text. */
export const text = (name: string, metavar: string, description: string) =>
  Flag.String(name).pipe(Flag.withMetavar(metavar), Flag.withDescription(description))
