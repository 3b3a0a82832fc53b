import { fileURLToPath } from "node:url"
import { defineConfig, type Plugin, type RolldownOptions } from "rolldown"
import { oneAtStart } from "../../rolldown.chunks.ts"

const shims = "@modelcontextprotocol/server/_shims"

/**
 * Leaves the JSON Schema validator of the MCP SDK out of the bundle, a quarter of
 * its size: the SDK makes one for each server, but uses it only for schemas and
 * forms that this server does not have.
 */
const withoutJsonSchemaValidator: Plugin = {
  name: "without-json-schema-validator",
  resolveId: (id) => id === shims ? `\0${shims}` : null,
  load: (id) =>
    id === `\0${shims}`
      ? `
          export { default as process } from "node:process"
          export class DefaultJsonSchemaValidator {
            getValidator() {
              throw new Error("JSON Schema validation is not bundled")
            }
          }
        `
      : null
}

const entry = fileURLToPath(new URL("src/bin.ts", import.meta.url))

const listen = fileURLToPath(new URL("src/bin/listen.ts", import.meta.url))

const program = (file: string, modules: ReadonlyArray<string>): RolldownOptions => ({
  input: entry,
  platform: "node",
  resolve: { conditionNames: ["@zag/source", "node", "import", "default"] },
  plugins: [withoutJsonSchemaValidator],
  output: {
    dir: "dist",
    entryFileNames: `${file}.mjs`,
    chunkFileNames: `${file}-[name].mjs`,
    codeSplitting: oneAtStart(modules),
    format: "esm",
    minify: true
  }
})

export default defineConfig([
  // A client waits for this one to start. It has nothing in it of sockets and HTTP, nor what only they need of others.
  { ...program("zag-mcp", [entry]), external: /\/bin\/listen\.ts$/ },
  // The whole program, which `bin/zag-mcp.js` takes when it is asked to listen.
  program("zag-mcp-listen", [entry, listen])
])
