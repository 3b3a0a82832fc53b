/**
 * Says on stderr which modules the program loads that uses this, of those that
 * most commands do without.
 */
// @effect-diagnostics nodeBuiltinImport:off -- it stands between the program and Node
import { writeSync } from "node:fs"
import { registerHooks } from "node:module"

registerHooks({
  load: (url, context, next) => {
    const name = /\/(handingIn|sessionSearch|ajvSchema)\.ts$/.exec(url)?.[1]
    if (name !== undefined) writeSync(2, `${name}\n`)
    return next(url, context)
  }
})
