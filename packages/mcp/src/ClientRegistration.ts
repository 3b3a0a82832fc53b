/**
 * Entering the client of a server into the registry, for as long as it is
 * connected.
 *
 * @since 0.1.0
 */
import {
  CLIENT_INFO_META_KEY,
  isJSONRPCNotification,
  isJSONRPCRequest,
  type JSONRPCMessage,
  type Transport
} from "@modelcontextprotocol/server"
import * as Environment from "@zag/core/Environment"
import { ProcessRegistration } from "@zag/core/ProcessRegistration"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { plain } from "./internal/client.ts"
import { tapped } from "./internal/tapped.ts"

/**
 * What a client says of itself.
 *
 * @category models
 * @since 0.1.0
 */
export interface ClientInfo {
  readonly name: string
  readonly version: string
}

const providers = ["claude", "codex", "gemini", "copilot", "ollama"] as const

/**
 * The provider as `zag` calls it, by the name that the client gives itself:
 * `claude-code` is `claude`, `gemini-cli-mcp-client` is `gemini`, and any other
 * is what it is.
 *
 * @category accessors
 * @since 0.1.0
 */
export const providerOf = (name: string): string =>
  providers.find((provider) => name.toLowerCase().split(/[^a-z]+/).includes(provider)) ?? plain(name)

const Client = Schema.Struct({ name: Schema.NonEmptyString, version: Schema.String })

const Initialize = Schema.Struct({ clientInfo: Client })
const Envelope = Schema.Struct({ _meta: Schema.Struct({ [CLIENT_INFO_META_KEY]: Client }) })

const decodeInitialize = Schema.decodeUnknownOption(Initialize)
const decodeEnvelope = Schema.decodeUnknownOption(Envelope)

/**
 * Finds out who has connected. Clients start servers only to look which
 * revision they speak; those have not connected.
 */
const recognition = () => {
  let said: ClientInfo | undefined
  return (message: JSONRPCMessage): ClientInfo | undefined => {
    if (isJSONRPCNotification(message)) return message.method === "notifications/initialized" ? said : undefined
    if (!isJSONRPCRequest(message) || message.method === "server/discover") return undefined
    if (message.method === "initialize") {
      said = Option.getOrUndefined(decodeInitialize(message.params))?.clientInfo
      return undefined
    }
    return Option.getOrUndefined(decodeEnvelope(message.params))?._meta[CLIENT_INFO_META_KEY]
  }
}

/**
 * The same connection. Once the client has connected, the process `pid` is
 * entered into the registry as its own, until the scope closes; how it ended is
 * not known then.
 *
 * **Details**
 *
 * Nothing happens in a session of `zag`, where the client has an entry already.
 * What goes wrong is logged: a server that cannot register its client is still
 * of use to it.
 *
 * @category running
 * @since 0.1.0
 */
export const register = Effect.fn("ClientRegistration.register")(function*(
  transport: Transport,
  pid: number
): Effect.fn.Return<Transport, never, ProcessRegistration | Scope.Scope> {
  if (Option.isSome(yield* Environment.processId)) return transport
  const registration = yield* ProcessRegistration
  const connected = yield* Deferred.make<ClientInfo>()

  const registering = Effect.uninterruptibleMask(Effect.fnUntraced(function*(restore) {
    const { name, version } = yield* restore(Deferred.await(connected))
    const { finish } = yield* registration.register({
      pid,
      provider: providerOf(name),
      command: "mcp",
      root: process.cwd(),
      labels: { client: plain(`${name} ${version}`) }
    })
    yield* Effect.addFinalizer(() => Effect.ignore(finish({ status: "exited", exitCode: null })))
    return yield* restore(Effect.never)
  }))
  yield* registering.pipe(
    Effect.scoped,
    Effect.catch(({ message }) => Effect.logWarning(`The client is not registered: ${message}`)),
    Effect.forkScoped
  )

  const recognize = recognition()
  return tapped(transport, {
    received: (message) => {
      const client = recognize(message)
      if (client !== undefined) Deferred.doneUnsafe(connected, Effect.succeed(client))
    }
  })
})
