/**
 * Asking by the means of the protocol: a form that the client shows, with an
 * answer that counts for the very process it was about, and once.
 */
import {
  acceptedContent,
  CLIENT_CAPABILITIES_META_KEY,
  createRequestStateCodec,
  inputRequired,
  type InputRequiredResult,
  inputResponse,
  type McpServer,
  type RequestStateCodec,
  type ServerContext
} from "@modelcontextprotocol/server"
import { processKey } from "@zag/core/ProcessEntry"
import type { ProcessInfo } from "@zag/core/ProcessInfo"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { AnswerAwaited, type Confirm, type ConfirmPolicy, NotConfirmed, type Question } from "../Confirmation.ts"
import { ageSeconds } from "./shown.ts"
import * as StandardSchema from "./standardSchema.ts"

/** What a client brings back with the answer; it cannot change it. */
interface Asked {
  readonly subject: string
  /** Which question it was. */
  readonly number: number
}

const key = "confirm"

const Form = StandardSchema.form(Schema.Struct({
  confirm: Schema.Boolean.annotate({ title: "Yes, end it", default: false })
}))

// As long as a person may think.
const validSeconds = 300

const subjectOf = ({ action, process }: Question): string => `${action} ${processKey(process)}`

const longestQuote = 120

// All that looks like the end of a quotation, or its beginning, but for the plain apostrophe.
const quotationMarks = /[\p{Quotation_Mark}\u02BA\u02EE\u05F4\u2033\u2036\u275B-\u2760]/gu

// What others wrote must not look like a part of the question.
const quoted = (text: string): string => {
  const line = text.replaceAll(/[\s\p{Cc}\p{Cf}]+/gu, " ").replaceAll(quotationMarks, "'").trim()
  return `“${line.length > longestQuote ? `${line.slice(0, longestQuote - 1).toWellFormed()}…` : line}”`
}

/** An id is for the registry to say, which others write as well. */
const named = (id: string): string => /^[\w-]{1,64}$/.test(id) ? id : quoted(id)

const ago = (info: ProcessInfo, now: number): string => {
  const seconds = ageSeconds(info, now)
  if (seconds === null) return ""
  const minutes = Math.floor(seconds / 60)
  return minutes < 120 ? `, registered ${minutes} min ago` : `, registered ${Math.floor(minutes / 60)} h ago`
}

const textOf = ({ action, process: info }: Question, now: number): string => {
  const who = `${quoted(info.provider)} ${named(info.id)} (pid ${info.pid}, ${info.liveStatus}${ago(info, now)})`
  const what = action === "kill"
    ? "It and all that it started will end, and what is not saved is lost."
    : "It is asked to end by itself."
  const doubt = info.liveStatus === "running" && !info.verified
    ? " Only its pid is known, which may be that of another program by now."
    : ""
  return [
    `An agent wants to ${action} ${who}. ${what}${doubt}`,
    ...(info.root === null ? [] : [`In: ${quoted(info.root)}`]),
    ...(info.prompt === null ? [] : [`Its task: ${quoted(info.prompt)}`])
  ].join("\n")
}

const Capabilities = Schema.Struct({
  elicitation: Schema.optionalKey(Schema.Record(Schema.String, Schema.Unknown))
})

const decodeCapabilities = Schema.decodeUnknownOption(Capabilities)

/** Whether the client shows forms: it says so, or says nothing more than that it asks. */
const canAsk = (server: McpServer, { mcpReq }: ServerContext): boolean => {
  const told = (mcpReq.envelope as Record<string, unknown> | undefined)?.[CLIENT_CAPABILITIES_META_KEY]
  const elicitation = decodeCapabilities(told ?? server.server.getClientCapabilities()).pipe(
    Option.flatMapNullishOr((capabilities) => capabilities.elicitation),
    Option.getOrUndefined
  )
  return elicitation !== undefined && ("form" in elicitation || Object.keys(elicitation).length === 0)
}

export interface Confirming {
  /** Of a state that a client brings back, for the options of a server. */
  readonly verify: (state: string, context: ServerContext) => Promise<Asked>
  /** What a call asks by. */
  readonly of: (server: McpServer, context: ServerContext) => Confirm
  /** The question as an answer to the call, which the client then makes once more. */
  readonly ask: (awaited: AnswerAwaited, context: ServerContext) => Effect.Effect<InputRequiredResult>
}

export const make = (policy: ConfirmPolicy): Confirming => {
  let made: RequestStateCodec<Asked> | undefined
  // Not before there is a question: cryptography takes a while to load.
  const codec = () =>
    made ??= createRequestStateCodec<Asked>({
      key: crypto.getRandomValues(new Uint8Array(32)),
      ttlSeconds: validSeconds,
      bind: ({ http }) => http?.authInfo?.clientId ?? "local"
    })
  let asked = 0
  /** The questions that nobody has answered yet, and until when they can be. */
  const open = new Map<number, number>()

  const ask = Effect.fnUntraced(function*({ question, subject }: AnswerAwaited, context: ServerContext) {
    const now = yield* Clock.currentTimeMillis
    for (const [number, until] of open) if (until < now) open.delete(number)
    const number = ++asked
    open.set(number, now + validSeconds * 1000)
    return inputRequired({
      inputRequests: { [key]: inputRequired.elicit({ message: question, requestedSchema: Form }) },
      requestState: yield* Effect.promise(() => codec().mint({ subject, number }, context))
    })
  })

  const of = (server: McpServer, context: ServerContext): Confirm =>
    Effect.fnUntraced(function*(question) {
      if (policy === "allow") return
      const refuse = (why: NotConfirmed["why"]) =>
        Effect.fail(new NotConfirmed({ id: question.process.id, action: question.action, why }))
      if (policy === "deny") return yield* refuse("denied")
      if (!canAsk(server, context)) return yield* refuse("cannot_ask")

      const { inputResponses } = context.mcpReq
      const response = inputResponse(inputResponses, key)
      const state = context.mcpReq.requestState<Asked>()
      const subject = subjectOf(question)
      // An answer counts once, so that a no cannot be followed by a yes that nobody gave.
      const isAnswer = response.kind === "elicit" && state !== undefined && open.delete(state.number) &&
        state.subject === subject
      if (!isAnswer) {
        return yield* new AnswerAwaited({ question: textOf(question, yield* Clock.currentTimeMillis), subject })
      }
      if (response.action === "cancel") return yield* refuse("unanswered")
      if (acceptedContent(inputResponses, key, Form)?.confirm !== true) return yield* refuse("declined")
    })

  return { verify: (state, context) => codec().verify(state, context), of, ask }
}
