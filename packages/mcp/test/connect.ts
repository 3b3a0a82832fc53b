/**
 * The official client, connected to a server in memory.
 */
import { Client, type ClientOptions, InMemoryTransport } from "@modelcontextprotocol/client"
import { Effect } from "effect"
import * as Server from "../src/Server.ts"

/** The two eras of the protocol; the client speaks the latest revision of each. */
export const eras = [
  { revision: "2025-11-25", mode: "legacy" },
  { revision: "2026-07-28", mode: { pin: "2026-07-28" } }
] as const

export type Mode = NonNullable<NonNullable<ClientOptions["versionNegotiation"]>["mode"]>

/** A connected client, and the fiber that serves it. Nobody is asked about anything unless a test wants that. */
export const connect = Effect.fnUntraced(function*(
  mode: Mode,
  options?: Server.Options,
  clientOptions?: Omit<ClientOptions, "versionNegotiation">,
  clientInfo = { name: "test", version: "0" }
) {
  const [near, far] = InMemoryTransport.createLinkedPair()
  const serving = yield* Server.factory({ confirm: "allow", clientIsSelf: true, ...options }).pipe(
    Effect.flatMap((make) => Server.serve(far, make)),
    Effect.scoped,
    Effect.forkScoped
  )
  const client = new Client(clientInfo, { ...clientOptions, versionNegotiation: { mode } })
  yield* Effect.acquireRelease(
    Effect.promise(() => client.connect(near)),
    () => Effect.promise(() => client.close())
  )
  return { client, serving }
})

/** Calls a tool as a client does that has read the list of tools: the SDK then checks what comes back. */
export const call = (client: Client, name: string, args: Record<string, unknown>) =>
  Effect.promise(() => client.listTools()).pipe(
    Effect.andThen(Effect.promise(() => client.callTool({ name, arguments: args })))
  )
