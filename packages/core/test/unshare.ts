/**
 * Programs in a pid namespace of their own.
 */
// @effect-diagnostics-next-line nodeBuiltinImport:off -- whether to skip is asked before any test runs
import * as NodeChildProcess from "node:child_process"

/** Runs a program in one, which ends with it. */
export const unshare = ["unshare", "-p", "-f", "--mount-proc", "--kill-child"] as const

/** Root alone may make one. */
export const canUnshare = process.platform === "linux" && process.getuid?.() === 0 &&
  NodeChildProcess.spawnSync(unshare[0], [...unshare.slice(1), "true"]).status === 0
