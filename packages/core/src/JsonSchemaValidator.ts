/**
 * Whether a value is as a JSON schema wants it: what it takes to check the
 * result of an agent that was launched with a schema.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type { JsonSchemaError } from "./JsonSchemaError.ts"

/**
 * One way in which a value is not as the schema wants it.
 *
 * @category models
 * @since 0.1.0
 */
export interface SchemaViolation {
  /** Where in the value, as a JSON pointer; empty for the value itself. */
  readonly pointer: string
  readonly problem: string
}

/**
 * Checks values against JSON schemas.
 *
 * @see `@zag/core/ajv` for the one that `@zag/core/node` has
 * @category services
 * @since 0.1.0
 */
export class JsonSchemaValidator extends Context.Service<JsonSchemaValidator, {
  /** All violations; none when the value is as it should be. Nothing is ever loaded from elsewhere. */
  validate(schema: unknown, value: unknown): Effect.Effect<ReadonlyArray<SchemaViolation>, JsonSchemaError>
}>()("@zag/core/JsonSchemaValidator") {}
