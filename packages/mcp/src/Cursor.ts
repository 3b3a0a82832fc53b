/**
 * Where the next page of a list begins, as a text that a client hands back.
 *
 * @since 0.1.0
 */
import { ListPosition } from "@zag/core/ListPosition"
import * as Base64Url from "effect/encoding/Base64Url"
import * as Hash from "effect/Hash"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

/**
 * What a cursor stands for.
 *
 * @category models
 * @since 0.1.0
 */
export interface Page {
  /** When the first page was made, in milliseconds since the Unix epoch: durations count back from then. */
  readonly now: number
  /** The last process of the page before. */
  readonly after: ListPosition
}

/**
 * The cursor is none, or is that of another list. Nothing was listed.
 *
 * @category errors
 * @since 0.1.0
 */
export class InvalidCursor extends Schema.TaggedError<InvalidCursor>()("InvalidCursor", {
  problem: Schema.Literals(["malformed", "other_filters"])
}) {
  override get message(): string {
    return this.problem === "malformed"
      ? "Invalid cursor: it is not one that list_processes has answered. Give next_cursor exactly as it was, or leave " +
        "cursor out to begin at the top."
      : "Invalid cursor: it belongs to a list with other filters or another order. Give the same ones as in the call " +
        "that answered it, or leave cursor out to begin at the top."
  }
}

const Content = Schema.fromJsonString(Schema.Struct({
  filters: Schema.Finite,
  now: Schema.Finite,
  after: ListPosition
}))

const encode = Schema.encodeSync(Content)
const decode = Schema.decodeOption(Content)

/** The same for the same filters, in whichever order they are. */
const fingerprint = (filters: object): number =>
  Hash.string(JSON.stringify(Object.entries(filters).toSorted(([self], [that]) => self < that ? -1 : 1)))

/**
 * The cursor of a page of the list with these filters, which are plain data.
 *
 * @category conversions
 * @since 0.1.0
 */
export const format = (filters: object, page: Page): string =>
  Base64Url.encode(encode({ filters: fingerprint(filters), ...page }))

/**
 * Reads a cursor that was made for these filters.
 *
 * @category conversions
 * @since 0.1.0
 */
export const parse = (filters: object, cursor: string): Result.Result<Page, InvalidCursor> => {
  const content = Option.flatMap(Result.getSuccess(Base64Url.decodeString(cursor)), decode)
  if (Option.isNone(content)) return Result.fail(new InvalidCursor({ problem: "malformed" }))
  const { after, filters: made, now } = content.value
  return made === fingerprint(filters)
    ? Result.succeed({ now, after })
    : Result.fail(new InvalidCursor({ problem: "other_filters" }))
}
