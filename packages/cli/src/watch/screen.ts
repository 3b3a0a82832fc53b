/**
 * The whole screen of a terminal, for as long as a program shows something
 * there instead of lines.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Terminal from "effect/Terminal"

// A second screen without a cursor, on which a line that is too long does not go on below.
const enter = "\u001B[?1049h\u001B[?25l\u001B[?7l"
const leave = "\u001B[?7h\u001B[?25h\u001B[?1049l"

const home = "\u001B[H"
// Before the line: behind one that is as wide as the screen, the cursor is still on its last column.
const clear = "\u001B[K"
const plain = "\u001B[0m"

/** Takes the screen until the scope closes, when all is there again that was there before. It is given a line for each row. */
export const make: Effect.Effect<
  (lines: ReadonlyArray<string>) => Effect.Effect<void>,
  never,
  Terminal.Terminal | Scope.Scope
> = Effect.gen(function*() {
  const terminal = yield* Terminal.Terminal
  const write = (text: string) => Effect.orDie(terminal.display(text))
  yield* Effect.acquireRelease(write(enter), () => write(leave))
  // In one write and in place, so that nothing flickers.
  return (lines) => write(home + lines.map((line) => clear + line + plain).join("\r\n"))
})
