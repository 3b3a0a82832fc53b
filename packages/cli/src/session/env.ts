import { SessionControl } from "@zag/core/SessionControl"
import * as Effect from "effect/Effect"
import { answer } from "../Json.ts"
import * as Variables from "./variables.ts"

/** Prints the variables of a session. */
export const run = Effect.fnUntraced(function*(session: string | undefined, form: Variables.Form) {
  const variables = yield* (yield* SessionControl).environment(session)
  yield* answer(variables, () => Variables.text(variables, form))
}, Effect.provide(SessionControl.layer))
