/**
 * JSON schemas by `ajv`, which is loaded when the first one is to be checked.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import { JsonSchemaValidator } from "./JsonSchemaValidator.ts"

/**
 * A validator by the packages `ajv` and `ajv-formats`, which need to be there
 * only when there is a schema: they are optional peers of this package.
 *
 * **Details**
 *
 * As in `zag`, a schema is of the draft that its `$schema` names, or else of
 * 2020-12; a `format` is checked in draft 7, and says nothing in later ones.
 * Drafts 7, 2019-09 and 2020-12 are known. A `$ref` leads only to places in the
 * schema itself.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer: Layer.Layer<JsonSchemaValidator> = Layer.succeed(
  JsonSchemaValidator,
  JsonSchemaValidator.of({
    validate: Effect.fn("JsonSchemaValidator.validate")(function*(schema, value) {
      const { InvalidJsonSchema, JsonSchemaError, ValidatorMissing } = yield* Effect.promise(() =>
        import("./JsonSchemaError.ts")
      )
      const missing = () =>
        new JsonSchemaError({
          reason: new ValidatorMissing({
            problem: "the packages ajv and ajv-formats are needed for that. Install them"
          })
        })
      const { validate } = yield* Effect.tryPromise({ try: () => import("./internal/ajvSchema.ts"), catch: missing })
      return yield* Effect.fromResult(Result.mapError(
        validate(schema, value),
        (problem) => new JsonSchemaError({ reason: new InvalidJsonSchema({ problem }) })
      ))
    })
  })
)
