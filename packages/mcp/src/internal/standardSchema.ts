/**
 * Effect schemas in the form that the MCP SDK takes: a Standard Schema that
 * also gives its JSON Schema.
 */
import type { StandardSchemaWithJSON } from "@modelcontextprotocol/server"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import * as Struct from "effect/Struct"

type JsonSchema = { readonly [key: string]: unknown }

const toJsonSchema = (schema: Schema.Constraint, onExcessProperty: "error" | "ignore"): Record<string, unknown> => {
  const { definitions, schema: root } = Schema.toJsonSchemaDocument(schema, { onExcessProperty })
  return Object.keys(definitions).length === 0 ? root : { ...root, $defs: definitions }
}

/**
 * What a model has to know of an answer before it has one: what is always in
 * it, and not within which bounds.
 */
const lean = (schema: unknown, isRoot = true): unknown => {
  if (Array.isArray(schema)) return schema.map((one) => lean(one, false))
  if (!Predicate.isObject(schema)) return schema
  const { additionalProperties, allOf: _, enum: __, properties, required, ...rest } = schema as JsonSchema
  const isRequired = (key: string): boolean => Array.isArray(required) && required.includes(key)
  return {
    ...Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, lean(value, false)])),
    // True is what it is by default.
    ...(Predicate.isObject(additionalProperties) ? { additionalProperties: lean(additionalProperties, false) } : {}),
    ...(Predicate.isObject(properties)
      ? {
        properties: Object.fromEntries(
          Object.entries(properties).flatMap(([key, value]) =>
            isRequired(key) ? [[key, lean(value, false)] as const] : []
          )
        ),
        // Further down it would say each of the names again.
        ...(isRoot ? { required } : {})
      }
      : {})
  }
}

type Validate<In, Out> = StandardSchemaWithJSON<In, Out>["~standard"]["validate"]

const make = <S extends Schema.Constraint>(
  schema: S,
  onExcessProperty: "error" | "ignore",
  validate: Validate<S["Encoded"], S["Type"]>,
  finish: (json: Record<string, unknown>) => Record<string, unknown>
): StandardSchemaWithJSON<S["Encoded"], S["Type"]> => {
  // The SDK remembers what it is given per server instance; this outlives them all.
  let json: Record<string, unknown> | undefined
  const jsonSchema = () => json ??= finish(toJsonSchema(schema, onExcessProperty))
  return {
    "~standard": { version: 1, vendor: "effect", validate, jsonSchema: { input: jsonSchema, output: jsonSchema } }
  }
}

const validator = <S extends Schema.ConstraintDecoder<unknown>>(schema: S, onExcessProperty: "error" | "ignore") =>
  Schema.toStandardSchemaV1(schema, { parseOptions: { onExcessProperty } })["~standard"].validate

/** For what comes in: decodes it. Keys that the schema does not know are refused, and advertised as such. */
export const input = <S extends Schema.ConstraintDecoder<unknown>>(
  schema: S
): StandardSchemaWithJSON<S["Encoded"], S["Type"]> =>
  make(schema, "error", validator(schema, "error"), (json) => ({ ...json, additionalProperties: false }))

/** For a form that a client shows to a person: those say nothing of additional keys. */
export const form = <S extends Schema.ConstraintDecoder<unknown>>(
  schema: S
): StandardSchemaWithJSON<S["Encoded"], S["Type"]> =>
  make(schema, "ignore", validator(schema, "ignore"), (json) => Struct.omit(json, ["additionalProperties"]))

/** What is always in an answer, without what is in that: where it was said before. */
const namesOf = ({ properties, required }: JsonSchema): JsonSchema => ({
  properties: Object.fromEntries(
    Object.entries(properties as Record<string, JsonSchema>).flatMap(([key, { type }]) =>
      (required as ReadonlyArray<string>).includes(key) ? [[key, { type }] as const] : []
    )
  )
})

/**
 * For what goes out, once it is encoded. Later versions may add keys, so the
 * advertised objects stay open; `like` is the tool whose answers are the same, or
 * have the same in them, where there is one.
 */
export const output = <S extends Schema.Constraint>(
  schema: S,
  like?: { readonly name: string; readonly output: Schema.Constraint }
): StandardSchemaWithJSON<S["Encoded"], S["Encoded"]> =>
  make(
    Schema.toEncoded(schema),
    "ignore",
    // It has just been encoded by that schema.
    (value) => ({ value }),
    (json) =>
      like === undefined
        ? { ...lean(json) as JsonSchema }
        : { type: "object", description: `As in ${like.name}.`, ...(like.output === schema ? {} : namesOf(json)) }
  )
