/**
 * What is to be completed in a command line, by the grammar of the commands.
 */
import { EndingSignal } from "@zag/core/OsProcess"
import type { LiveStatus } from "@zag/core/ProcessInfo"
import { OrderField } from "@zag/core/ProcessOrder"
import type { CommandDescriptor, FlagDescriptor } from "effect/cli/Completions"
import * as ProcessColumn from "../ProcessColumn.ts"

export interface Candidate {
  readonly value: string
  /** None where it says no more than the value. */
  readonly description: string
}

/** What could stand in the place of the word that is being typed. */
export type Question =
  /** One of these; `before` belongs to the word already. */
  | {
    readonly _tag: "Values"
    readonly values: ReadonlyArray<Candidate>
    readonly before: string
    readonly typed: string
  }
  /** A process with one of these live statuses; any where none are said. */
  | {
    readonly _tag: "Ids"
    readonly statuses: ReadonlyArray<LiveStatus> | undefined
    readonly before: string
    readonly typed: string
  }
  /** The pid of a process that runs. */
  | { readonly _tag: "Pids"; readonly before: string; readonly typed: string }
  /** A value that some process has. */
  | {
    readonly _tag: "Known"
    readonly field: "provider" | "model" | "sessionId"
    readonly before: string
    readonly typed: string
  }
  | { readonly _tag: "Directory" }
  /** A command line of its own, which begins at this word. */
  | { readonly _tag: "Command"; readonly at: number }
  | { readonly _tag: "Nothing" }

const plain = (values: ReadonlyArray<string>): ReadonlyArray<Candidate> =>
  values.map((value) => ({ value, description: "" }))

/** What the parser takes for the values of flags that are text to it. */
const wordsOf: Readonly<Record<string, ReadonlyArray<string>>> = {
  columns: ProcessColumn.names,
  signal: EndingSignal.literals.map((signal) => signal.slice("SIG".length)),
  sort: OrderField.literals
}

/** Whose process a command is about; all others take any. */
const statusesOf: Readonly<Record<string, ReadonlyArray<LiveStatus>>> = {
  stop: ["running"],
  wait: ["running"],
  // What a dead one has left behind can be ended.
  kill: ["running", "dead"]
}

const nothing: Question = { _tag: "Nothing" }

const valueOf = (flag: FlagDescriptor, typed: string, before: string): Question => {
  if (flag.type._tag === "Choice") return { _tag: "Values", values: plain(flag.type.values), before, typed }
  switch (flag.name) {
    case "root":
      return { _tag: "Directory" }
    case "children":
      return { _tag: "Ids", statuses: undefined, before, typed }
    case "provider":
    case "model":
      return { _tag: "Known", field: flag.name, before, typed }
    case "session":
      return { _tag: "Known", field: "sessionId", before, typed }
    case "columns": {
      // The last one of a list.
      const start = typed.lastIndexOf(",") + 1
      const values = plain(wordsOf["columns"]!)
      return { _tag: "Values", values, before: before + typed.slice(0, start), typed: typed.slice(start) }
    }
  }
  const words = wordsOf[flag.name]
  return words === undefined ? nothing : { _tag: "Values", values: plain(words), before, typed }
}

const takesValue = ({ type }: FlagDescriptor): boolean => type._tag !== "Boolean"

const flagOf = (flags: ReadonlyArray<FlagDescriptor>, word: string): FlagDescriptor | undefined =>
  word.startsWith("--")
    ? flags.find(({ name }) => word === `--${name}`)
    : flags.find(({ aliases }) => aliases.some((alias) => word === `-${alias}`))

const flagCandidate = ({ description = "", name }: FlagDescriptor): Candidate => ({ value: `--${name}`, description })

const denials = ({ name, negation, type }: FlagDescriptor): ReadonlyArray<Candidate> =>
  type._tag === "Boolean" && negation === undefined ? [{ value: `--no-${name}`, description: "" }] : []

/** `bash` makes three words of `pid:4242`, too. */
const isPart = (words: ReadonlyArray<string>, index: number): boolean =>
  words[index] === ":" || words[index - 1] === ":"

const startOfLast = (all: ReadonlyArray<string>): number => {
  let start = all.length - 1
  while (start > 0 && isPart(all, start)) start--
  return start
}

/** How much of the last word the shell has set apart, and does not ask for. */
export const setApart = (all: ReadonlyArray<string>): number => {
  const parts = all.slice(startOfLast(all))
  return parts.length > 1 ? parts.join("").lastIndexOf(":") + 1 : 0
}

const pidPrefix = "pid:"

/**
 * What the last of these words can be. The first one is the program; `globals`
 * are the flags that may stand anywhere.
 */
export const ask = (
  zag: CommandDescriptor,
  globals: ReadonlyArray<FlagDescriptor>,
  all: ReadonlyArray<string>
): Question => {
  const start = startOfLast(all)
  const typed = all.slice(Math.max(0, start)).join("")
  let command = zag
  let pending: FlagDescriptor | undefined
  let operands = 0
  const words = all.slice(1, Math.max(1, start))
  const flags = () => [...command.flags, ...globals]
  for (const [index, word] of words.entries()) {
    if (isPart(words, index)) continue
    if (pending !== undefined) {
      // `bash` makes three words of `--flag=value`.
      if (word !== "=") pending = undefined
      continue
    }
    if (word === "--") return command.name === "run" ? { _tag: "Command", at: index + 2 } : nothing
    if (word.startsWith("-") && word.length > 1) {
      const flag = flagOf(flags(), word)
      if (flag !== undefined && takesValue(flag)) pending = flag
      continue
    }
    const next = operands === 0 ? command.subcommands.find(({ name }) => name === word) : undefined
    if (next === undefined) operands++
    else command = next
  }
  if (pending !== undefined) return valueOf(pending, typed === "=" ? "" : typed, "")
  const equals = typed.startsWith("--") ? typed.indexOf("=") : -1
  if (equals > 0) {
    const flag = flagOf(flags(), typed.slice(0, equals))
    return flag === undefined ? nothing : valueOf(flag, typed.slice(equals + 1), typed.slice(0, equals + 1))
  }
  if (typed.startsWith("-")) {
    // Nobody denies what may stand anywhere.
    const values = [...flags().map(flagCandidate), ...command.flags.flatMap(denials)]
    return { _tag: "Values", values, before: "", typed }
  }
  if (operands === 0 && command.subcommands.length > 0) {
    const values = command.subcommands.map(({ description = "", name }) => ({ value: name, description }))
    return { _tag: "Values", values, before: "", typed }
  }
  const argument = command.arguments[operands] ?? command.arguments.findLast(({ variadic }) => variadic)
  if (argument?.name === "session") return { _tag: "Known", field: "sessionId", before: "", typed }
  if (argument?.name !== "id") return nothing
  return typed.startsWith(pidPrefix)
    ? { _tag: "Pids", before: pidPrefix, typed: typed.slice(pidPrefix.length) }
    : { _tag: "Ids", statuses: statusesOf[command.name], before: "", typed }
}
