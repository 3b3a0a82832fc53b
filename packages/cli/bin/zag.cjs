#!/usr/bin/env node
const path = require("node:path")

const [major, minor] = process.versions.node.split(".").map(Number)

if (major < 22 || (major === 22 && minor < 19)) {
  process.stderr.write(`Error: zag needs Node.js 22.19 or newer, and this is ${process.version}\n`)
  process.exitCode = 1
} else {
  const [first, second] = process.argv.slice(2)
  const command = first === "ps" ? second : first
  require("../dist/start.cjs").start(
    path.join(__dirname, "../dist/zag.cjs"),
    command !== undefined && /^[a-z]+$/.test(command) ? command : ""
  )
}
