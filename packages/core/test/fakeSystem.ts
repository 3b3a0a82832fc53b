/**
 * A system that is not this one: programs that answer with a text, and a table
 * of pids. Nothing real is run or signalled.
 */
import type { Signal } from "@zag/core/OsProcess"
import type { Run } from "../src/internal/command.ts"

export interface Asked {
  readonly program: string
  readonly args: ReadonlyArray<string>
}

/** A text is the answer, a number the status of a failure; undefined: the program cannot be run. */
export type Script = (asked: Asked) => string | number | undefined

export const fakeSystem = (
  script: Script,
  options: { readonly there?: ReadonlyArray<number>; readonly foreign?: ReadonlyArray<number> } = {}
) => {
  const asked: Array<Asked> = []
  const signals: Array<readonly [pid: number, signal: Signal]> = []
  const there = new Set([...options.there ?? [], ...options.foreign ?? []])
  const run: Run = (program, args) => {
    asked.push({ program, args })
    const answer = script({ program, args })
    if (answer === undefined) return undefined
    return typeof answer === "number" ? { pid: 3000, status: answer, text: "" } : { pid: 3000, status: 0, text: answer }
  }
  const kill = (pid: number, signal: Signal | 0): "ESRCH" | "EPERM" | undefined => {
    if (!there.has(pid)) return "ESRCH"
    if (options.foreign?.includes(pid) === true) return "EPERM"
    if (signal !== 0) signals.push([pid, signal])
    return undefined
  }
  return { asked, signals, there, run, kill }
}
