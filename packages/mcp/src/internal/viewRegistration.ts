/**
 * The pages that clients show with the answers of tools, in a server of the SDK.
 */
import type { McpServer } from "@modelcontextprotocol/server"
import * as Effect from "effect/Effect"
import * as ProcessesView from "../ProcessesView.ts"
import type { Answer } from "./answering.ts"

const { mimeType, uri } = ProcessesView

/** How a tool says which page it has. The second key is for clients that do not know the first yet. */
export const metaOf = (view: string | undefined) =>
  view === undefined ? {} : { _meta: { ui: { resourceUri: view }, "ui/resourceUri": view } }

export const register = (server: McpServer, answer: Answer, options: { readonly readOnly: boolean }): void => {
  server.registerResource(
    "processes-view",
    uri,
    { title: "The table of agent processes", description: "The page of processes_table.", mimeType },
    (_, context) =>
      answer(
        "The page of processes_table",
        Effect.map(ProcessesView.html(options), (text) => ({
          // It needs nothing from anywhere.
          contents: [{ uri, mimeType, text, _meta: { ui: { prefersBorder: true, csp: {} } } }]
        })),
        context
      )
  )
}
