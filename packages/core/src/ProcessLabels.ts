/**
 * Labels: what somebody says of a process in words of their own, as for
 * containers.
 *
 * @since 0.1.0
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

/**
 * The labels of one process: values by key, in alphabetical order.
 *
 * @category schemas
 * @since 0.1.0
 */
export const ProcessLabels = Schema.Record(Schema.String, Schema.String)

/**
 * @category models
 * @since 0.1.0
 */
export type ProcessLabels = typeof ProcessLabels.Type

/**
 * One label.
 *
 * @category models
 * @since 0.1.0
 */
export type Label = readonly [key: string, value: string]

/**
 * Which labels are asked for: those with this key, and this value where there
 * is one.
 *
 * @category models
 * @since 0.1.0
 */
export type LabelSelector = readonly [key: string, value: string | undefined]

/**
 * Something that can be no label.
 *
 * @category errors
 * @since 0.1.0
 */
export class InvalidLabel extends Schema.TaggedError<InvalidLabel>()("InvalidLabel", {
  label: Schema.String,
  expected: Schema.String
}) {
  override get message(): string {
    return `Invalid label ${JSON.stringify(this.label)}: expected ${this.expected}`
  }
}

/**
 * No process has labels of its own accord.
 *
 * @category constructors
 * @since 0.1.0
 */
export const none: ProcessLabels = {}

/**
 * Puts labels into their order; of two with one key the last one counts.
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromLabels = (labels: Iterable<Label>): ProcessLabels =>
  Object.fromEntries(Array.from(labels).toSorted(([self], [that]) => self === that ? 0 : self < that ? -1 : 1))

// Those of Kubernetes, for which labels are made as well.
const longestKey = 63
const longestValue = 253

// Characters as people count them, but for those that are put together from several.
const lengthOf = (text: string): number => Array.from(text).length

/** What a key must be that is not as it must be. */
const expectedKey = (key: string): string | undefined => {
  if (key === "") return "a key that is not empty"
  if (lengthOf(key) > longestKey) return `a key of at most ${longestKey} characters`
  if (key.includes("=")) return "a key without ="
  // Half a character cannot be kept as text.
  return /[\s\p{Cc}\p{Cs}]/u.test(key) ? "a key without whitespace and control characters" : undefined
}

const expectedValue = (value: string): string | undefined => {
  if (lengthOf(value) > longestValue) return `a value of at most ${longestValue} characters`
  return /[\p{Cc}\p{Cs}]/u.test(value) ? "a value without control characters" : undefined
}

const checked = <A extends LabelSelector>(text: string, label: A): Result.Result<A, InvalidLabel> => {
  const [key, value] = label
  const expected = expectedKey(key) ?? (value === undefined ? undefined : expectedValue(value))
  return expected === undefined ? Result.succeed(label) : Result.fail(new InvalidLabel({ label: text, expected }))
}

/**
 * The labels, if they can be ones.
 *
 * @category constructors
 * @since 0.1.0
 */
export const check = (labels: ProcessLabels): Result.Result<ProcessLabels, InvalidLabel> =>
  Result.map(
    Result.all(Object.entries(labels).map((label) => checked(label.join("="), label))),
    fromLabels
  )

/**
 * Reads `KEY=VALUE`. The value may be empty, and have more of `=`.
 *
 * @category constructors
 * @since 0.1.0
 */
export const parseLabel = (text: string): Result.Result<Label, InvalidLabel> =>
  Result.flatMap(parseSelector(text), ([key, value]) =>
    value === undefined
      ? Result.fail(new InvalidLabel({ label: text, expected: "KEY=VALUE" }))
      : Result.succeed([key, value]))

/**
 * Reads `KEY`, which stands for any value, or `KEY=VALUE`.
 *
 * @category constructors
 * @since 0.1.0
 */
export const parseSelector = (text: string): Result.Result<LabelSelector, InvalidLabel> => {
  const end = text.indexOf("=")
  return checked(text, end === -1 ? [text, undefined] : [text.slice(0, end), text.slice(end + 1)])
}

/**
 * Whether labels are among those that are asked for: every key must be there,
 * with one of the values that are asked for with it.
 *
 * @category guards
 * @since 0.1.0
 */
export const matches = (selectors: ReadonlyArray<LabelSelector>): (labels: ProcessLabels) => boolean => {
  const byKey = Map.groupBy(selectors, ([key]) => key)
  return (labels) =>
    Array.from(byKey).every(([key, wanted]) =>
      Object.hasOwn(labels, key) && wanted.some(([, value]) => value === undefined || value === labels[key])
    )
}
