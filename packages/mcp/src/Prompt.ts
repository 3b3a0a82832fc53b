/**
 * What a person can have an agent asked for, as it is before any protocol.
 *
 * @since 0.1.0
 */
import type { ProcessStoreError } from "@zag/core/ProcessStoreError"
import type * as Effect from "effect/Effect"
import type { ResourceError, Services } from "./Resource.ts"
import type { ObjectSchema } from "./Tool.ts"

/**
 * Finds the values of an argument that begin so.
 *
 * @category models
 * @since 0.1.0
 */
export type Completer = (beginning: string) => Effect.Effect<ReadonlyArray<string>, ProcessStoreError, Services>

/**
 * One prompt.
 *
 * @category models
 * @since 0.1.0
 */
export interface Prompt<Input extends ObjectSchema = ObjectSchema> {
  readonly name: string
  /** The name for people. */
  readonly title: string
  /** For the person who chooses it. */
  readonly description: string
  /** The arguments, all of them texts. */
  readonly input: Input
  /** The arguments that can be completed. */
  readonly complete: { readonly [argument: string]: Completer }
  /** What the agent is told: what to do, and the facts as they are now. */
  handler(input: Input["Type"]): Effect.Effect<string, ResourceError, Services>
}

/**
 * Defines a prompt; the schema gives the handler its types.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = <Input extends ObjectSchema>(prompt: Prompt<Input>): Prompt<Input> => prompt
