import { assert, describe, it } from "@effect/vitest"
import { Client } from "@modelcontextprotocol/client"
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio"
import { Effect } from "effect"
import { fileURLToPath } from "node:url"
import * as ProcessesView from "../src/ProcessesView.ts"
import { call, connect, eras } from "./connect.ts"
import * as Registry from "./Registry.ts"
import { makeHome, services } from "./spawnServer.ts"

const { uri } = ProcessesView

describe.each(eras)("revision $revision", ({ mode }) => {
  it.effect("processes_table tells which page it has, and no other tool has one", () =>
    Effect.gen(function*() {
      const { client } = yield* connect(mode, { readOnly: true })
      const { tools } = yield* Effect.promise(() => client.listTools())
      assert.deepStrictEqual(
        tools.flatMap(({ _meta, name }) => _meta === undefined ? [] : [[name, _meta]]),
        [["processes_table", { ui: { resourceUri: uri }, "ui/resourceUri": uri }]]
      )
    }).pipe(Effect.provide(Registry.layer)))

  it.effect("processes_table answers without its page what list_processes does, running ones first", () =>
    Effect.gen(function*() {
      const { client } = yield* connect(mode)
      const { content, structuredContent } = yield* call(client, "processes_table", {})
      const listed = yield* call(client, "list_processes", { sort: "status", limit: 20 })
      assert.deepStrictEqual(structuredContent, listed.structuredContent)
      assert.deepStrictEqual(content, (listed.content as ReadonlyArray<unknown>).slice(0, 1))
      const { processes } = structuredContent as { readonly processes: ReadonlyArray<{ readonly id: string }> }
      assert.deepStrictEqual(processes.map(({ id }) => id), ["aaaa-1", "aaaa-2", "bbbb-1", "dddd-1", "cccc-1"])
    }).pipe(Effect.provide(Registry.layer)))

  it.effect.each([{ readOnly: false }, { readOnly: true }])(
    "gives the page whole: %o",
    ({ readOnly }) =>
      Effect.gen(function*() {
        const { client } = yield* connect(mode, { readOnly })
        const { contents: [page, ...others] } = yield* Effect.promise(() => client.readResource({ uri }))
        assert.lengthOf(others, 0)
        const { _meta, mimeType, text, uri: told } = page as typeof page & { readonly text: string }
        assert.deepStrictEqual({ _meta, mimeType, told }, {
          _meta: { ui: { prefersBorder: true, csp: {} } },
          mimeType: "text/html;profile=mcp-app",
          told: uri
        })
        assert.match(text, /^<!doctype html>/)
        assert.strictEqual(text.includes("<body data-read-only>"), readOnly)
        // Nothing is left to be fetched, and nothing in the script ends it.
        assert.notMatch(text, /\b(src|href)=|url\(|@import|https?:/)
        assert.lengthOf(text.match(/<\/script/g)!, 1)
        assert.isBelow(text.length, 16_000)
      }).pipe(Effect.provide(Registry.layer))
  )
})

describe("the installed program", () => {
  it.live("finds the page", () =>
    Effect.gen(function*() {
      const { env } = yield* makeHome
      const client = new Client({ name: "test", version: "0" })
      const transport = new StdioClientTransport({
        command: process.execPath,
        args: [fileURLToPath(new URL("../bin/zag-mcp.cjs", import.meta.url))],
        env
      })
      yield* Effect.acquireRelease(
        Effect.promise(() => client.connect(transport)),
        () => Effect.promise(() => client.close())
      )
      const { contents: [page] } = yield* Effect.promise(() => client.readResource({ uri }))
      assert.deepInclude(page, { text: yield* ProcessesView.html({ readOnly: false }) })
    }).pipe(Effect.provide(services)))
})
