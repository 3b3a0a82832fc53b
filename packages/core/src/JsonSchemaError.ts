/**
 * Why a value cannot be checked against a JSON schema.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * The schema itself is broken, or refers to one that is not in it.
 *
 * @category errors
 * @since 0.1.0
 */
export class InvalidJsonSchema extends Schema.TaggedError<InvalidJsonSchema>()("InvalidJsonSchema", {
  problem: Schema.String
}) {
  override get message(): string {
    return `Invalid JSON schema: ${this.problem}`
  }
}

/**
 * There is nothing that could check a schema.
 *
 * @category errors
 * @since 0.1.0
 */
export class ValidatorMissing extends Schema.TaggedError<ValidatorMissing>()("ValidatorMissing", {
  problem: Schema.String
}) {
  override get message(): string {
    return `JSON schemas cannot be checked: ${this.problem}`
  }
}

/**
 * The error of `JsonSchemaValidator`; `reason` says which of them it was.
 *
 * @category errors
 * @since 0.1.0
 */
export class JsonSchemaError extends Schema.TaggedError<JsonSchemaError>()("JsonSchemaError", {
  reason: Schema.Union([InvalidJsonSchema, ValidatorMissing])
}) {
  override get message(): string {
    return this.reason.message
  }
}
