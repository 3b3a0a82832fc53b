/**
 * Effect schemas in the form that the MCP SDK takes: a Standard Schema that
 * also gives its JSON Schema.
 */
import type { StandardSchemaWithJSON } from "@modelcontextprotocol/server"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"

const toJsonSchema = (schema: Schema.Constraint, onExcessProperty: "error" | "ignore"): Record<string, unknown> => {
  const { definitions, schema: root } = Schema.toJsonSchemaDocument(schema, { onExcessProperty })
  return Object.keys(definitions).length === 0 ? root : { ...root, $defs: definitions }
}

/**
 * What a model has to know of an answer: what is in it, not within which bounds.
 * Nullable types are said in the short way.
 */
const lean = (schema: unknown): unknown => {
  if (Array.isArray(schema)) return schema.map(lean)
  if (!Predicate.isObject(schema)) return schema
  const { allOf: _, anyOf, ...rest } = schema as { readonly [key: string]: unknown }
  const types = Array.isArray(anyOf) ? anyOf.map((each: { readonly type?: unknown }) => each.type) : []
  const nullable = types.length === 2 && types[1] === "null" && typeof types[0] === "string"
  return {
    ...Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, lean(value)])),
    ...(nullable ? { type: types } : anyOf === undefined ? {} : { anyOf: lean(anyOf) })
  }
}

const make = <S extends Schema.ConstraintDecoder<unknown>>(
  schema: S,
  onExcessProperty: "error" | "ignore",
  finish: (json: Record<string, unknown>) => Record<string, unknown> = (json) => json
): StandardSchemaWithJSON<S["Encoded"], S["Type"]> => {
  const { validate } = Schema.toStandardSchemaV1(schema, { parseOptions: { onExcessProperty } })["~standard"]
  // The SDK remembers what it is given per server instance; this outlives them all.
  let json: Record<string, unknown> | undefined
  const jsonSchema = () => json ??= finish(toJsonSchema(schema, onExcessProperty))
  return {
    "~standard": { version: 1, vendor: "effect", validate, jsonSchema: { input: jsonSchema, output: jsonSchema } }
  }
}

/** For what comes in: decodes it. Keys that the schema does not know are refused, and advertised as such. */
export const input = <S extends Schema.ConstraintDecoder<unknown>>(
  schema: S
): StandardSchemaWithJSON<S["Encoded"], S["Type"]> => make(schema, "error")

/** For what goes out, once it is encoded. Later versions may add keys, so the advertised objects stay open. */
export const output = <S extends Schema.Constraint>(
  schema: S
): StandardSchemaWithJSON<S["Encoded"], S["Encoded"]> =>
  make(Schema.toEncoded(schema), "ignore", lean as (json: Record<string, unknown>) => Record<string, unknown>)
