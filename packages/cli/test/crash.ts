/**
 * Ends the program that loads this, by SIGKILL, at the moment that `CRASH_AT`
 * names: while it records a result, or while it signals.
 */
// @effect-diagnostics nodeBuiltinImport:off processEnv:off -- it gets between the program and the operating system
import Fs from "node:fs"
import { syncBuiltinESMExports } from "node:module"

const { kill } = process

const crash = (): never => {
  kill(process.pid, "SIGKILL")
  // The signal may take a moment.
  for (;;) { /* and nothing else is to happen in it */ }
}

const isResult = (bytes: unknown): bytes is Buffer => Buffer.isBuffer(bytes) && bytes.includes("session_result")

/** Replaces what writes a result; all other writing stays. */
const onWrite = (write: (descriptor: number, bytes: Buffer, real: typeof Fs.writeSync) => number) => {
  const real = Fs.writeSync.bind(Fs)
  Fs.writeSync =
    ((descriptor: number, bytes: Buffer, ...rest: ReadonlyArray<never>) =>
      isResult(bytes) ? write(descriptor, bytes, real) : real(descriptor, bytes, ...rest)) as typeof Fs.writeSync
  syncBuiltinESMExports()
}

const onSignal = (send: (pid: number, signal: string | number | undefined) => true) => {
  process.kill = (pid, signal) => signal === 0 ? kill(pid, 0) : send(pid, signal)
}

switch (process.env["CRASH_AT"]) {
  case "before the record":
    onWrite(crash)
    break
  case "in the middle of the record":
    onWrite((descriptor, bytes, real) => {
      real(descriptor, bytes.subarray(0, bytes.length / 2))
      return crash()
    })
    break
  case "after the record":
    onWrite((descriptor, bytes, real) => {
      real(descriptor, bytes)
      return crash()
    })
    break
  case "before the signal":
    onSignal(crash)
    break
  case "after the signal":
    onSignal((pid, signal) => {
      kill(pid, signal)
      return crash()
    })
    break
}
