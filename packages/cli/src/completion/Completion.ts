/**
 * What a shell asks when somebody presses the tab key.
 */
import * as Environment from "@zag/core/Environment"
import { ProcessControl } from "@zag/core/ProcessControl"
import type { ProcessInfo } from "@zag/core/ProcessInfo"
import { ProcessStore } from "@zag/core/ProcessStore"
import * as Arr from "effect/Array"
import type { CommandDescriptor, FlagDescriptor } from "effect/cli/Completions"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as ProcessColumn from "../ProcessColumn.ts"
import * as ProcessText from "../ProcessText.ts"
import * as Text from "../Text.ts"
import { ask, type Candidate, type Question, setApart } from "./question.ts"

// More than anybody looks through.
const mostIds = 200

const longestDescription = 80

/** What is put into a command line is run as it stands there, so it must mean nothing to a shell. */
const isHarmless = (value: string): boolean => /^[\w.@:+,%-][\w.@:+,%=-]*$/.test(value)

const described = ({ exitCode, liveStatus, prompt, provider }: ProcessInfo): string =>
  `${ProcessColumn.statusText(liveStatus, exitCode)} ${provider}${prompt === null ? "" : `: ${prompt}`}`

const ids = Effect.fnUntraced(function*({ statuses, typed }: Question & { readonly _tag: "Ids" }) {
  const { entries } = yield* (yield* ProcessStore).list
  const different = Array.from(new Set(entries.map(({ id }) => id)))
  const length = Math.max(ProcessText.uniqueLength(different), typed.length)
  const { processes } = yield* (yield* ProcessControl).list({ status: statuses, limit: mostIds })
  const own = yield* Environment.processId
  // One that looks like a flag is one, unless it stands after two dashes.
  const named = processes.filter(({ id }) => !id.startsWith("-"))
  return [
    ...(Option.isSome(own) ? [{ value: "self", description: "the session that this runs in" }] : []),
    ...named.map((info) => ({ value: info.id.slice(0, length), description: described(info) }))
  ]
})

const pids = Effect.gen(function*() {
  const { processes } = yield* (yield* ProcessControl).list({ running: true, limit: mostIds })
  return processes.map((info) => ({ value: String(info.pid), description: described(info) }))
})

const known = Effect.fnUntraced(function*({ field }: Question & { readonly _tag: "Known" }) {
  const { entries } = yield* (yield* ProcessStore).list
  const values = new Set(entries.flatMap((entry) => entry[field] ?? []))
  return Array.from(values, (value) => ({ value, description: "" }))
})

type WithCandidates = Extract<Question, { readonly typed: string }>

const candidatesOf = (question: WithCandidates) =>
  question._tag === "Values"
    ? Effect.succeed(question.values)
    : question._tag === "Ids"
    ? ids(question)
    : question._tag === "Pids"
    ? pids
    : known(question)

/** What bash may take for the same, when it is told to ignore case. */
const likeness = ({ description, value }: Candidate): string =>
  description === "" ? value : value.toLowerCase().replaceAll("_", "-")

/**
 * The first of those that are alike. To bash a description is a part of the
 * candidate, and it types what all candidates have in common.
 */
const distinct = (candidates: ReadonlyArray<Candidate>) =>
  Arr.dedupeWith(candidates, (self, that) => likeness(self) === likeness(that))

const line = ({ description, value }: Candidate): string => {
  const text = Text.cut(Text.singleLine(description), longestDescription)
  return text === "" ? value : `${value}\t${text}`
}

/** The kind of answer, and then one candidate on each line: its value and, after a tab, what it is. */
const linesOf = Effect.fnUntraced(function*(question: Question, apart: number) {
  switch (question._tag) {
    case "Nothing":
      return ["values"]
    case "Directory":
      return ["directories"]
    case "Command":
      return [`command ${question.at}`]
    default: {
      // A line of somebody who types is no place for what is wrong with a registry.
      const candidates = yield* Effect.orElseSucceed(candidatesOf(question), (): ReadonlyArray<Candidate> => [])
      const fitting = candidates.filter(({ value }) => value.startsWith(question.typed) && isHarmless(value))
      return [
        "values",
        ...distinct(fitting).map(({ description, value }) =>
          line({ description, value: (question.before + value).slice(apart) })
        )
      ]
    }
  }
})

/** Prints what the last of the words can be; `zag-ps` is `zag ps`. */
export const answer = Effect.fn("Completion.answer")(function*(
  ps: CommandDescriptor,
  globals: ReadonlyArray<FlagDescriptor>,
  words: ReadonlyArray<string>
) {
  const [program = "", ...rest] = words
  const all = /(^|[\\/])zag-ps(\.\w+)?$/.test(program) ? ["zag", "ps", ...rest] : words
  const zag = { name: "zag", description: undefined, flags: [], arguments: [], subcommands: [ps] }
  const question = ask(zag, globals, all)
  // The shell counts its own words.
  const shift = all.length - words.length
  const lines = yield* linesOf(
    question._tag === "Command" ? { ...question, at: question.at - shift } : question,
    setApart(all)
  )
  yield* Console.log(lines.join("\n"))
})
