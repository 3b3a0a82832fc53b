/**
 * Who the client is that calls a tool.
 */
import { CLIENT_INFO_META_KEY, type McpServer, type ServerContext } from "@modelcontextprotocol/server"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"

const Client = Schema.Struct({ name: Schema.String, version: Schema.String })

const decode = Schema.decodeUnknownOption(Client)

/** As it goes into what people read: on one line and not long, whatever it calls itself. */
export const plain = (said: string): string =>
  said.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, "").slice(0, 100).toWellFormed()

/** Its name and version: revisions from 2026 on tell them with each call, the others once. */
export const clientOf = (server: McpServer, { mcpReq }: ServerContext): string => {
  const told = (mcpReq.envelope as Record<string, unknown> | undefined)?.[CLIENT_INFO_META_KEY]
  return Option.match(Option.orElse(decode(told), () => decode(server.server.getClientVersion())), {
    onNone: () => "an unknown client",
    onSome: ({ name, version }) => plain(`${name} ${version}`)
  })
}
