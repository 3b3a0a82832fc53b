/**
 * A client that somebody works with, who is asked before anything is ended.
 */
import type { ClientOptions, ElicitResult } from "@modelcontextprotocol/client"
import { ProcessTable } from "@zag/core/testing"
import { Effect } from "effect"
import type * as Server from "../src/Server.ts"
import { connect, type Mode } from "./connect.ts"

export const yes: ElicitResult = { action: "accept", content: { confirm: true } }
export const unticked: ElicitResult = { action: "accept", content: { confirm: false } }
export const decline: ElicitResult = { action: "decline" }
export const cancel: ElicitResult = { action: "cancel" }

const forms: ClientOptions["capabilities"] = { elicitation: { form: {} } }

/** Who got a signal. */
export const signalled = Effect.flatMap(
  ProcessTable,
  ({ signals }) => Effect.map(signals, (signals) => Array.from(new Set(signals.map(({ pid }) => pid))))
)

/** A client whose person gives these answers, one after the other, and what they were asked. */
export const connectPerson = Effect.fnUntraced(function*(
  mode: Mode,
  answers: ReadonlyArray<ElicitResult | Effect.Effect<ElicitResult>>,
  { capabilities = forms, ...options }: Server.Options & {
    readonly capabilities?: ClientOptions["capabilities"]
  } = {}
) {
  const run = Effect.runPromiseWith(yield* Effect.context<never>())
  const asked: Array<string> = []
  const connected = yield* connect(mode, { confirm: "ask", ...options }, { capabilities: capabilities ?? {} })
  if (capabilities?.elicitation !== undefined) {
    connected.client.setRequestHandler("elicitation/create", ({ params }) => {
      const answer = answers[asked.push(params.message) - 1] ?? cancel
      return Effect.isEffect(answer) ? run(answer) : answer
    })
  }
  return { ...connected, asked }
})

export const textOf = (result: { readonly content: unknown }) =>
  (result.content as ReadonlyArray<{ readonly text: string }>)[0]!.text
