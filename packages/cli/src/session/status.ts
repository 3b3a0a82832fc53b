import { SessionControl, SessionStateJson, type SessionStatus } from "@zag/core/SessionControl"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { answer } from "../Json.ts"
import * as Screen from "../Screen.ts"
import * as Text from "../Text.ts"

const colorOf: Readonly<Record<SessionStatus, number>> = {
  running: Text.green,
  idle: Text.yellow,
  completed: Text.green,
  failed: Text.red,
  dead: Text.red,
  unknown: Text.dim
}

const encode = Schema.encodeSync(SessionStateJson)

// As `zag` orders them.
const keys = ["session_id", "status", "provider", "model", "name", "pid", "error", "last_heartbeat_at"] as const

/** Prints how a session stands. */
export const run = Effect.fnUntraced(function*(session: string) {
  const state = yield* (yield* SessionControl).status(session)
  const json = encode(state)
  const colors = yield* Screen.colors
  yield* answer(
    Object.fromEntries(keys.flatMap((key) => json[key] === undefined ? [] : [[key, json[key]] as const])),
    () => colors ? Text.styled(state.status, colorOf[state.status]) : state.status
  )
}, Effect.provide(SessionControl.layer))
