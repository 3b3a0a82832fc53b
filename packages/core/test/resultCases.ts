/**
 * Results, what they had to be, and what the original `zag` 0.18.0 says of
 * them; `test/zag/Results.test.ts` asks it again.
 */

/** The field `exit` of a session, as it stands in the file. */
export type ExitJson = Readonly<Record<string, unknown>>

export interface ResultCase {
  readonly exit: ExitJson
  readonly result: string | undefined
  /** What it says after `Error: `; undefined when the result will do. */
  readonly rejected?: string
}

const cases = (exit: ExitJson, ...results: ReadonlyArray<string | undefined>): ReadonlyArray<ResultCase> =>
  results.map((result) => ({ exit, result }))

/** Those that will do. */
export const accepted: ReadonlyArray<ResultCase> = [
  ...cases({}, undefined, "", "anything"),
  ...cases({ hint: null }, undefined),
  ...cases({ hint: "" }, undefined, ""),
  ...cases({ hint: " \t" }, undefined, "x"),
  // A byte order mark is no blank.
  ...cases({ hint: "the answer" }, "42", " 42 ", "\uFEFF"),
  ...cases({ schema: null }, "no JSON"),
  ...cases(
    { json_mode: true },
    "{}",
    "[1, 2]",
    "\"text\"",
    "-1.5e3",
    "null",
    "true",
    " \n 1\n",
    "\u00A01\u00A0",
    "12345678901234567890123",
    "\"\\ud83d\\ude00\"",
    "{\"a\":1,\"a\":2}",
    "[".repeat(127) + "]".repeat(127),
    "```json\n{\"a\":1}\n```",
    "```\n1\n```",
    "```json\n1",
    "  ```json [1] ```  "
  ),
  ...cases({ hint: "h", json_mode: true }, "1"),
  ...cases({ schema: true }, "1"),
  ...cases({ schema: { type: "integer" } }, "1", "1.0", "```json\n2\n```"),
  ...cases({ schema: { type: "object", required: ["a"], properties: { a: { type: "integer" } } } }, "{\"a\":1}"),
  ...cases({ schema: { $ref: "#/$defs/x", $defs: { x: { type: "integer" } } } }, "1"),
  ...cases({ schema: { prefixItems: [{ type: "integer" }], items: { type: "string" } } }, "[1,\"x\"]"),
  ...cases(
    { schema: { $schema: "http://json-schema.org/draft-07/schema#", items: [{ type: "integer" }] } },
    "[1,\"x\"]"
  ),
  ...cases({ schema: { $schema: "http://json-schema.org/draft-07/schema#", format: "email" } }, "\"a@b.c\""),
  ...cases({ schema: { $schema: "http://json-schema.org/draft-07/schema#", format: "of-nobody" } }, "\"x\""),
  // Later drafts take a format for a remark.
  ...cases({ schema: { format: "email" } }, "\"nope\""),
  ...cases({ schema: { $schema: "https://json-schema.org/draft/2020-12/schema", format: "date-time" } }, "\"nope\""),
  ...cases({ schema: { $schema: "https://json-schema.org/draft/2019-09/schema", format: "email" } }, "\"nope\""),
  ...cases({ schema: { unknownKeyword: 1 } }, "1")
]

const required = (hint: string) =>
  `Cannot terminate: a non-empty result is required (hint: ${hint}). ` +
  "Re-run with `zag ps kill self \"<your-result>\"` or `zag ps kill self --file <path>`."

const notJson = (problem: string) =>
  `Result is not valid JSON: Invalid JSON: ${problem}. The session was launched with --json, so the result must be ` +
  "a JSON value (object, array, string, number, boolean, or null). Do not include markdown fences."

const notBySchema = (problem: string) =>
  `Result failed JSON-schema validation. Fix the result and call kill again:\n  - ${problem}\n`

/** What is no JSON, and why. */
export const brokenJson: ReadonlyArray<readonly [text: string, problem: string]> = [
  ["", "EOF while parsing a value at line 1 column 0"],
  [" \n", "EOF while parsing a value at line 1 column 0"],
  ["{", "EOF while parsing an object at line 1 column 1"],
  ["[", "EOF while parsing a list at line 1 column 1"],
  ["[1", "EOF while parsing a list at line 1 column 2"],
  ["[1,", "EOF while parsing a value at line 1 column 3"],
  ["[1,]", "trailing comma at line 1 column 4"],
  ["[,1]", "expected value at line 1 column 2"],
  ["[1 2]", "expected `,` or `]` at line 1 column 4"],
  ["{}x", "trailing characters at line 1 column 3"],
  ["1 2", "trailing characters at line 1 column 3"],
  ["\"a\" \"b\"", "trailing characters at line 1 column 5"],
  ["{\"a\":1}}", "trailing characters at line 1 column 8"],
  ["truex", "trailing characters at line 1 column 5"],
  ["nul", "EOF while parsing a value at line 1 column 3"],
  ["nope", "expected ident at line 1 column 2"],
  ["tRue", "expected ident at line 1 column 2"],
  ["abc", "expected value at line 1 column 1"],
  ["'x'", "expected value at line 1 column 1"],
  ["NaN", "expected value at line 1 column 1"],
  ["]", "expected value at line 1 column 1"],
  ["\uFEFF1", "expected value at line 1 column 1"],
  ["\u00e9 x", "expected value at line 1 column 1"],
  ["Here: ```json\n1\n```", "expected value at line 1 column 1"],
  ["```JSON\n1\n```", "expected value at line 1 column 1"],
  ["{\"a\"", "EOF while parsing an object at line 1 column 4"],
  ["{\"a\":", "EOF while parsing a value at line 1 column 5"],
  ["{\"a\":1", "EOF while parsing an object at line 1 column 6"],
  ["{\"a\":1,", "EOF while parsing a value at line 1 column 7"],
  ["{\"a\":1,}", "trailing comma at line 1 column 8"],
  ["{\"a\":1,2", "key must be a string at line 1 column 8"],
  ["{a:1}", "key must be a string at line 1 column 2"],
  ["{,}", "key must be a string at line 1 column 2"],
  ["{\"a\" 1}", "expected `:` at line 1 column 6"],
  ["{\"a\":1 \"b\"}", "expected `,` or `}` at line 1 column 8"],
  ["{\"a\":\n\n}", "expected value at line 3 column 1"],
  ["[\"\u00e9\",x]", "expected value at line 1 column 7"],
  ["\"x", "EOF while parsing a string at line 1 column 2"],
  ["\"abc\\", "EOF while parsing a string at line 1 column 5"],
  ["\"\\q\"", "invalid escape at line 1 column 3"],
  ["\"\\u\"", "EOF while parsing a string at line 1 column 4"],
  ["\"\\u12\"", "EOF while parsing a string at line 1 column 6"],
  ["\"\\u12zz\"", "invalid escape at line 1 column 7"],
  ["\"\\u\u00e9\u00e9x\"", "invalid escape at line 1 column 7"],
  ["\"\\ud800\"", "unexpected end of hex escape at line 1 column 8"],
  ["\"\\ud800\\n\"", "unexpected end of hex escape at line 1 column 9"],
  ["\"\\ud800\\u0041\"", "lone leading surrogate in hex escape at line 1 column 13"],
  ["\"\\udc00\"", "lone leading surrogate in hex escape at line 1 column 7"],
  ["\"a\nb\"", "control character (\\u0000-\\u001F) found while parsing a string at line 2 column 0"],
  ["\"a\tb\"", "control character (\\u0000-\\u001F) found while parsing a string at line 1 column 3"],
  ["01", "invalid number at line 1 column 2"],
  ["-01", "invalid number at line 1 column 3"],
  ["-a", "invalid number at line 1 column 2"],
  ["1.e", "invalid number at line 1 column 3"],
  ["1ee", "invalid number at line 1 column 3"],
  ["1.", "EOF while parsing a value at line 1 column 2"],
  ["1e", "EOF while parsing a value at line 1 column 2"],
  ["1e+", "EOF while parsing a value at line 1 column 3"],
  ["-", "EOF while parsing a value at line 1 column 1"],
  ["+1", "expected value at line 1 column 1"],
  [".5", "expected value at line 1 column 1"],
  ["0x1", "trailing characters at line 1 column 2"],
  ["1e999", "number out of range at line 1 column 5"],
  ["-1e999", "number out of range at line 1 column 6"],
  ["[".repeat(128), "recursion limit exceeded at line 1 column 128"],
  ["[{\"a\":".repeat(64), "recursion limit exceeded at line 1 column 380"]
]

/** Those that will not do, with all that is said. */
export const rejected: ReadonlyArray<ResultCase> = [
  ...[undefined, "", " \u00A0\u0085\n"].map((result) => ({
    exit: { hint: "the answer" },
    result,
    rejected: required("the answer")
  })),
  { exit: { hint: "a\nb", json_mode: true, schema: { type: "integer" } }, result: " ", rejected: required("a\nb") },
  { exit: { json_mode: true }, result: undefined, rejected: notJson(brokenJson[0]![1]) },
  ...brokenJson.map(([result, problem]) => ({ exit: { json_mode: true }, result, rejected: notJson(problem) })),
  ...[undefined, "nope"].map((result) => ({
    exit: { schema: {}, json_mode: true },
    result,
    rejected: notBySchema(
      `Invalid JSON: ${result === undefined ? brokenJson[0]![1] : "expected ident at line 1 column 2"}`
    )
  })),
  ...[5, "x", [1]].map((schema) => ({
    exit: { schema },
    result: "1",
    rejected: notBySchema(`Invalid JSON schema: ${JSON.stringify(schema)} is not of types "boolean", "object"`)
  })),
  {
    exit: { schema: { $schema: "http://example.com/unknown" } },
    result: "1",
    rejected: notBySchema("Invalid JSON schema: Unknown specification: http://example.com/unknown")
  }
]

const draft7 = "http://json-schema.org/draft-07/schema#"

const latest = "https://json-schema.org/draft/2020-12/schema"

const user = {
  type: "object",
  required: ["a", "b"],
  properties: { a: { type: "integer" }, b: { type: "string", minLength: 2 } },
  additionalProperties: false
}

/**
 * Those that a schema refuses, with what is said here. The original has the
 * words of another validator, about the same places.
 */
export const refusedBySchema: ReadonlyArray<{
  readonly schema: unknown
  readonly result: string
  readonly violations: ReadonlyArray<string>
}> = [
  { schema: user, result: "{}", violations: ["must have required property 'a'", "must have required property 'b'"] },
  {
    schema: user,
    result: "```json\n{\"a\":\"x\",\"b\":\"y\",\"c\":1}\n```",
    violations: [
      "must NOT have additional properties: \"c\"",
      "must be integer at /a",
      "must NOT have fewer than 2 characters at /b"
    ]
  },
  {
    schema: { properties: { "a/b": { properties: { "~c": { type: "integer" } } } } },
    result: "{\"a/b\":{\"~c\":\"x\"}}",
    violations: ["must be integer at /a~1b/~0c"]
  },
  {
    schema: { items: { type: "integer" } },
    result: "[1,\"x\",\"y\"]",
    violations: ["must be integer at /1", "must be integer at /2"]
  },
  {
    schema: { $ref: "#/definitions/x", definitions: { x: { type: "integer" } } },
    result: "\"s\"",
    violations: ["must be integer"]
  },
  { schema: { enum: [1, "a"] }, result: "2", violations: ["must be equal to one of the allowed values: [1,\"a\"]"] },
  { schema: { const: { a: 1 } }, result: "2", violations: ["must be equal to constant: {\"a\":1}"] },
  { schema: false, result: "1", violations: ["boolean schema is false"] },
  {
    schema: { $schema: draft7, items: [{ type: "integer" }] },
    result: "[\"x\",\"x\"]",
    violations: ["must be integer at /0"]
  },
  { schema: { $schema: draft7, format: "email" }, result: "\"nope\"", violations: ["must match format \"email\""] },
  {
    schema: { $schema: draft7, format: "date-time" },
    result: "\"nope\"",
    violations: ["must match format \"date-time\""]
  },
  {
    schema: { $schema: latest, prefixItems: [{ type: "integer" }] },
    result: "[\"x\"]",
    violations: ["must be integer at /0"]
  },
  {
    schema: { unevaluatedProperties: false },
    result: "{\"a\":1}",
    violations: ["must NOT have unevaluated properties: \"a\""]
  }
]

/** Schemas that are broken, or lead elsewhere. */
export const brokenSchemas: ReadonlyArray<unknown> = [
  { type: "objekt" },
  { type: 5 },
  { $schema: draft7, type: "nope" },
  { $schema: latest, items: [{ type: "integer" }] },
  { $ref: "#/$defs/none" },
  { $ref: "http://127.0.0.1:9/x.json" },
  { $ref: "other.json" },
  { pattern: "(" },
  { $schema: draft7, pattern: "(" }
]
