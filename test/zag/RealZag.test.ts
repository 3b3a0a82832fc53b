import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Config, Effect, Fiber, FileSystem } from "effect"
import { ChildProcess, ChildProcessSpawner } from "effect/process"
import { endedOf } from "../../packages/cli/test/endedOf.ts"
import { isAlive, makeHome } from "../../packages/cli/test/spawnZag.ts"
import { assertKept, finishAll, startTogether } from "../../packages/core/test/multi/workers.ts"

/**
 * A home in which the real `zag` finds an agent that says what it must, and
 * then waits or ends as the prompt tells it.
 */
const makeRealHome = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const spawner = yield* ChildProcessSpawner.ChildProcessSpawner
  const ours = yield* makeHome
  const bin = yield* Config.String("ZAG_BIN")
  const path = yield* Config.String("PATH")
  // `zag` knows no ZAG_HOME: its home is the parent of ours.
  const home = `${ours.directory}/home`
  yield* fs.makeDirectory(`${home}/bin`, { recursive: true })
  yield* fs.symlink(ours.directory, `${home}/.zag`)
  const agent = `#!/bin/sh
case "$*" in *wait*) echo $$ > "$HOME/agent"; exec sleep 300;; esac
echo '{"type":"result","subtype":"success","is_error":false,"result":"done","session_id":"n1"}'
`
  yield* fs.writeFileString(`${home}/bin/claude`, agent, { mode: 0o755 })
  // The original does not end its agent when it is ended itself.
  yield* Effect.addFinalizer(() =>
    fs.readFileString(`${home}/agent`).pipe(
      Effect.flatMap((pid) => Effect.try(() => process.kill(Number(pid), "SIGKILL"))),
      Effect.ignore
    )
  )
  const env = { HOME: home, PATH: `${home}/bin:${path}`, ZAG_CLAUDE_ALLOW_PRINT: "1" }

  const start = (args: ReadonlyArray<string>) =>
    spawner.spawn(ChildProcess.make(bin, args, { env, cwd: home, stdin: "ignore" }))
  const run = (args: ReadonlyArray<string>) => Effect.scoped(Effect.flatMap(start(args), endedOf))

  return { ours, zag: { start, run }, text: fs.readFileString(ours.file), agent: fs.readFileString(`${home}/agent`) }
})

/** What the original says of a process as well. */
const inCommon = (stdout: string): string =>
  stdout.replaceAll(/,"verified":(true|false)|"labels":{},|"activity":"\w+",|"last_activity_at":(null|"[^"]*"),/g, "")

describe("beside the real zag", () => {
  it.live("each lists what the other wrote, alike to the byte", () =>
    Effect.gen(function*() {
      const { ours, text, zag } = yield* makeRealHome
      for (const prompt of ["first", "line\nbreak \"quoted\" \\ tab\t", "😀漢字".repeat(50)]) {
        yield* zag.run(["exec", "-p", "claude", prompt])
      }
      const written = yield* text
      assert.strictEqual((yield* ours.entries).length, 3)

      const list = ["ps", "--json", "list"]
      assert.strictEqual(inCommon((yield* ours.run(list)).stdout), (yield* zag.run(list)).stdout)
      assert.strictEqual(yield* text, written)

      yield* ours.run([
        "ps",
        "run",
        "-p",
        "codex",
        "-m",
        "gpt-5",
        "--session",
        "s1",
        "--prompt",
        "é\n\u0007" + "😀".repeat(200),
        "--",
        "true"
      ])
      yield* ours.run(["ps", "run", "-p", "gemini", "--root", "/repo", "--", "sh", "-c", "exit 3"])
      assert.isTrue((yield* text).startsWith(written.slice(0, -"\n  ]\n}".length)))
      for (const args of [list, ["ps", "--json", "list", "-p", "codex"]]) {
        assert.strictEqual((yield* zag.run(args)).stdout, inCommon((yield* ours.run(args)).stdout))
      }
      const [, , , codex] = yield* ours.entries
      for (const args of [["ps", "--json", "show", codex!.id], ["ps", "show", codex!.id]]) {
        const answer = yield* zag.run(args)
        assert.strictEqual(answer.exitCode, 0)
        // The prompt of the text has a control character, which only we leave out.
        assert.strictEqual(
          inCommon((yield* ours.run(args)).stdout),
          answer.stdout.replace("\u0007", "").replace("é\n", `é\n${" ".repeat(13)}`)
        )
      }

      // A write of the original after ours loses nothing of ours.
      const before = yield* ours.entries
      yield* zag.run(["exec", "-p", "claude", "last"])
      assert.deepStrictEqual((yield* ours.entries).slice(0, 5), before)
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)))

  it.live("four of ours lose nothing while four of the original write", () =>
    Effect.gen(function*() {
      const { ours, text, zag } = yield* makeRealHome
      yield* zag.run(["exec", "-p", "claude", "first"])
      const others = yield* Effect.forEach([0, 1, 2, 3], (n) =>
        zag.run(["exec", "-p", "claude", `other ${n}`]).pipe(Effect.forever, Effect.forkScoped))
      const workers = yield* startTogether([0, 1, 2, 3].map((n) => [ours.directory, "change", `w${n}`, "30"]))
      yield* finishAll(workers)
      // They have written in that time, and some of it is there still: the original loses what others of it write.
      assert.include(yield* text, "\"prompt\": \"other ")
      yield* Fiber.interruptAll(others)
      assert.strictEqual(yield* assertKept(ours.directory, workers), 4 * 80)
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)))

  it.live("both see the same process running, and ours kills it", () =>
    Effect.gen(function*() {
      const { agent, ours, zag } = yield* makeRealHome
      const wrapper = yield* zag.start(["exec", "-p", "claude", "please wait"])
      const { id, pid } = yield* ours.entry((entry) => entry.status === "running")
      const list = ["ps", "--json", "list", "--running"]
      const listed = yield* zag.run(list)
      assert.include(listed.stdout, "\"live_status\":\"running\"")
      assert.strictEqual(inCommon((yield* ours.run(list)).stdout), listed.stdout)

      assert.strictEqual((yield* ours.run(["ps", "kill", id])).exitCode, 0)
      assert.isFalse(yield* isAlive(pid))
      // The registered process is the original itself, which leaves its agent behind when it is killed alone.
      assert.isFalse(yield* isAlive(Number(yield* agent)))
      yield* Effect.exit(wrapper.exitCode)
      const [entry] = yield* ours.entries
      assert.strictEqual(entry?.status, "killed")
      assert.strictEqual(
        (yield* zag.run(["ps", "--json"])).stdout,
        inCommon((yield* ours.run(["ps", "--json"])).stdout)
      )
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)))
})
