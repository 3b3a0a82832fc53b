/**
 * A browser, where this machine has one.
 */
import { Context, Effect, Layer } from "effect"
// @effect-diagnostics-next-line nodeBuiltinImport:off -- asked before any test runs
import { existsSync } from "node:fs"
import { type Browser, chromium } from "playwright-core"

/** Where systems have it. */
export const executable = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
  .map((name) => `/usr/bin/${name}`)
  .find((path) => existsSync(path))

export class Chromium extends Context.Service<Chromium, Browser>()("@zag/mcp/test/view/Chromium") {
  static readonly layer = Layer.effect(
    Chromium,
    Effect.acquireRelease(
      Effect.promise(() => chromium.launch({ executablePath: executable!, timeout: 120_000 })),
      (browser) => Effect.promise(() => browser.close())
    )
  )
}
