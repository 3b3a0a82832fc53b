/**
 * The table of resources, in a server of the SDK.
 */
import { type McpServer, type ReadResourceResult, ResourceTemplate } from "@modelcontextprotocol/server"
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { ResourceError, Services } from "../Resource.ts"
import * as Resources from "../Resources.ts"
import type { ObjectSchema } from "../Tool.ts"
import type { Answer } from "./answering.ts"

const mimeType = "application/json"

/** What a resource has in it, as a client gets it. */
const reader = <Output extends ObjectSchema>(output: Output) => {
  const encode = Schema.encodeEffect(output)
  return (uri: string, read: Effect.Effect<Output["Type"], ResourceError, Services>) =>
    read.pipe(
      Effect.flatMap((value) => Effect.orDie(encode(value))),
      Effect.map((content): ReadResourceResult => ({
        contents: [{ uri, mimeType, text: JSON.stringify(content) }]
      }))
    )
}

// Once for all servers.
const resources = Resources.all.map((resource) => ({ ...resource, reader: reader(resource.output) }))

const templates = Resources.templates.map((template) => ({ template, reader: reader(template.output) }))

export const register = (server: McpServer, answer: Answer): void => {
  for (const { description, name, read, reader, title, uri } of resources) {
    server.registerResource(
      name,
      uri,
      { title, description, mimeType },
      ({ href }, context) => answer(`The resource ${name}`, reader(href, read), context)
    )
  }
  for (const { reader, template } of templates) {
    const { description, name, title, uriTemplate } = template
    const called = `The resource ${name}`
    server.registerResource(
      name,
      new ResourceTemplate(uriTemplate, {
        list: (context) =>
          answer(called, Effect.map(template.list, (instances) => ({ resources: Array.from(instances) })), context),
        complete: { id: (beginning) => answer(called, Effect.map(template.complete(beginning), Arr.fromIterable)) }
      }),
      { title, description, mimeType },
      ({ href }, _, context) => answer(called, reader(href, template.read(href)), context)
    )
  }
}
