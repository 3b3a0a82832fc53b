/**
 * A tool for AI agents, as it is before any protocol: what it is called, what
 * it takes and gives, and what it does.
 *
 * @since 0.1.0
 */
import type { ProcessControl } from "@zag/core/ProcessControl"
import type { ProcessControlError } from "@zag/core/ProcessControlError"
import type { ProcessStoreError } from "@zag/core/ProcessStoreError"
import type * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import type { AnswerAwaited, NotConfirmed } from "./Confirmation.ts"
import type { InvalidCursor } from "./Cursor.ts"
import type { EndLimitReached } from "./EndLimit.ts"
import type { OutOfScope, SelfIsServer } from "./EndScope.ts"

/**
 * A schema whose encoded side is a JSON object. That side goes over the wire.
 *
 * @category schemas
 * @since 0.1.0
 */
export interface ObjectSchema extends Schema.ConstraintCodec<unknown, { readonly [key: string]: unknown }> {}

/**
 * Hints by which a client decides when to ask its user; the names are those of
 * the Model Context Protocol.
 *
 * @category models
 * @since 0.1.0
 */
export interface Annotations {
  /** It changes nothing. */
  readonly readOnlyHint: boolean
  /** What it changes cannot be undone. Means nothing for a tool that only reads. */
  readonly destructiveHint?: boolean
  /** Calling it again with the same input changes nothing more. Means nothing for a tool that only reads. */
  readonly idempotentHint?: boolean
  /** It deals with things outside this machine's registry of processes. */
  readonly openWorldHint: boolean
}

/**
 * Why a tool did not do what it was asked for. The message says so to the model.
 *
 * @category errors
 * @since 0.1.0
 */
export type ToolError =
  | ProcessControlError
  | ProcessStoreError
  | OutOfScope
  | SelfIsServer
  | NotConfirmed
  | AnswerAwaited
  | EndLimitReached
  | InvalidCursor

/**
 * One tool.
 *
 * @category models
 * @since 0.1.0
 */
export interface Tool<
  Name extends string = string,
  Input extends ObjectSchema = ObjectSchema,
  Output extends ObjectSchema = ObjectSchema
> {
  readonly name: Name
  /** The name for people. */
  readonly title: string
  /** For the model: when to use it, what comes back, what to do next. */
  readonly description: string
  readonly input: Input
  readonly output: Output
  /** The tool whose answers are the same, or have the same in them: what was said there is not said to a model again. */
  readonly answersLike?: string
  readonly annotations: Annotations
  /** The URI of the page that shows its answers, where a client can show one. */
  readonly view?: string
  /** The ids of the processes that an answer is about, which a client may want to look at one by one. */
  mentions?(output: Output["Type"]): ReadonlyArray<string>
  /**
   * Does the work, given input that was decoded by `input`.
   *
   * A method, not a property, so that tools of different inputs fit into one table.
   */
  handler(input: Input["Type"]): Effect.Effect<Output["Type"], ToolError, ProcessControl>
}

/**
 * Defines a tool; the schemas give the handler its types.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = <const Name extends string, Input extends ObjectSchema, Output extends ObjectSchema>(
  tool: Tool<Name, Input, Output>
): Tool<Name, Input, Output> => tool
