/**
 * What an agent that was launched with `--exit` has to hand in as its result.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { problemOf } from "./internal/serdeJson.ts"
import type { JsonSchemaError } from "./JsonSchemaError.ts"
import { JsonSchemaValidator } from "./JsonSchemaValidator.ts"

/**
 * The field `exit` of a session. Without it any result will do, and none.
 *
 * @category models
 * @since 0.1.0
 */
export class ExitConstraints extends Schema.Class<ExitConstraints>("ExitConstraints")({
  /** What the result should be, in words. When there are any, there must be a result. */
  hint: Schema.NullOr(Schema.String).pipe(Schema.withDecodingDefaultKey(Effect.succeed(null))),
  /** Whether it must be JSON. */
  jsonMode: Schema.Boolean.pipe(Schema.withDecodingDefaultKey(Effect.succeed(false))),
  /** The JSON schema that it must match; null is none. */
  schema: Schema.Unknown.pipe(Schema.withDecodingDefaultKey(Effect.succeed(null)))
}) {}

/**
 * Maps {@link ExitConstraints} to the object in `sessions.json`.
 *
 * @category schemas
 * @since 0.1.0
 */
export const ExitConstraintsJson = ExitConstraints.pipe(Schema.encodeKeys({ jsonMode: "json_mode" }))

/**
 * Why a result will not do, in the words of `zag`.
 *
 * @category models
 * @since 0.1.0
 */
export interface ExitRejection {
  /** All of it, with what to do. */
  readonly message: string
  /** Each thing that is wrong. */
  readonly violations: ReadonlyArray<string>
}

// What Rust takes for white space, which is not what JavaScript does.
const outerBlanks = /^\p{White_Space}+|\p{White_Space}+$/gu

const trim = (text: string): string => text.replaceAll(outerBlanks, "")

/** Takes the fence of Markdown off, by which agents like to show that something is JSON. */
const withoutFence = (text: string): string => {
  const trimmed = trim(text)
  const opening = ["```json", "```"].find((fence) => trimmed.startsWith(fence))
  if (opening === undefined) return trimmed
  const rest = trimmed.slice(opening.length)
  return trim(rest.endsWith("```") ? rest.slice(0, -3) : rest)
}

const emptyResult = (hint: string): ExitRejection => ({
  message: `Cannot terminate: a non-empty result is required (hint: ${hint}). ` +
    "Re-run with `zag ps kill self \"<your-result>\"` or `zag ps kill self --file <path>`.",
  violations: [`a non-empty result is required (hint: ${hint})`]
})

const notJson = (violation: string): ExitRejection => ({
  message: `Result is not valid JSON: ${violation}. The session was launched with --json, so the result must be ` +
    "a JSON value (object, array, string, number, boolean, or null). Do not include markdown fences.",
  violations: [violation]
})

const notBySchema = (violations: ReadonlyArray<string>): ExitRejection => ({
  message: "Result failed JSON-schema validation. Fix the result and call kill again:\n" +
    violations.map((violation) => `  - ${violation}\n`).join(""),
  violations
})

// What has been read once already.
const parse = (json: string): unknown => JSON.parse(json)

const schemaViolations = Effect.fnUntraced(function*(schema: unknown, json: string) {
  const violations = yield* (yield* JsonSchemaValidator).validate(schema, parse(json)).pipe(
    Effect.catchReason(
      "JsonSchemaError",
      "InvalidJsonSchema",
      ({ message }) => Effect.succeed([{ pointer: "", problem: message }])
    )
  )
  return violations.map(({ pointer, problem }) => pointer === "" ? problem : `${problem} at ${pointer}`)
})

/**
 * Why a text will not do as a result, as `zag` sees it; undefined when it does.
 * No result is the empty text. Fails when there is a schema and nothing to
 * check it by.
 *
 * @category accessors
 * @since 0.1.0
 */
export const rejectionOf = Effect.fn("ExitConstraints.rejectionOf")(
  function*(
    { hint, jsonMode, schema }: ExitConstraints,
    text: string
  ): Effect.fn.Return<ExitRejection | undefined, JsonSchemaError, JsonSchemaValidator> {
    if (hint !== null && trim(hint) !== "" && trim(text) === "") return emptyResult(hint)
    if (schema === null && !jsonMode) return undefined
    const json = withoutFence(text)
    const problem = problemOf(json)
    if (problem !== undefined) {
      const violation = `Invalid JSON: ${problem}`
      return schema === null ? notJson(violation) : notBySchema([violation])
    }
    if (schema === null) return undefined
    const violations = yield* schemaViolations(schema, json)
    return violations.length === 0 ? undefined : notBySchema(violations)
  }
)
