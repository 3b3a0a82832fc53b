/**
 * On whose behalf a program acts.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"

/**
 * Who asks for a signal, as it is kept with the signal: a program and whom it
 * serves, such as `zag root` or `zag-mcp claude-code 2.1`. A program says it by
 * providing this.
 *
 * @category references
 * @since 0.1.0
 */
export const Asker: Context.Reference<string> = Context.Reference("@zag/core/Asker", {
  defaultValue: () => "a program"
})
