/**
 * Programs of the system that are asked what no system call of Node tells.
 */

/** What a program answered. */
export interface Answer {
  /** The pid that the program had, so that nobody takes it for a process of interest. */
  readonly pid: number
  readonly status: number
  readonly text: string
}

/** Answers undefined when the program could not be run, took too long, or said too much. */
export type Run = (program: string, args: ReadonlyArray<string>) => Answer | undefined

// The command lines and environments of a very busy system are some ten megabytes.
const maxBytes = 64 * 1024 * 1024

const maxMillis = 10_000

/**
 * The caller waits, and with it the whole program: what is asked here is
 * answered in some milliseconds, and a signal must follow the look at its
 * process with nothing in between.
 */
export const runWith = (env: Readonly<Record<string, string>> | undefined): Run => (program, args) => {
  // Not imported: Linux never needs it, and it would be loaded at every start.
  const { spawnSync } = process.getBuiltinModule("node:child_process")
  const { error, pid, status, stdout } = spawnSync(program, args, {
    encoding: "utf8",
    killSignal: "SIGKILL",
    maxBuffer: maxBytes,
    stdio: ["ignore", "pipe", "ignore"],
    timeout: maxMillis,
    windowsHide: true,
    ...(env === undefined ? {} : { env })
  })
  return error === undefined && status !== null ? { pid, status, text: stdout } : undefined
}
