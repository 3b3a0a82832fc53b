/**
 * What the original `zag` answered, written down, so that it can be compared
 * with where it is not installed.
 */
import { Effect, FileSystem, Schema } from "effect"
import { fileURLToPath } from "node:url"
import type { Answer, Ask } from "./originalZag.ts"
import { type Case, Question } from "./questions.ts"

const path = fileURLToPath(new URL("../fixtures/differential.json", import.meta.url))

const Recording = Schema.fromJsonString(Schema.Struct({
  about: Schema.String,
  /** Everything else names one of these by its place. */
  files: Schema.Array(Schema.NullOr(Schema.String)),
  cases: Schema.Array(Schema.Struct({
    file: Schema.Int,
    sound: Schema.Int,
    unreadable: Schema.Int,
    questions: Schema.Array(Question)
  })),
  answers: Schema.Array(Schema.Struct({
    file: Schema.Int,
    args: Schema.Array(Schema.String),
    env: Schema.Record(Schema.String, Schema.String),
    exitCode: Schema.Int,
    stdout: Schema.String,
    stderr: Schema.String
  }))
}))
type Recording = typeof Recording.Type

type Env = Readonly<Record<string, string>>

const keyOf = (file: string | null, args: ReadonlyArray<string>, env: Env): string => JSON.stringify([file, args, env])

/** The recorded cases, and the original as far as it was recorded. */
export const read = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const recording = yield* Schema.decodeEffect(Recording)(yield* fs.readFileString(path))
  const fileAt = (index: number): string | null => recording.files[index] ?? null
  const answers = new Map(
    recording.answers.map((answer) => [keyOf(fileAt(answer.file), answer.args, answer.env), answer])
  )
  const ask: Ask<never, never> = (file, args, env = {}) => {
    const answer = answers.get(keyOf(file, args, env))
    return answer === undefined
      ? Effect.die(new Error(`This was not recorded: zag ${args.join(" ")}. See test/zag/Differential.test.ts.`))
      : Effect.succeed(answer)
  }
  const cases = recording.cases.map(({ file, questions, sound, unreadable }): Case => ({
    registry: { file: fileAt(file), sound: fileAt(sound), unreadable },
    questions
  }))
  return { cases, ask, answers: recording.answers.length }
})

/** A line for each value, so that what changes can be seen. */
const print = (parts: Readonly<Record<string, ReadonlyArray<unknown>>>): string => {
  const lines = Object.entries(parts).map(([key, values]) =>
    `"${key}":[\n${values.map((value) => JSON.stringify(value)).join(",\n")}\n]`
  )
  return `{"about":"Answers of zag 0.18.0, recorded by test/zag/Differential.test.ts.",\n${lines.join(",\n")}}\n`
}

/** An original whose answers are remembered, until they are written down with the cases they are for. */
export const recorder = <E, R>(ask: Ask<E, R>) => {
  const files: Array<string | null> = []
  const answers = new Map<string, Recording["answers"][number]>()
  const indexOf = (file: string | null): number => {
    const index = files.indexOf(file)
    return index === -1 ? files.push(file) - 1 : index
  }

  const recorded: Ask<E, R> = (file, args, env = {}) =>
    Effect.tap(
      ask(file, args, env),
      (answer: Answer) =>
        Effect.sync(() => void answers.set(keyOf(file, args, env), { file: indexOf(file), args, env, ...answer }))
    )

  const write = Effect.fnUntraced(function*(cases: ReadonlyArray<Case>) {
    const fs = yield* FileSystem.FileSystem
    const parts = {
      cases: cases.map(({ questions, registry: { file, sound, unreadable } }) => ({
        file: indexOf(file),
        sound: indexOf(sound),
        unreadable,
        questions
      })),
      answers: Array.from(answers.values()),
      files
    }
    yield* fs.writeFileString(path, print(parts))
  })

  return { ask: recorded, write }
}
