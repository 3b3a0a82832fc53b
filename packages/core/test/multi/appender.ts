/**
 * A program that adds events to a log without any lock, as the wrapper of a
 * session in `zag` does, again and again until its input says so.
 *
 * `appender.ts <log> <whole|parts>`: a line in one write, or its end in another
 * one.
 */
// @effect-diagnostics nodeBuiltinImport:off preferSchemaOverJson:off globalTimers:off globalConsole:off -- it shares nothing with us
import * as Fs from "node:fs"

const [log, how] = process.argv.slice(2) as [string, "whole" | "parts"]
const descriptor = Fs.openSync(log, "a")

let going = false
let seq = 0

process.stdin.on("data", () => {
  if (going) {
    console.log(seq)
    console.log("finished")
    process.exit()
  }
  going = true
  write()
})
process.stdin.once("end", () => process.exit())

const write = () => {
  const line = JSON.stringify({ seq: ++seq, type: "heartbeat", text: "x".repeat(seq % 50) })
  if (how === "whole") Fs.writeSync(descriptor, `${line}\n`)
  else {
    Fs.writeSync(descriptor, line)
    Fs.writeSync(descriptor, "\n")
  }
  setTimeout(write, 2)
}

console.log("ready")
