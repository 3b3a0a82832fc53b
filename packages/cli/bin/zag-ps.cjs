#!/usr/bin/env node
// `zag-ps list` is `zag ps list`, whichever `zag` comes first on the path.
process.argv.splice(1, 1, require.resolve("./zag.cjs"), "ps")
module.exports = require("./zag.cjs")
