import * as DurationText from "@zag/core/DurationText"
import * as Flag from "effect/cli/Flag"
import type * as Duration from "effect/Duration"

/** A flag whose value is a length of time. */
export const duration = (name: string, description: string): Flag.Flag<Duration.Duration> =>
  Flag.String(name).pipe(
    Flag.withMetavar("DURATION"),
    Flag.withDescription(`${description}. Such as 500ms, 5s or 1h30m; a number alone is seconds`),
    Flag.filterMap(DurationText.parse, () => "a duration such as 500ms, 5s or 1h30m")
  )
