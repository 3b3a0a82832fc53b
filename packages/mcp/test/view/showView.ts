/**
 * The page of `processes_table`, as a client shows it in a browser.
 */
import { assert } from "@effect/vitest"
import type { CallToolResult, Client, ElicitResult } from "@modelcontextprotocol/client"
import { Effect } from "effect"
import { fileURLToPath } from "node:url"
import type { Page } from "playwright-core"
import { rolldown } from "rolldown"
import * as ProcessesView from "../../src/ProcessesView.ts"
import { connect } from "../connect.ts"
import { Chromium } from "./Chromium.ts"

interface Options {
  readonly readOnly?: boolean
  /** What the person answers to the questions of the server, one after the other. */
  readonly answers?: ReadonlyArray<ElicitResult>
  /** What the client can do; all by default. */
  readonly capabilities?: object
  /** An answer to a call in place of that of the server. */
  readonly instead?: (name: string) => CallToolResult | undefined
  /** Something to be done with the page of the client at first. */
  readonly prepare?: (page: Page) => Effect.Effect<void>
}

/** What `host.js` puts into the page of the client. */
interface Host {
  readonly show: (shown: object) => Promise<void>
  readonly change: (context: object) => void
  readonly end: () => Promise<unknown>
}

const bundle = Effect.promise(() => rolldown({ input: fileURLToPath(new URL("host.js", import.meta.url)) })).pipe(
  Effect.flatMap((built) => Effect.promise(() => built.generate({ format: "iife" }))),
  Effect.map(({ output: [{ code }] }) => code)
)

// The strictest that clients have.
const policy = "<meta http-equiv=\"Content-Security-Policy\" " +
  "content=\"default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'\">"

const htmlOf = Effect.fnUntraced(function*(client: Client) {
  const { contents: [content] } = yield* Effect.promise(() => client.readResource({ uri: ProcessesView.uri }))
  return (content as { readonly text: string }).text.replace("<head>", `<head>${policy}`)
})

/** Shows it in a page of its own. What the browser has to complain about fails the test in the end. */
export const showView = Effect.fnUntraced(function*(options: Options = {}) {
  const asked: Array<string> = []
  const calls: Array<string> = []
  const told: Array<object> = []
  const complaints: Array<string> = []

  const { client } = yield* connect(
    { pin: "2026-07-28" },
    { confirm: "ask", readOnly: options.readOnly },
    { capabilities: { elicitation: { form: {} } } }
  )
  client.setRequestHandler(
    "elicitation/create",
    ({ params }) => options.answers?.[asked.push(params.message) - 1] ?? { action: "cancel" }
  )

  const browser = yield* Chromium
  const page = yield* Effect.acquireRelease(
    Effect.promise(() => browser.newPage({ viewport: { width: 900, height: 600 }, colorScheme: "light" })),
    (page) => Effect.promise(() => page.close())
  )
  page.setDefaultTimeout(60_000)
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()))
  page.on("pageerror", ({ message }) => complaints.push(message))
  const script = yield* bundle
  const html = yield* htmlOf(client)
  const result = yield* Effect.promise(() => client.callTool({ name: "processes_table" }))
  yield* Effect.promise(() =>
    page.exposeFunction("callServer", (call: { readonly name: string }) => {
      calls.push(call.name)
      return options.instead?.(call.name) ?? client.callTool(call)
    })
  )
  yield* Effect.promise(() =>
    page.exposeFunction("tellModel", (context: object) => {
      told.push(context)
      return {}
    })
  )
  yield* options.prepare?.(page) ?? Effect.void
  yield* Effect.promise(() =>
    page.setContent("<!doctype html><body style=\"margin: 0; background: light-dark(#eee, #111)\">")
  )
  yield* Effect.promise(() => page.addScriptTag({ content: script }))
  yield* Effect.promise(() =>
    page.evaluate((shown) => (globalThis as unknown as Host).show(shown), {
      html,
      result,
      capabilities: options.capabilities ?? { serverTools: {}, updateModelContext: { text: {} } },
      context: { theme: "light" }
    })
  )
  yield* Effect.addFinalizer(() => Effect.sync(() => assert.deepStrictEqual(complaints, [])))

  const view = page.frameLocator("iframe")
  const rowOf = (id: string) => view.locator("tbody tr", { has: page.locator(".id", { hasText: id }) })
  return {
    page,
    view,
    /** The questions that the server had put to the person. */
    asked,
    /** The tools that the page had called. */
    calls,
    /** What the page had told the model. */
    told,
    rowOf,
    /** Waits until a process has a status. */
    hasStatus: (id: string, status: string) =>
      Effect.promise(() => rowOf(id).locator(`.status[data-is="${status}"]`).waitFor()),
    change: (context: object) =>
      Effect.promise(() => page.evaluate((context) => (globalThis as unknown as Host).change(context), context)),
    end: Effect.promise(() => page.evaluate(() => (globalThis as unknown as Host).end()))
  }
})
