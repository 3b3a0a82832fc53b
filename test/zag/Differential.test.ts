import { NodeServices } from "@effect/platform-node"
import { describe, it } from "@effect/vitest"
import * as Timestamp from "@zag/core/Timestamp"
import { Arbitrary, Config, Effect, FileSystem, type Scope } from "effect"
import { ChildProcess, ChildProcessSpawner } from "effect/process"
import { commandLines, file } from "../../packages/cli/test/differential/commandLines.ts"
import { type AskOurs, compare, compareLine, inProcess } from "../../packages/cli/test/differential/compare.ts"
import { damagedFiles } from "../../packages/cli/test/differential/damagedFiles.ts"
import * as OriginalZag from "../../packages/cli/test/differential/originalZag.ts"
import { type Case, cases } from "../../packages/cli/test/differential/questions.ts"
import * as Recording from "../../packages/cli/test/differential/recording.ts"
import { livePid } from "../../packages/cli/test/differential/registries.ts"
import { makeHome } from "../../packages/cli/test/spawnZag.ts"

/** The original, and a process that is there for as long as it is asked. */
const original = Effect.gen(function*() {
  const spawner = yield* ChildProcessSpawner.ChildProcessSpawner
  const { pid } = yield* spawner.spawn(ChildProcess.make("sleep", ["600"]))
  return { pid: pid as number, ask: yield* OriginalZag.make(pid) }
})

const askProgram =
  (pid: number): AskOurs<unknown, FileSystem.FileSystem | ChildProcessSpawner.ChildProcessSpawner> =>
  (content, args, env) =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const home = yield* makeHome
      const file = content === null ? null : OriginalZag.withPid(content, livePid, pid)
      if (file !== null) yield* fs.writeFileString(home.file, file)
      const ended = yield* home.run(args, { env })
      return {
        ...ended,
        // Also in a table.
        stdout: OriginalZag.withPid(ended.stdout, pid, livePid).replaceAll(` ${pid} `, ` ${livePid} `),
        home: home.directory,
        after: file === (file === null ? null : yield* fs.readFileString(home.file)) ? content : "it was written"
      }
    }).pipe(Effect.scoped)

/** Where the running process can be the registered one, and nothing is asked to end. */
const forProgram = ({ questions, registry }: Case, now: string): Case => {
  const registered = (json: string | null): string | null =>
    json?.replaceAll(/"started_at":"(?:[^"\\]|\\.)*"/g, `"started_at":"${now}"`) ?? null
  return {
    registry: { ...registry, file: registered(registry.file), sound: registered(registry.sound) },
    questions: questions.filter(({ _tag }) => _tag === "list" || _tag === "show")
  }
}

describe("beside the real zag", () => {
  it.live.prop("answers alike about any registry", { case: cases }, ({ case: one }) =>
    Effect.gen(function*() {
      const { ask } = yield* original
      yield* compare(one, ask, inProcess)
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)), {
    arbitrary: { runs: 200, size: 30, concurrency: 4 },
    timeout: 600_000
  })

  it.live.prop("answers alike as a program of its own", { case: cases }, ({ case: one }) =>
    Effect.gen(function*() {
      const { ask, pid } = yield* original
      yield* compare<unknown, NodeServices.NodeServices | Scope.Scope>(
        forProgram(one, yield* Timestamp.now),
        ask,
        askProgram(pid)
      )
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)), {
    arbitrary: { runs: 10, size: 20, maxShrinks: 20 },
    timeout: 300_000
  })

  it.live(
    "takes the same command lines and reads the same files; RECORD_ZAG=true writes down what it says",
    () =>
      Effect.gen(function*() {
        const isRecording = yield* Config.withDefault(Config.Boolean("RECORD_ZAG"), false)
        const { ask, write } = Recording.recorder((yield* original).ask)
        for (const line of commandLines) yield* compareLine(file, line, ask, inProcess)
        for (const { difference, file } of damagedFiles) {
          yield* compareLine(file, { args: ["ps", "--json"], ...(difference && { difference }) }, ask, inProcess)
        }
        const recorded = yield* Arbitrary.sampleEffect(cases, { count: 40, size: 12, seed: 1 })
        for (const one of recorded) yield* compare(one, ask, inProcess)
        if (isRecording) yield* write(recorded)
      }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)),
    300_000
  )
})
