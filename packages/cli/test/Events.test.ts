import { assert, describe, it } from "@effect/vitest"
import { ProcessEntry } from "@zag/core/ProcessEntry"
import { Effect, Stream } from "effect"
import * as EventText from "../src/EventText.ts"
import { parseJson } from "./runCli.ts"
import { makeHome, services } from "./spawnZag.ts"

const entry = new ProcessEntry({
  id: "id",
  pid: 4242,
  sessionId: null,
  provider: "claude",
  model: "",
  command: "run",
  prompt: "do\n\u001B[2Jit",
  startedAt: "2026-11-05T10:00:00+00:00",
  status: "exited",
  exitCode: 0,
  exitedAt: null,
  root: null,
  parentProcessId: null,
  parentSessionId: null
})

const finished = "\"event\":\"finished\""

describe("zag ps events", () => {
  it("prints a line that a terminal only shows", () => {
    assert.strictEqual(
      EventText.line("finished", entry, "2026-11-05T10:00:01.123+00:00"),
      "2026-11-05T10:00:01Z  finished    id  exited (0)  claude  pid 4242  do [2Jit"
    )
  })

  it.live.each([["SIGINT", 130], ["SIGTERM", 143]] as const)(
    "tells what other programs do, an object a line, until %s",
    ([signal, exitCode]) =>
      Effect.gen(function*() {
        const { run, start } = yield* makeHome
        const { handle } = yield* start(["ps", "events", "--json"])
        const lines: Array<string> = []
        yield* handle.stdout.pipe(
          Stream.decodeText(),
          Stream.splitLines,
          Stream.runForEach((line) =>
            Effect.sync(() => {
              if (lines.at(-1)?.includes(finished)) return
              lines.push(line)
              if (line.includes(finished)) process.kill(handle.pid, signal)
            })
          ),
          // When it begins to look nobody knows, so there is always something to see.
          Effect.race(Effect.forever(run(["ps", "run", "-p", "seen", "--", "true"])))
        )
        const change = parseJson(lines.at(-1)!) as { readonly process: object }
        assert.deepInclude(change.process, { provider: "seen", status: "exited", exit_code: 0 })
        assert.strictEqual(Number(yield* handle.exitCode), exitCode)
      }).pipe(Effect.scoped, Effect.provide(services))
  )
})
