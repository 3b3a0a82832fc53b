/**
 * JSON schemas by `ajv`. Nothing imports this but when there is a schema.
 */
import { Ajv, type ErrorObject, type Options, type ValidateFunction } from "ajv"
import addFormats from "ajv-formats"
import { Ajv2019 } from "ajv/dist/2019.js"
import { Ajv2020 } from "ajv/dist/2020.js"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import type { SchemaViolation } from "../JsonSchemaValidator.ts"

const options: Options = { allErrors: true, strict: false, logger: false, validateFormats: false }

const draft7 = (): Ajv => {
  const ajv = new Ajv({ ...options, validateFormats: true })
  addFormats.default(ajv)
  return ajv
}

const latest = (): Ajv => new Ajv2020(options)

const drafts: Readonly<Record<string, () => Ajv>> = {
  "http://json-schema.org/draft-07/schema": draft7,
  "https://json-schema.org/draft/2019-09/schema": () => new Ajv2019(options),
  "https://json-schema.org/draft/2020-12/schema": latest
}

/** What the message of `ajv` leaves out. */
const detailOf = ({ keyword, params }: ErrorObject): unknown => {
  switch (keyword) {
    case "additionalProperties":
      return params["additionalProperty"]
    case "unevaluatedProperties":
      return params["unevaluatedProperty"]
    case "propertyNames":
      return params["propertyName"]
    case "enum":
      return params["allowedValues"]
    case "const":
      return params["allowedValue"]
  }
}

const violationOf = (error: ErrorObject): SchemaViolation => {
  const detail = detailOf(error)
  return {
    pointer: error.instancePath,
    problem: `${error.message ?? error.keyword}${detail === undefined ? "" : `: ${JSON.stringify(detail)}`}`
  }
}

const messageOf = (cause: unknown): string => Predicate.isError(cause) ? cause.message : String(cause)

const faultsOf = (errors: ReadonlyArray<ErrorObject>): string => {
  const faults = errors.map(violationOf).map(({ pointer, problem }) =>
    pointer === "" ? problem : `${problem} at ${pointer}`
  )
  return Array.from(new Set(faults)).join("; ")
}

const compile = (schema: unknown): Result.Result<ValidateFunction, string> => {
  if (typeof schema !== "boolean" && !Predicate.isObject(schema)) {
    return Result.fail(`${JSON.stringify(schema)} is not of types "boolean", "object"`)
  }
  const named = Predicate.hasProperty(schema, "$schema") ? schema.$schema : undefined
  const makeDraft = named === undefined ? latest : drafts[String(named).replace(/#$/, "")]
  if (makeDraft === undefined) return Result.fail(`Unknown specification: ${named}`)
  // What such a schema answers is a promise.
  if (Predicate.hasProperty(schema, "$async")) return Result.fail("$async is not supported")
  return Result.flatMap(
    Result.try({
      try: () => {
        const ajv = makeDraft()
        return ajv.validateSchema(schema) === true
          ? Result.succeed(ajv.compile(schema))
          : Result.fail(faultsOf(ajv.errors ?? []))
      },
      catch: messageOf
    }),
    (compiled) => compiled
  )
}

/** All violations, or what is wrong with the schema. */
export const validate = (
  schema: unknown,
  value: unknown
): Result.Result<ReadonlyArray<SchemaViolation>, string> =>
  Result.flatMap(compile(schema), (check) =>
    Result.try({
      try: () => check(value) ? [] : (check.errors ?? []).map(violationOf),
      catch: messageOf
    }))
