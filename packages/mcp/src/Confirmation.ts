/**
 * Asking the person that an agent works for, before a process of theirs is
 * ended.
 *
 * @since 0.1.0
 */
import type { ProcessInfo } from "@zag/core/ProcessInfo"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

/**
 * What a person is asked about.
 *
 * @category models
 * @since 0.1.0
 */
export interface Question {
  /** What is about to be done. */
  readonly action: "stop" | "kill"
  readonly process: ProcessInfo
}

/**
 * How a server comes to a decision.
 *
 * - `ask`: by the person, through the client. A client that cannot ask is refused.
 * - `allow`: without anybody. The client may ask by itself, before it calls the tool.
 * - `deny`: nothing is ended but `self`.
 *
 * **Details**
 *
 * It is set by whoever starts the server; no call of a tool can change it. An
 * agent that ends itself, by `self`, is never asked about, nor denied: that is
 * how it hands in its result.
 *
 * @category models
 * @since 0.1.0
 */
export type ConfirmPolicy = "ask" | "allow" | "deny"

/**
 * Nobody has agreed. Nothing was signalled.
 *
 * @category errors
 * @since 0.1.0
 */
export class NotConfirmed extends Schema.TaggedError<NotConfirmed>()("NotConfirmed", {
  id: Schema.String,
  action: Schema.Literals(["stop", "kill"]),
  /**
   * `denied` by the server, which asks nobody; `cannot_ask`: the client has no
   * means to; `declined` by the person, who was asked; `unanswered`: they have
   * closed the question.
   */
  why: Schema.Literals(["denied", "cannot_ask", "declined", "unanswered"])
}) {
  override get message(): string {
    const command = `zag ps ${this.action} ${this.id}`
    switch (this.why) {
      case "denied":
        return `Refused: this server may ${this.action} nothing but \`self\` (--confirm deny). If process ${this.id} must end, ` +
          `ask the person you work for; they can run: ${command}`
      case "cannot_ask":
        return `Refused: whether to ${this.action} process ${this.id} is for the person you work for to say, and this ` +
          `client cannot ask them (no form elicitation). Ask them in words; they can run: ${command}. They can also let ` +
          "you do it without being asked, by starting the server with --confirm allow."
      case "declined":
        return `Not done: the person you work for does not want you to ${this.action} process ${this.id}. ` +
          "Do not ask again; tell them what you had in mind."
      case "unanswered":
        return `Not done: the question whether to ${this.action} process ${this.id} was closed without an answer. ` +
          "Ask in words before you try again."
    }
  }
}

/**
 * The person was asked, and the call is to be made once more with their answer.
 * It is for the server, which tells the client; no tool has to deal with it.
 *
 * @category errors
 * @since 0.1.0
 */
export class AnswerAwaited extends Schema.TaggedError<AnswerAwaited>()("AnswerAwaited", {
  /** For the person. */
  question: Schema.String,
  /** What the answer will be about, and nothing else. */
  subject: Schema.String
}) {
  override get message(): string {
    return this.question
  }
}

/**
 * Asks a question; fails where the answer is not a clear yes.
 *
 * @category models
 * @since 0.1.0
 */
export type Confirm = (question: Question) => Effect.Effect<void, NotConfirmed | AnswerAwaited>

/**
 * By what the tools that end something ask. By default all is agreed: who mounts
 * them in a server of its own decides how to ask.
 *
 * @category references
 * @since 0.1.0
 */
export const Confirmation: Context.Reference<Confirm> = Context.Reference("@zag/mcp/Confirmation", {
  defaultValue: (): Confirm => () => Effect.void
})
