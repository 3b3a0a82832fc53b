import { defineConfig, type Plugin } from "rolldown"
import { program } from "../../bundle/program.ts"

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

export default defineConfig(
  program({
    name: "zag-mcp",
    entry: new URL("src/bin.ts", import.meta.url),
    plugins: [withoutJsonSchemaValidator]
  })
)
