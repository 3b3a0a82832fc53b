/**
 * Something that a client can read and be told of changes of, as it is before
 * any protocol.
 *
 * @since 0.1.0
 */
import type { ProcessControl } from "@zag/core/ProcessControl"
import type { ProcessStore } from "@zag/core/ProcessStore"
import type { ProcessStoreError } from "@zag/core/ProcessStoreError"
import type { Sidecar } from "@zag/core/Sidecar"
import type { SidecarError } from "@zag/core/SidecarError"
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { ObjectSchema, ToolError } from "./Tool.ts"

/**
 * There is nothing with this URI.
 *
 * @category errors
 * @since 0.1.0
 */
export class ResourceMissing extends Schema.TaggedError<ResourceMissing>()("ResourceMissing", {
  uri: Schema.String
}) {
  override get message(): string {
    return `Resource not found: ${this.uri}. resources/list and list_processes tell what there is.`
  }
}

/**
 * Why a resource could not be read.
 *
 * @category errors
 * @since 0.1.0
 */
export type ResourceError = ToolError | SidecarError | ResourceMissing

/**
 * What resources are read from.
 *
 * @category models
 * @since 0.1.0
 */
export type Services = ProcessControl | ProcessStore | Sidecar

/**
 * One resource.
 *
 * @category models
 * @since 0.1.0
 */
export interface Resource<Output extends ObjectSchema = ObjectSchema> {
  readonly name: string
  /** The name for people. */
  readonly title: string
  readonly description: string
  readonly uri: string
  /** Its encoded side is what a client gets, as JSON. */
  readonly output: Output
  readonly read: Effect.Effect<Output["Type"], ResourceError, Services>
}

/**
 * One of the resources of a {@link ResourceTemplate}, as a list of resources
 * shows it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Instance {
  readonly uri: string
  readonly name: string
  readonly description: string
}

/**
 * Resources of one kind, each with an id.
 *
 * @category models
 * @since 0.1.0
 */
export interface ResourceTemplate<Output extends ObjectSchema = ObjectSchema> {
  readonly name: string
  readonly title: string
  readonly description: string
  /** With `{id}` in place of the id, as it is in a URI. */
  readonly uriTemplate: string
  readonly output: Output
  /** Reads the one with this URI; fails with {@link ResourceMissing} where there is none. */
  read(uri: string): Effect.Effect<Output["Type"], ResourceError, Services>
  /** Those that a list of resources shows. */
  readonly list: Effect.Effect<ReadonlyArray<Instance>, ResourceError, Services>
  /** The ids that begin so. */
  complete(beginning: string): Effect.Effect<ReadonlyArray<string>, ProcessStoreError, Services>
}

/**
 * Defines a resource.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = <Output extends ObjectSchema>(resource: Resource<Output>): Resource<Output> => resource

/**
 * Defines resources of one kind.
 *
 * @category constructors
 * @since 0.1.0
 */
export const makeTemplate = <Output extends ObjectSchema>(
  template: ResourceTemplate<Output>
): ResourceTemplate<Output> => template
