/**
 * A server with the tools, resources and prompts that the scenarios of the
 * conformance suite call by name. What they promise is in the suite.
 */
// @effect-diagnostics asyncFunction:off nodeBuiltinImport:off -- handlers as the SDK has them, without those of Effect
import {
  acceptedContent,
  type CallToolResult,
  CLIENT_CAPABILITIES_META_KEY,
  completable,
  type ContentBlock,
  createRequestStateCodec,
  type InputRequests,
  inputRequired,
  type InputRequiredResult,
  inputResponse,
  McpServer,
  ResourceTemplate,
  type ServerContext,
  type ServerEvent
} from "@modelcontextprotocol/server"
import { Schema } from "effect"
import { setTimeout as delay } from "node:timers/promises"
import * as StandardSchema from "../../src/internal/standardSchema.ts"
import type * as Server from "../../src/Server.ts"

type Answer = CallToolResult | InputRequiredResult

type Call = (context: ServerContext, input: { readonly [key: string]: string }) => Answer | Promise<Answer>

const png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg=="

const wav = "UklGRiQAAABXQVZFZm10IBAAAAABAAEARKwAAIhYAQACABAAZGF0YQAAAAA="

const image = { type: "image", data: png, mimeType: "image/png" } as const

const text = (text: string) => ({ type: "text", text }) as const

const embedded = (uri: string, mimeType: string, text: string) =>
  ({ type: "resource", resource: { uri, mimeType, text } }) as const

const answer = (...content: ReadonlyArray<ContentBlock>): CallToolResult => ({ content: [...content] })

const json = (value: unknown) => JSON.stringify(value)

const form = (message: string, properties: object, required = Object.keys(properties)): InputRequests[string] => ({
  method: "elicitation/create",
  // The suite asks for more kinds of fields than the types know.
  params: { mode: "form", message, requestedSchema: { type: "object", properties, required } as never }
})

const string = { type: "string" }

const sampling = (prompt: string, maxTokens = 100) =>
  inputRequired.createMessage({ messages: [{ role: "user", content: text(prompt) }], maxTokens })

const asks = (inputRequests: InputRequests, requestState?: string) =>
  inputRequired({ inputRequests, ...(requestState === undefined ? {} : { requestState }) })

/** Asks once, and tells what came back. */
const asking = (key: string, request: InputRequests[string], told: (view: unknown) => string): Call => (context) => {
  const view = inputResponse(context.mcpReq.inputResponses, key)
  return view.kind === "missing" ? asks({ [key]: request }) : answer(text(told(view)))
}

const codec = createRequestStateCodec<number>({ key: crypto.getRandomValues(new Uint8Array(32)) })

/** Asks for one thing after another, and keeps in the state how far it is. */
const rounds = (...requests: ReadonlyArray<InputRequests>): Call => async ({ mcpReq }) => {
  const round = mcpReq.requestState<number>() ?? 0
  const isAnswered = round > 0 &&
    Object.keys(requests[round - 1]!).every((key) => inputResponse(mcpReq.inputResponses, key).kind !== "missing")
  const next = isAnswered ? round : Math.max(0, round - 1)
  return requests[next] === undefined
    ? answer(text("state-ok"))
    : asks(requests[next], await codec.mint(next + 1))
}

const progress: Call = async ({ mcpReq }) => {
  const progressToken = mcpReq._meta?.progressToken
  for (const progress of [0, 50, 100]) {
    if (progressToken !== undefined) {
      await mcpReq.notify({ method: "notifications/progress", params: { progressToken, progress, total: 100 } })
    }
    await delay(50)
  }
  return answer(text("Done"))
}

const logging: Call = async ({ mcpReq }) => {
  for (const step of ["Tool execution started", "Tool processing data", "Tool execution completed"]) {
    await mcpReq.log("info", step)
    await delay(50)
  }
  return answer(text("Done"))
}

const capabilities: Call = ({ mcpReq }) => {
  const declared = (mcpReq.envelope as { readonly [CLIENT_CAPABILITIES_META_KEY]?: object } | undefined)?.[
    CLIENT_CAPABILITIES_META_KEY
  ] ?? {}
  return asks({
    ...("sampling" in declared ? { sampling: sampling("Say something") } : {}),
    ...("elicitation" in declared ? { name: form("What is your name?", { name: string }) } : {})
  })
}

const titled = (values: ReadonlyArray<string>) => values.map((value) => ({ const: value, title: `The ${value}` }))

const options = ["option1", "option2", "option3"]

const enums = {
  untitledSingle: { type: "string", enum: options },
  titledSingle: { type: "string", oneOf: titled(["value1", "value2", "value3"]) },
  legacyEnum: {
    type: "string",
    enum: ["opt1", "opt2", "opt3"],
    enumNames: ["Option One", "Option Two", "Option Three"]
  },
  untitledMulti: { type: "array", items: { type: "string", enum: options } },
  titledMulti: { type: "array", items: { anyOf: titled(["value1", "value2", "value3"]) } }
}

const defaults = {
  name: { type: "string", default: "John Doe" },
  age: { type: "integer", default: 30 },
  score: { type: "number", default: 95.5 },
  status: { type: "string", enum: ["active", "inactive", "pending"], default: "active" },
  verified: { type: "boolean", default: true }
}

const completed = (view: unknown) => {
  const { action, content } = view as { readonly action: string; readonly content?: object }
  return `Elicitation completed: action=${action}, content=${json(content)}`
}

const name = { user_name: form("What is your name?", { name: string }) }

const confirmation = { confirm: form("Please confirm", { ok: { type: "boolean" } }) }

const tools: { readonly [name: string]: Call } = {
  test_simple_text: () => answer(text("This is a simple text response for testing.")),
  test_image_content: () => answer(image),
  test_audio_content: () => answer({ type: "audio", data: wav, mimeType: "audio/wav" }),
  test_embedded_resource: () =>
    answer(embedded("test://embedded-resource", "text/plain", "This is an embedded resource content.")),
  test_multiple_content_types: () =>
    answer(
      text("Multiple content types test:"),
      image,
      embedded("test://mixed-content-resource", "application/json", json({ test: "data", value: 123 }))
    ),
  test_tool_with_logging: logging,
  test_logging_tool: logging,
  test_error_handling: () => ({
    isError: true,
    content: [text("This tool intentionally returns an error for testing")]
  }),
  test_tool_with_progress: progress,
  test_elicitation_sep1034_defaults: asking("fields", form("Please look at this", defaults, []), completed),
  test_elicitation_sep1330_enums: asking("fields", form("Please choose", enums, []), completed),
  test_missing_capability: asking("question", sampling("Say something"), json),
  test_streaming_elicitation: asking("user_name", name.user_name, json),
  test_input_required_result_elicitation: ({ mcpReq }) => {
    const { name: given } = acceptedContent(mcpReq.inputResponses, "user_name") ?? {}
    return typeof given === "string" ? answer(text(`Hello, ${given}!`)) : asks(name)
  },
  test_input_required_result_sampling: asking("capital_question", sampling("What is the capital of France?"), json),
  test_input_required_result_list_roots: asking("client_roots", inputRequired.listRoots(), json),
  test_input_required_result_request_state: rounds(confirmation),
  test_input_required_result_tampered_state: rounds(confirmation),
  test_input_required_result_multiple_inputs: rounds({
    ...name,
    greeting: sampling("Generate a greeting", 50),
    client_roots: inputRequired.listRoots()
  }),
  test_input_required_result_multi_round: rounds(
    { step1: form("Step 1: What is your name?", { name: string }) },
    { step2: form("Step 2: What is your favorite color?", { color: string }) }
  ),
  test_input_required_result_capabilities: capabilities
}

const sampled = (view: unknown) => {
  const { result } = view as { readonly result: { readonly content: { readonly text?: string } } }
  return `LLM response: ${result.content.text}`
}

/** Those that take something. */
const withInput: { readonly [name: string]: readonly [field: string, call: Call] } = {
  test_sampling: ["prompt", (context, { prompt }) => asking("answer", sampling(prompt!), sampled)(context, {})],
  test_elicitation: [
    "message",
    (context, { message }) =>
      asking("user", form(message!, { username: string, email: string }), (view) => `User response: ${json(view)}`)(
        context,
        {}
      )
  ]
}

const nothing = StandardSchema.input(Schema.Struct({}))

const one = (field: string) => StandardSchema.input(Schema.Record(Schema.Literal(field), Schema.String))

const words = ["paris", "park", "party"]

const user = (content: ContentBlock) => ({ role: "user" as const, content })

const registerPrompts = (server: McpServer): void => {
  server.registerPrompt("test_simple_prompt", { description: "Simple" }, () => ({
    messages: [user(text("This is a simple prompt for testing."))]
  }))
  server.registerPrompt(
    "test_prompt_with_arguments",
    {
      description: "With arguments",
      // The SDK finds what completes an argument where zod would have it.
      argsSchema: Object.assign(StandardSchema.input(Schema.Struct({ arg1: Schema.String, arg2: Schema.String })), {
        shape: {
          arg1: completable(
            StandardSchema.input(Schema.String),
            (value) => words.filter((word) => word.startsWith(value))
          )
        }
      })
    },
    ({ arg1, arg2 }) => ({ messages: [user(text(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`))] })
  )
  server.registerPrompt(
    "test_prompt_with_embedded_resource",
    {
      description: "With a resource",
      argsSchema: StandardSchema.input(Schema.Struct({ resourceUri: Schema.String }))
    },
    ({ resourceUri }) => ({
      messages: [
        user(embedded(resourceUri, "text/plain", "Embedded resource content for testing.")),
        user(text("Please process the embedded resource above."))
      ]
    })
  )
  server.registerPrompt("test_prompt_with_image", { description: "With an image" }, () => ({
    messages: [user(image), user(text("Please analyze the image above."))]
  }))
  server.registerPrompt("test_input_required_result_prompt", { description: "With a question" }, ({ mcpReq }) => {
    const given = acceptedContent(mcpReq.inputResponses, "user_context")
    return given === undefined
      ? asks({ user_context: form("What context should the prompt use?", { context: string }) })
      : { messages: [user(text(`Use the context ${json(given)}`))] }
  })
}

const registerResources = (server: McpServer): void => {
  const uris = { text: "test://static-text", binary: "test://static-binary", watched: "test://watched-resource" }
  const plain = { mimeType: "text/plain" }
  server.registerResource("static-text", uris.text, plain, () => ({
    contents: [{ uri: uris.text, ...plain, text: "This is the content of the static text resource." }]
  }))
  server.registerResource("static-binary", uris.binary, { mimeType: "image/png" }, () => ({
    contents: [{ uri: uris.binary, mimeType: "image/png", blob: png }]
  }))
  server.registerResource("watched-resource", uris.watched, plain, () => ({
    contents: [{ uri: uris.watched, ...plain, text: "Watch me" }]
  }))
  server.registerResource(
    "template",
    new ResourceTemplate("test://template/{id}/data", { list: undefined }),
    { mimeType: "application/json" },
    ({ href }, { id }) => ({
      contents: [{
        uri: href,
        mimeType: "application/json",
        text: json({ id, templateTest: true, data: `Data for ID: ${String(id)}` })
      }]
    })
  )
  server.server.setRequestHandler("resources/subscribe", () => ({}))
  server.server.setRequestHandler("resources/unsubscribe", () => ({}))
}

/** Makes such servers; `publish` tells all clients what has changed. */
export const factory = (publish: (event: ServerEvent) => void): Server.Factory => () => {
  const server = new McpServer(
    { name: "zag-conformance", version: "0" },
    {
      capabilities: {
        logging: {},
        completions: {},
        tools: { listChanged: true },
        prompts: { listChanged: true },
        resources: { subscribe: true, listChanged: true }
      },
      requestState: { verify: codec.verify }
    }
  )
  for (const [name, call] of Object.entries(tools)) {
    server.registerTool(name, { description: name, inputSchema: nothing }, (_, context) => call(context, {}))
  }
  for (const [name, [field, call]] of Object.entries(withInput)) {
    server.registerTool(name, { description: name, inputSchema: one(field) }, (input, context) => call(context, input))
  }
  for (const kind of ["tool", "prompt"] as const) {
    const name = `test_trigger_${kind}_change`
    server.registerTool(name, { description: name, inputSchema: nothing }, () => {
      publish({ kind: `${kind}s_list_changed` })
      return answer(text("Published"))
    })
  }
  registerPrompts(server)
  registerResources(server)
  return server
}
