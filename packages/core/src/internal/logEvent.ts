/**
 * A line of a log of a session, as it is read and as the wrapper of an agent
 * writes it.
 */
import * as Predicate from "effect/Predicate"

/** The fields of the event on a line; none where the line is no event. */
export const fieldsOf = (line: string): Readonly<Record<PropertyKey, unknown>> => {
  try {
    const event: unknown = JSON.parse(line)
    return Predicate.isObject(event) ? event : {}
  } catch {
    return {}
  }
}

export interface Wrapped {
  readonly seq: number
  readonly ts: string
  readonly provider: string
  readonly sessionId: string
  /** Null where it is not known. */
  readonly providerSessionId: string | null
  readonly type: string
}

/** The line of an event as `zag` writes it, with its keys in this order. */
export const wrapperLine = (
  { provider, providerSessionId, seq, sessionId, ts, type }: Wrapped,
  fields: Readonly<Record<string, unknown>>
): string =>
  JSON.stringify({
    seq,
    ts,
    provider,
    wrapper_session_id: sessionId,
    provider_session_id: providerSessionId,
    source_kind: "wrapper",
    completeness: "full",
    type,
    ...fields
  })
