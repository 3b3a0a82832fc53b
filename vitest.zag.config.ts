import { defineConfig } from "vitest/config"
import shared from "./vitest.config.ts"

// Against an installed `zag`, whose path is in ZAG_BIN.
export default defineConfig({
  ...shared,
  test: { ...shared.test, include: ["test/zag/*.test.ts"] }
})
