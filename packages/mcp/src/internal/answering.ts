/**
 * Answers to requests other than calls of tools: what goes wrong is an error of
 * the protocol.
 */
import {
  ProtocolError,
  ProtocolErrorCode,
  ResourceNotFoundError,
  type ServerContext
} from "@modelcontextprotocol/server"
import * as Effect from "effect/Effect"
import type { ResourceError, Services } from "../Resource.ts"

/** Runs in a fiber of its own, until the client cancels the request or goes away. */
export type Answer = <A>(
  /** For the log. */
  name: string,
  effect: Effect.Effect<A, ResourceError, Services>,
  context?: ServerContext
) => Promise<A>

const protocolError = (error: ResourceError): ProtocolError => {
  if (error._tag === "ResourceMissing") return new ResourceNotFoundError(error.uri, error.message)
  // It is about the id that was given.
  const code = error._tag === "ProcessControlError" ? ProtocolErrorCode.InvalidParams : ProtocolErrorCode.InternalError
  return new ProtocolError(code, error.message)
}

export const make = (
  run: <A>(
    effect: Effect.Effect<A, ProtocolError, Services>,
    options?: { readonly signal?: AbortSignal }
  ) => Promise<A>
): Answer =>
(name, effect, context) =>
  run(
    effect.pipe(
      Effect.mapError(protocolError),
      Effect.catchDefect((defect) =>
        Effect.logError(`${name} is broken`, defect).pipe(
          Effect.andThen(Effect.fail(new ProtocolError(ProtocolErrorCode.InternalError, "Internal error")))
        )
      )
    ),
    context === undefined ? {} : { signal: context.mcpReq.signal }
  )
