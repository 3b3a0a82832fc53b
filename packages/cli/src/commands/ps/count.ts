import * as Flag from "effect/cli/Flag"
import * as Option from "effect/Option"
import { text } from "./text.ts"

// Digits, as `zag` takes them: no exponent, no fraction. More than all is all.
const parse = (word: string): Option.Option<number> =>
  /^\+?\d+$/.test(word) ? Option.some(Math.min(Number(word), Number.MAX_SAFE_INTEGER)) : Option.none()

/** A flag whose value is a number of things. */
export const count = (name: string, description: string): Flag.Flag<number> =>
  text(name, "COUNT", description).pipe(Flag.filterMap(parse, () => "a whole number, 0 or more"))
