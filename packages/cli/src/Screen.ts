/**
 * What an answer is shown on.
 */
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Stdio from "effect/Stdio"
import * as Terminal from "effect/Terminal"

/** Whether somebody looks at it. */
export const isTerminal = Effect.flatMap(Stdio.Stdio, ({ stdoutIsTerminal }) => stdoutIsTerminal)

/** Whether somebody is there who can answer a question. */
export const canAsk = Effect.gen(function*() {
  const { stdinIsTerminal, stdoutIsTerminal } = yield* Stdio.Stdio
  return (yield* stdinIsTerminal) && (yield* stdoutIsTerminal)
})

/** Its columns. A pipe has none: whoever reads it gets every value whole. */
export const columns = Effect.gen(function*() {
  if (!(yield* isTerminal)) return undefined
  const columns = yield* (yield* Terminal.Terminal).columns
  return columns > 0 ? columns : undefined
})

const variable = (name: string) => Config.withDefault(Config.String(name), "")

const environment = Config.all({
  noColor: variable("NO_COLOR"),
  forceColor: variable("FORCE_COLOR"),
  cliColorForce: variable("CLICOLOR_FORCE"),
  cliColor: variable("CLICOLOR"),
  term: variable("TERM")
})

const isOff = (value: string): boolean => value === "0" || value.toLowerCase() === "false"

/**
 * Whether it shows colours: a terminal does, unless a variable says otherwise.
 * A variable that is empty says nothing. `effect/cli` has the same for its help,
 * but knows nothing of `CLICOLOR`.
 */
export const colors = Effect.gen(function*() {
  const { cliColor, cliColorForce, forceColor, noColor, term } = yield* Effect.orDie(environment)
  if (noColor !== "" || term === "dumb") return false
  if (forceColor !== "") return !isOff(forceColor)
  if (cliColorForce !== "" && !isOff(cliColorForce)) return true
  return !isOff(cliColor) && (yield* isTerminal)
})
