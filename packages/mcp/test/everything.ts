/**
 * One use of each tool, each resource and each prompt, in a registry with the
 * ids of `Registry.ts`.
 */
import { assert } from "@effect/vitest"
import type { Client } from "@modelcontextprotocol/client"
import { Effect } from "effect"
import * as ChangingTools from "../src/ChangingTools.ts"
import * as Prompts from "../src/Prompts.ts"
import * as ReadingTools from "../src/ReadingTools.ts"
import * as Resources from "../src/Resources.ts"
import * as Tools from "../src/Tools.ts"
import { call } from "./connect.ts"
import { textOf } from "./person.ts"
import { finished, obedient, stubborn } from "./Registry.ts"

const toolArguments = new Map<string, Record<string, unknown>>([
  [ReadingTools.listProcesses.name, { running: true, usage: true }],
  [ReadingTools.getProcess.name, { id: obedient.id }],
  [ReadingTools.processTree.name, {}],
  [ReadingTools.whoami.name, {}],
  [ReadingTools.waitProcess.name, { id: finished.id }],
  [ReadingTools.processesTable.name, {}],
  [ChangingTools.stopProcess.name, { id: obedient.id }],
  [ChangingTools.killProcess.name, { id: stubborn.id, grace_seconds: 0 }],
  [ChangingTools.pruneProcesses.name, { keep: 10 }]
])

const promptArguments = new Map<string, Record<string, string>>([
  [Prompts.triage.name, {}],
  [Prompts.handover.name, { id: obedient.id }]
])

const given = <A>(all: ReadonlyMap<string, A>, { name }: { readonly name: string }): A =>
  all.get(name) ?? assert.fail(`Nothing is known here of ${name}`)

export const tools = Tools.all.map((tool) => ({ name: tool.name, args: given(toolArguments, tool) }))

export const prompts = Prompts.all.map((prompt) => ({ name: prompt.name, args: given(promptArguments, prompt) }))

export const uris = [...Resources.all.map(({ uri }) => uri), Resources.uriOf(obedient.id)]

/** Has a client use all of them; none may fail. */
export const use = Effect.fnUntraced(function*(client: Client) {
  const { resources } = yield* Effect.promise(() => client.listResources())
  assert.includeMembers(resources.map(({ uri }) => uri), uris)
  for (const uri of uris) {
    const { contents: [content] } = yield* Effect.promise(() => client.readResource({ uri }))
    assert.deepInclude(content, { uri, mimeType: "application/json" })
  }
  for (const { args, name } of prompts) {
    const { messages } = yield* Effect.promise(() => client.getPrompt({ name, arguments: args }))
    assert.isNotEmpty(messages, name)
  }
  for (const { args, name } of tools) {
    const result = yield* call(client, name, args)
    assert.isUndefined(result.isError, `${name}: ${textOf(result)}`)
    assert.isNotEmpty(result.structuredContent, name)
  }
})
