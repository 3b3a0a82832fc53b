#!/usr/bin/env node
import module from "node:module"

const [major, minor] = process.versions.node.split(".").map(Number)

if (major < 22 || (major === 22 && minor < 19)) {
  process.stderr.write(`Error: zag-mcp needs Node.js 22.19 or newer, and this is ${process.version}\n`)
  process.exitCode = 1
} else {
  module.enableCompileCache()
  const listens = process.argv.some((argument) => /^--(socket|http)(=|$)/.test(argument))
  await import(listens ? "../dist/zag-mcp-listen.mjs" : "../dist/zag-mcp.mjs")
}
