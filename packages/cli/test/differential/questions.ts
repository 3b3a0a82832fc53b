/**
 * What is asked about a registry, and how it is spelt on a command line.
 */
import { Arbitrary, Schema } from "effect"
import { type Registry, registry } from "./registries.ts"

/** Where `--json` stands. */
const JsonPlace = Schema.Literals(["no", "before", "after"])

const Env = Schema.Record(Schema.String, Schema.String)
type Env = typeof Env.Type

const List = Schema.TaggedStruct("list", {
  /** Whether the word `list` is written. */
  word: Schema.Boolean,
  json: JsonPlace,
  limit: Schema.optionalKey(Schema.Int),
  running: Schema.Boolean,
  providers: Schema.Array(Schema.String),
  children: Schema.optionalKey(Schema.String),
  env: Env
})
export type List = typeof List.Type

const Named = Schema.Struct({
  _tag: Schema.Literals(["show", "stop", "kill"]),
  handle: Schema.String,
  json: JsonPlace,
  env: Env
})
export type Named = typeof Named.Type

export const Question = Schema.Union([List, Named])
export type Question = typeof Question.Type

export interface Case {
  readonly registry: Registry
  readonly questions: ReadonlyArray<Question>
}

const between = (minimum: number, maximum: number) => Schema.Int.check(Schema.isBetween({ minimum, maximum }))

/** One of a list whose length is not known yet. */
const Pick = between(0, 100)

const Spelt = {
  json: JsonPlace,
  /** Whose session it is; nobody's when there is none. */
  self: Schema.optionalKey(Schema.Union([Pick, Schema.Literal("empty")]))
}

const ListAsked = Schema.Struct({
  ...Spelt,
  word: Schema.Boolean,
  limit: Schema.optionalKey(between(0, 6)),
  running: Schema.Literals([false, false, false, true]),
  providers: Schema.Literals([0, 0, 0, 1, 1, 2]),
  provider: Schema.Tuple([Pick, Pick]),
  children: Schema.Union([Pick, Schema.Literals(["none", "none", "none", "self"])])
})

const NamedAsked = Schema.Struct({
  ...Spelt,
  command: Schema.Literals(["show", "show", "show", "stop", "kill"]),
  id: Pick,
  as: Schema.Literals(["whole", "whole", "whole", "beginning", "beginning", "longer", "upper case", "self", "none"])
})

/** The entries of a registry, if it is one, as far as they are objects. */
export const entriesOf = (file: string | null): ReadonlyArray<Readonly<Record<string, unknown>>> => {
  try {
    const { processes } = JSON.parse(file ?? "") as { readonly processes: ReadonlyArray<unknown> }
    return processes.filter((entry) => typeof entry === "object" && entry !== null) as Array<Record<string, unknown>>
  } catch {
    return []
  }
}

/** Whether the file has an entry with this id that may stand for a process. */
export const mayRun = (file: string | null, id: string): boolean =>
  entriesOf(file).some((entry) => entry["id"] === id && entry["status"] === "running")

/** The id that a handle stands for. */
export const idOf = (handle: string, env: Env): string => handle === "self" ? env["ZAG_PROCESS_ID"] ?? "" : handle

/** The texts under these keys that can be words of a command line. */
const textsOf = (file: string | null, keys: ReadonlyArray<string>): ReadonlyArray<string> =>
  entriesOf(file).flatMap((entry) => keys.map((key) => entry[key])).filter((value): value is string =>
    typeof value === "string" && !value.includes("\u0000") && value.isWellFormed()
  )

const pickFrom = (texts: ReadonlyArray<string>, pick: number): string =>
  texts.length === 0 ? "none" : texts[pick % texts.length]!

const firstHalf = (text: string): string => {
  const points = Array.from(text)
  return points.slice(0, Math.ceil(points.length / 2)).join("")
}

const handleAs = (id: string, as: (typeof NamedAsked.Type)["as"]): string => {
  switch (as) {
    case "whole":
      return id
    case "beginning":
      return firstHalf(id)
    case "longer":
      return `${id}0`
    case "upper case":
      return id.toUpperCase()
    case "self":
      return "self"
    case "none":
      return "00000000-0000-4000-8000-000000000000"
  }
}

export const cases: Arbitrary.Arbitrary<Case> = Arbitrary.map(
  Arbitrary.all({
    registry,
    lists: Arbitrary.array(Arbitrary.schema(ListAsked), { minLength: 2, maxLength: 4 }),
    named: Arbitrary.array(Arbitrary.schema(NamedAsked), { minLength: 3, maxLength: 6 })
  }),
  ({ lists, named, registry }): Case => {
    const { file } = registry
    const ids = textsOf(file, ["id"])
    const envOf = (self: number | "empty" | undefined): Env => {
      if (self === undefined) return {}
      return { ZAG_PROCESS_ID: self === "empty" ? "" : pickFrom(ids, self) }
    }
    return {
      registry,
      questions: [
        ...lists.map(({ children, json, limit, provider, providers, running, self, word }): List => ({
          _tag: "list",
          word,
          json,
          running,
          providers: provider.slice(0, providers).map((pick) =>
            pickFrom([...textsOf(file, ["provider"]), "claude", "~LAUD"], pick)
          ),
          env: envOf(self),
          ...(limit === undefined ? {} : { limit }),
          ...(children === "none" ? {} : {
            children: children === "self"
              ? "self"
              : pickFrom([...textsOf(file, ["parent_process_id", "parent_session_id"]), ...ids], children)
          })
        })),
        ...named.map(({ as, command, id, json, self }): Named => {
          const env = envOf(self)
          const handle = handleAs(pickFrom(ids, id), as)
          const meant = idOf(handle, env)
          // Nothing is ever signalled: what may stand for a process, or is the beginning of something, is only shown.
          const isSafe = !mayRun(file, meant) && (ids.includes(meant) || !ids.some((id) => id.startsWith(meant)))
          return { _tag: isSafe ? command : "show", handle, json, env }
        })
      ]
    }
  }
)

const json = (where: boolean): ReadonlyArray<string> => where ? ["--json"] : []

/** A value that cannot be taken for a flag. */
const flag = (name: string, value: string | number): string => `--${name}=${value}`

export const listFlags = (
  { children, limit, providers, running }: Pick<List, "children" | "limit" | "providers" | "running">
): ReadonlyArray<string> => [
  ...(running ? ["--running"] : []),
  ...providers.map((provider) => flag("provider", provider)),
  ...(children === undefined ? [] : [flag("children", children)]),
  ...(limit === undefined ? [] : [flag("limit", limit)])
]

/** The command line of a question. */
export const wordsOf = (question: Question): ReadonlyArray<string> => {
  const before = ["ps", ...json(question.json === "before")]
  const after = json(question.json === "after")
  return question._tag === "list"
    ? [...before, ...(question.word ? ["list"] : []), ...listFlags(question), ...after]
    : [...before, question._tag, ...after, "--", question.handle]
}
