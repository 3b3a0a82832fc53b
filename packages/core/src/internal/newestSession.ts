/**
 * Which session of several was created last.
 */
import * as Arr from "effect/Array"
import * as Option from "effect/Option"
import * as Order from "effect/Order"
import type { FoundSession } from "../SessionStore.ts"
import * as Timestamp from "../Timestamp.ts"

/** As `zag` orders them; a time that is none comes before all others. */
const creationOrder = Order.combine(
  Order.mapInput(
    Timestamp.InstantOrder,
    ({ entry }: FoundSession) => Timestamp.parse(entry.createdAt) ?? { seconds: -Infinity, nanos: 0 }
  ),
  Order.mapInput(Order.String, ({ entry }: FoundSession) => entry.sessionId)
)

export const newestOf = (sessions: ReadonlyArray<FoundSession>): Option.Option<FoundSession> =>
  Arr.isReadonlyArrayNonEmpty(sessions) ? Option.some(Arr.max(sessions, creationOrder)) : Option.none()
