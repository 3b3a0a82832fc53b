/**
 * What several tools take.
 *
 * The bounds are more than anybody needs, but a model may send anything. To
 * tell it so would cost its attention, so they are not in the JSON Schema.
 */
import * as DurationText from "@zag/core/DurationText"
import * as Moment from "@zag/core/Moment"
import * as ProcessOrder from "@zag/core/ProcessOrder"
import type * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"

export const unsaid = { toJsonSchema: () => ({}) }

const longest = 1000
const most = 50

const atMost = (length: number) =>
  Schema.makeFilter((text: string) => text.length <= length, { expected: `at most ${length} characters`, ...unsaid })

const readable = (parse: (text: string) => Option.Option<unknown>, expected: string) =>
  Schema.makeFilter((text: string) => Option.isSome(parse(text)), { expected, ...unsaid })

export const Handle = Schema.String.check(Schema.isMinLength(1, unsaid), atMost(longest)).annotate({
  description: "As in get_process."
})

/** What the others refer to. */
export const ExplainedHandle = Handle.annotate({
  description: "An id, its unique beginning, pid:4242, or self: your own."
})

export const Text = Schema.String.check(atMost(longest))

/** With what was ordered by in it, of whichever length the registry has that. */
export const CursorText = Schema.String.check(atMost(100_000))

/** One value or several, of which one must match. */
export const oneOrMore = <S extends Schema.Codec<string>>(value: S) =>
  Schema.Union([
    value,
    Schema.Array(value).check(
      Schema.makeFilter((values) => values.length <= most, { expected: `at most ${most} values`, ...unsaid })
    )
  ])

export const OneOrMoreTexts = oneOrMore(Text)

export const Path = Text.check(
  Schema.makeFilter((path: string) => /^([/\\]|[A-Za-z]:)/.test(path), { expected: "an absolute path", ...unsaid })
)

export const Time = Text.check(
  readable(Moment.parse, "a duration such as 2h or 7d, or an RFC 3339 time such as 2026-11-24T08:00:00Z")
)

export const Length = Text.check(readable(DurationText.parse, "a duration such as 12h or 7d"))

export const lengthOf = (text: string): Duration.Duration => Option.getOrThrow(DurationText.parse(text))

const fields = ProcessOrder.OrderField.literals.join(", ")

export const Order = Text.check(
  readable(ProcessOrder.parse, `FIELD, FIELD:asc or FIELD:desc, with one of the fields ${fields}`)
)
