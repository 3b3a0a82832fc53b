#!/usr/bin/env node
const path = require("node:path")

const [major, minor] = process.versions.node.split(".").map(Number)

if (major < 22 || (major === 22 && minor < 19)) {
  process.stderr.write(`Error: zag-mcp needs Node.js 22.19 or newer, and this is ${process.version}\n`)
  process.exitCode = 1
} else {
  require("../dist/start.cjs").start(path.join(__dirname, "../dist/zag-mcp.cjs"), "")
}
