import { assert, describe, it } from "@effect/vitest"
import type { TestProcess } from "@zag/core/testing"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { parseJson, runCli } from "./runCli.ts"
import { endIfAlive, makeHome, services, until } from "./spawnZag.ts"

const entry = (id: string, minute: number, pid: number, fields: object = {}) => ({
  id,
  pid,
  provider: "claude",
  model: "sonnet",
  command: "run",
  prompt: `do\n${id}`,
  started_at: `2026-11-05T10:0${minute}:00Z`,
  status: "running",
  ...fields
})

const registryOf = (...processes: ReadonlyArray<object>) => JSON.stringify({ processes })

const file = registryOf(
  entry("top", 1, 100, { session_id: "s" }),
  entry("inner", 2, 110, { parent_process_id: "top", provider: "codex" }),
  entry("done", 3, 120, { parent_process_id: "gone", parent_session_id: "s", status: "killed", exit_code: 7 }),
  entry("other", 4, 1)
)

const processes: ReadonlyArray<TestProcess> = [
  { pid: 1, command: "init" },
  { pid: 100, parent: 1, command: "claude" },
  { pid: 101, parent: 100, command: "bash -c\nmake" },
  { pid: 102, parent: 101, command: "make" },
  { pid: 103, parent: 100, command: "zag ps run" },
  { pid: 110, parent: 103, command: "codex", processId: "inner" },
  { pid: 111, parent: 110, command: "sh" },
  { pid: 120, parent: 1, command: "somebody else" }
]

const tree = (args: ReadonlyArray<string>, registry = file) =>
  Effect.andThen(
    TestClock.setTime(Date.UTC(2026, 10, 5, 10, 10)),
    runCli(["ps", "tree", ...args], { file: registry, processes })
  )

const topLines = `top  running  claude  pid 100  9m  do top
├─ 101 bash -c make
│  └─ 102 make
├─ 103 zag ps run
├─ done  killed (7)  claude  pid 120  7m  do done
└─ inner  running  codex  pid 110  8m  do inner
   └─ 111 sh
`

describe("zag ps tree", () => {
  it.effect("shows who started whom, and what each has started besides, once", () =>
    Effect.gen(function*() {
      const { after, ...ended } = yield* tree([])
      assert.deepInclude(ended, {
        exitCode: 0,
        stderr: "",
        // Pid 1 is an agent by mistake: all there is would be below it.
        stdout: `other  running  claude  pid 1  6m  do other\n${topLines}`
      })
      assert.strictEqual(after, file)
    }))

  it.effect.each<readonly [string, string]>([
    ["top", topLines],
    ["pid:110", "inner  running  codex  pid 110  8m  do inner\n└─ 111 sh\n"],
    ["done", "done  killed (7)  claude  pid 120  7m  do done\n"]
  ])("shows %s and what is below it", ([id, stdout]) =>
    Effect.gen(function*() {
      assert.strictEqual((yield* tree([id])).stdout, stdout)
    }))

  it.effect("nests them for scripts", () =>
    Effect.gen(function*() {
      const [top] = parseJson((yield* tree(["top", "--json"])).stdout) as [
        Record<string, unknown> & { children: Array<object> }
      ]
      assert.deepInclude(top, { id: "top", live_status: "running", verified: false })
      assert.deepStrictEqual(top["processes"], [
        { pid: 101, command: "bash -c\nmake", children: [{ pid: 102, command: "make", children: [] }] },
        { pid: 103, command: "zag ps run", children: [] }
      ])
      assert.deepInclude(top.children[1], {
        id: "inner",
        processes: [{ pid: 111, command: "sh", children: [] }],
        children: []
      })
    }))

  it.effect("opens a circle of parents", () =>
    Effect.gen(function*() {
      const done = { status: "exited" }
      const circle = registryOf(
        entry("a", 1, 5, { parent_process_id: "b", ...done }),
        entry("b", 2, 5, { parent_process_id: "a", ...done })
      )
      assert.strictEqual(
        (yield* tree([], circle)).stdout,
        "b  exited  claude  pid 5  8m  do b\n└─ a  exited  claude  pid 5  9m  do a\n"
      )
    }))

  it.effect("says so when there is nothing, and when there is no such process", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* tree([], registryOf())).stdout, "No processes found.\n")
      const { exitCode, stderr } = yield* tree(["nobody"])
      assert.deepStrictEqual({ exitCode, stderr }, { exitCode: 1, stderr: "Error: Process not found: nobody\n" })
    }))

  it.effect("says which entries cannot be read", () =>
    Effect.gen(function*() {
      assert.match((yield* tree([], registryOf({ id: "bad" }))).stderr, /^Warning: entry 1 of .* cannot be read/)
    }))

  it.live("shows what a real agent has started", () =>
    Effect.gen(function*() {
      const { entry, run } = yield* makeHome
      yield* run(["ps", "run", "-d", "--", "sh", "-c", "sleep 300 & wait"])
      const { id, pid } = yield* entry(({ status }) => status === "running")
      yield* Effect.addFinalizer(() => endIfAlive(pid))
      const said = Effect.map(run(["ps", "tree", id]), ({ stdout }) => stdout)
      yield* until(Effect.map(said, (stdout) => /^\S+ {2}running {2}sh .*\n└─ \d+ sleep 300\n$/.test(stdout)))
      assert.strictEqual((yield* run(["ps", "kill", id])).exitCode, 0)
      assert.notInclude(yield* said, "sleep")
    }).pipe(Effect.scoped, Effect.provide(services)))
})
