/**
 * The address that `--http` names.
 */
import * as NetAddress from "effect/net/NetAddress"
import * as Result from "effect/Result"

export interface HttpAddress {
  /** Without brackets. */
  readonly host: string
  readonly port: number
}

/** `[HOST:]PORT`, with an IPv6 address in brackets; undefined when it is none. */
export const parse = (text: string): HttpAddress | undefined => {
  const [, bracketed, name, digits] = /^(?:(?:\[([^[\]]+)\]|([^:[\]/@]+)):)?(\d{1,5})$/.exec(text) ?? []
  const port = Number(digits)
  if (digits === undefined || port > 65_535) return undefined
  if (bracketed !== undefined && Result.isFailure(NetAddress.ipFromString(bracketed))) return undefined
  return { host: bracketed ?? name ?? "127.0.0.1", port }
}

const ip = ({ host }: HttpAddress) => NetAddress.ipFromString(host)

/** Whether only programs on this machine can get there. */
export const isLoopback = (address: HttpAddress): boolean =>
  address.host === "localhost" || Result.isSuccess(Result.filterOrFail(ip(address), NetAddress.isLoopback, () => null))

/** Whether it stands for all addresses of the machine. */
export const isEvery = (address: HttpAddress): boolean =>
  Result.isSuccess(Result.filterOrFail(ip(address), NetAddress.isUnspecified, () => null))

/** As it is in a URL. */
export const inUrl = ({ host }: HttpAddress): string => host.includes(":") ? `[${host}]` : host
