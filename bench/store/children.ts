/**
 * The programs of their own that are measured.
 */
import * as Effect from "effect/Effect"
import * as ChildProcess from "effect/process/ChildProcess"
import * as ChildProcessSpawner from "effect/process/ChildProcessSpawner"
import * as Stream from "effect/Stream"
import { fileURLToPath } from "node:url"

const command = (script: string, args: ReadonlyArray<string>, stdin: Stream.Stream<Uint8Array>) =>
  ChildProcess.make(
    process.execPath,
    ["--conditions=@zag/source", fileURLToPath(new URL(script, import.meta.url)), ...args],
    { stdin, stderr: "inherit" }
  )

/** What a program says on its output. */
export const outputOf = Effect.fnUntraced(function*(script: string, args: ReadonlyArray<string>) {
  const spawner = yield* ChildProcessSpawner.ChildProcessSpawner
  return yield* spawner.string(command(script, args, Stream.empty))
})

/** A program whose input ends when the effect does; its lines as they come. */
export const linesOf = Effect.fnUntraced(function*(
  script: string,
  args: ReadonlyArray<string>,
  start: Effect.Effect<unknown>
) {
  const spawner = yield* ChildProcessSpawner.ChildProcessSpawner
  const handle = yield* spawner.spawn(command(script, args, Stream.fromEffectDrain(start)))
  return Stream.splitLines(Stream.decodeText(handle.stdout))
})
