#!/usr/bin/env node
// `zag-ps list` is `zag ps list`, whichever `zag` comes first on the path.
import { fileURLToPath } from "node:url"

process.argv.splice(1, 1, fileURLToPath(new URL("zag.js", import.meta.url)), "ps")
await import("./zag.js")
