/**
 * Which processes an agent may end.
 *
 * @since 0.1.0
 */
import * as Environment from "@zag/core/Environment"
import { ProcessControl } from "@zag/core/ProcessControl"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"

/**
 * - `own`: the session that the server runs in, and what was started in it,
 *   directly or further down. Outside a session there is nothing of its own, and
 *   nobody is spared.
 * - `all`: any registered process.
 *
 * **Details**
 *
 * It is set by whoever starts the server; no call of a tool can change it.
 *
 * @category models
 * @since 0.1.0
 */
export type EndScope = "own" | "all"

/**
 * The scope of the tools that end something; `own` by default.
 *
 * @category references
 * @since 0.1.0
 */
export const EndScope: Context.Reference<EndScope> = Context.Reference("@zag/mcp/EndScope", {
  defaultValue: (): EndScope => "own"
})

/**
 * Whether those who call a tool run in the session that the program runs in, so
 * that `self` is them; by default they do.
 *
 * @category references
 * @since 0.1.0
 */
export const CallerIsSelf: Context.Reference<boolean> = Context.Reference("@zag/mcp/EndScope/CallerIsSelf", {
  defaultValue: () => true
})

/**
 * Somebody who calls from anywhere says `self`, which is not them but the
 * program that was called. Nothing was signalled.
 *
 * @category errors
 * @since 0.1.0
 */
export class SelfIsServer extends Schema.TaggedError<SelfIsServer>()("SelfIsServer", {}) {
  override get message(): string {
    return "Refused: this server is for many clients, and `self` is the session that it runs in, not yours. Look with " +
      "list_processes which process you mean, and give its id."
  }
}

/**
 * The process is none of the own ones. Nothing was signalled.
 *
 * @category errors
 * @since 0.1.0
 */
export class OutOfScope extends Schema.TaggedError<OutOfScope>()("OutOfScope", {
  id: Schema.String,
  own: Schema.String
}) {
  override get message(): string {
    return `Refused: process ${this.id} was not started by this session (${this.own}), and this server may end only ` +
      `what was. If it must end, ask the person you work for; they can run: zag ps kill ${this.id}`
  }
}

/**
 * The process that a handle names, as it is now, if it may be ended, or `self`;
 * fails with `OutOfScope` or `SelfIsServer` where it may not. Given to `stop` or
 * `kill`, it is the very process that was looked at.
 *
 * @category guards
 * @since 0.1.0
 */
export const permitted = Effect.fn("EndScope.permitted")(function*(handle: string) {
  if (handle === "self") return (yield* CallerIsSelf) ? handle : yield* new SelfIsServer()
  const control = yield* ProcessControl
  const info = yield* control.show(handle)
  const own = yield* Environment.processId
  if ((yield* EndScope) === "all" || Option.isNone(own) || info.id === own.value) return info
  const above = yield* control.ancestors(info.id)
  return above.some(({ id }) => id === own.value) ? info : yield* new OutOfScope({ id: info.id, own: own.value })
})
