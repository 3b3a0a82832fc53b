import { assert, describe, it } from "@effect/vitest"
import * as JsonSchemas from "@zag/core/ajv"
import { ExitConstraintsJson, rejectionOf } from "@zag/core/ExitConstraints"
import { JsonSchemaError, ValidatorMissing } from "@zag/core/JsonSchemaError"
import { JsonSchemaValidator } from "@zag/core/JsonSchemaValidator"
import { Effect, Layer, Schema } from "effect"
import { accepted, brokenJson, brokenSchemas, type ExitJson, refusedBySchema, rejected } from "./resultCases.ts"

const decode = Schema.decodeUnknownEffect(ExitConstraintsJson)

const rejection = (exit: ExitJson, result: string | undefined) =>
  Effect.flatMap(decode(exit), (constraints) => rejectionOf(constraints, result ?? "")).pipe(
    Effect.provide(JsonSchemas.layer)
  )

const named = <A extends { readonly result: string | undefined; readonly exit: ExitJson }>(all: ReadonlyArray<A>) =>
  all.map((one) => ({ ...one, name: `${JSON.stringify(one.result)?.slice(0, 40)} for ${JSON.stringify(one.exit)}` }))

describe("ExitConstraints", () => {
  it.effect.each(named(accepted))("accepts $name", ({ exit, result }) =>
    Effect.gen(function*() {
      assert.isUndefined(yield* rejection(exit, result))
    }))

  it.effect.each(named(rejected))("rejects $name as zag does", (one) =>
    Effect.gen(function*() {
      assert.strictEqual((yield* rejection(one.exit, one.result))?.message, one.rejected)
    }))

  it.effect.each(brokenJson)("lists that %j is not JSON: %s", ([text, problem]) =>
    Effect.gen(function*() {
      assert.deepStrictEqual((yield* rejection({ json_mode: true }, text))?.violations, [`Invalid JSON: ${problem}`])
    }))

  it.effect.each(refusedBySchema)(
    "lists all that $schema refuses of $result",
    ({ result, schema, violations }) =>
      Effect.gen(function*() {
        const found = yield* rejection({ schema }, result)
        assert.deepStrictEqual(found?.violations, violations)
        assert.strictEqual(
          found?.message,
          "Result failed JSON-schema validation. Fix the result and call kill again:\n" +
            violations.map((violation) => `  - ${violation}\n`).join("")
        )
      })
  )

  it.effect.each(brokenSchemas.map((schema) => ({ schema })))(
    "says that $schema is broken",
    ({ schema }) =>
      Effect.gen(function*() {
        const violations = (yield* rejection({ schema }, "1"))?.violations ?? []
        assert.lengthOf(violations, 1)
        assert.match(violations[0]!, /^Invalid JSON schema: ./)
      })
  )

  it.effect("accepts nothing by a schema that would answer later", () =>
    Effect.gen(function*() {
      const found = yield* rejection({ schema: { $async: true, type: "integer" } }, "\"x\"")
      assert.deepStrictEqual(found?.violations, ["Invalid JSON schema: $async is not supported"])
    }))

  it.effect("says once what is wrong with a schema", () =>
    Effect.gen(function*() {
      const found = yield* rejection({ schema: { items: [{}] } }, "1")
      assert.deepStrictEqual(found?.violations, ["Invalid JSON schema: must be object,boolean at /items"])
    }))

  it.effect("asks for a validator only when there is a schema and JSON to check", () =>
    Effect.gen(function*() {
      const missing = new JsonSchemaError({ reason: new ValidatorMissing({ problem: "install one" }) })
      const none = Layer.succeed(JsonSchemaValidator, JsonSchemaValidator.of({ validate: () => Effect.fail(missing) }))
      const ask = (exit: ExitJson, result: string) =>
        Effect.flatMap(decode(exit), (constraints) => rejectionOf(constraints, result)).pipe(Effect.provide(none))
      assert.isUndefined(yield* ask({ json_mode: true }, "1"))
      assert.isDefined(yield* ask({ schema: {} }, "no JSON"))
      assert.strictEqual(
        (yield* Effect.flip(ask({ schema: {} }, "1"))).message,
        "JSON schemas cannot be checked: install one"
      )
    }))
})
