/**
 * The table of prompts, in a server of the SDK.
 */
import { completable, type GetPromptResult, type McpServer, type StandardSchemaV1 } from "@modelcontextprotocol/server"
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Prompts from "../Prompts.ts"
import type { Answer } from "./answering.ts"
import * as StandardSchema from "./standardSchema.ts"

// Once for all servers.
const prompts = Prompts.all.map((prompt) => ({ prompt, input: StandardSchema.input(prompt.input) }))

const Text = StandardSchema.input(Schema.String)

const message = (text: string): GetPromptResult => ({ messages: [{ role: "user", content: { type: "text", text } }] })

/** What registers them with a server. */
export const make = (answer: Answer): (server: McpServer) => void => {
  const registrations = prompts.map(({ input, prompt }) => {
    const called = `The prompt ${prompt.name}`
    return {
      prompt,
      called,
      argsSchema: {
        ...input,
        // Where the SDK looks for what completes an argument.
        shape: Object.fromEntries(
          Object.entries(prompt.complete).map(([argument, complete]) => [
            argument,
            completable<StandardSchemaV1>(
              { ...Text },
              (beginning) => answer(called, Effect.map(complete(String(beginning)), Arr.fromIterable))
            )
          ])
        )
      }
    }
  })
  return (server) => {
    for (const { argsSchema, called, prompt } of registrations) {
      server.registerPrompt(
        prompt.name,
        { title: prompt.title, description: prompt.description, argsSchema },
        (input, context) => answer(called, Effect.map(prompt.handler(input), message), context)
      )
    }
  }
}
