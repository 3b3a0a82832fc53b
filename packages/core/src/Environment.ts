/**
 * The variables by which a process knows the session it belongs to. An empty
 * variable counts as unset.
 *
 * @since 0.1.0
 */
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as String from "effect/String"

// Text cannot be malformed; what is left is a provider that is broken itself.
const variable = (name: string): Effect.Effect<Option.Option<string>> =>
  Effect.orDie(Config.map(Config.option(Config.String(name)), Option.filter(String.isNonEmpty)))

/**
 * `ZAG_PROCESS_ID`: the entry of the agent that this program runs in.
 *
 * @category accessors
 * @since 0.1.0
 */
export const processId: Effect.Effect<Option.Option<string>> = variable("ZAG_PROCESS_ID")

/**
 * `ZAG_SESSION_ID`: the session of the agent that this program runs in.
 *
 * @category accessors
 * @since 0.1.0
 */
export const sessionId: Effect.Effect<Option.Option<string>> = variable("ZAG_SESSION_ID")

/**
 * `ZAG_USER_LOG_DIR`: where `zag` keeps its logs when not in its own directory.
 *
 * @category accessors
 * @since 0.1.0
 */
export const userLogDirectory: Effect.Effect<Option.Option<string>> = variable("ZAG_USER_LOG_DIR")

const names = ["SESSION_ID", "PROCESS_ID", "PROVIDER", "MODEL", "ROOT", "SESSION_NAME"].map((name) => `ZAG_${name}`)

/**
 * The variables of {@link forChild} that are set, by their names.
 *
 * @category accessors
 * @since 0.1.0
 */
export const variables: Effect.Effect<Readonly<Record<string, string>>> = Effect.map(
  Effect.forEach(names, (name) => Effect.map(variable(name), Option.map((value) => [name, value] as const))),
  (found) => Object.fromEntries(found.flatMap(Option.toArray))
)

/**
 * What an agent is told about itself.
 *
 * @category models
 * @since 0.1.0
 */
export interface Session {
  readonly processId: string
  readonly provider: string
  readonly model: string
  readonly sessionId: string | null
  readonly sessionName: string | null
  readonly root: string | null
}

/**
 * The variables that an agent must get. Those that do not apply are
 * `undefined`, so that they are taken out of the inherited environment: an
 * inner agent must not carry the session of an outer one.
 *
 * @category constructors
 * @since 0.1.0
 */
export const forChild = (session: Session): Record<string, string | undefined> => ({
  ZAG_SESSION_ID: session.sessionId ?? undefined,
  ZAG_PROCESS_ID: session.processId,
  ZAG_PROVIDER: session.provider,
  ZAG_MODEL: session.model,
  ZAG_ROOT: session.root ?? undefined,
  ZAG_SESSION_NAME: session.sessionName ?? undefined
})
