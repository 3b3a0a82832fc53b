/**
 * A process that takes the place of another one while a question about that is
 * open.
 */
import { Effect, FileSystem } from "effect"
import { endIfAlive, isAlive } from "./spawnZag.ts"
import { makeTerminal } from "./tmux.ts"

/** A terminal, and two agents in the background: one of `codex`, one of `claude`. */
export const besideTwoAgents = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const terminal = yield* makeTerminal("alone")
  const [codex, claude] = yield* Effect.forEach(["codex", "claude"], (provider) =>
    Effect.gen(function*() {
      yield* terminal.run(["ps", "run", "-d", "-p", provider, "--", "sleep", "300"])
      const { pid } = yield* terminal.entry((entry) => entry.provider === provider && entry.pid > 0)
      yield* Effect.addFinalizer(() => Effect.orDie(endIfAlive(pid)))
      return pid
    }))

  /** Points the entry of the first one at the second, as other programs do it. */
  const exchange = Effect.gen(function*() {
    const file = `${terminal.directory}/processes.json`
    const text = (yield* fs.readFileString(file)).replace(new RegExp(`("pid": ?)${codex}\\b`), `$1${claude}`)
    yield* fs.writeFileString(`${file}.new`, text)
    yield* fs.rename(`${file}.new`, file)
  })

  const bothLive = Effect.zipWith(isAlive(codex!), isAlive(claude!), (one, other) => one && other)

  return { ...terminal, exchange, bothLive }
})
