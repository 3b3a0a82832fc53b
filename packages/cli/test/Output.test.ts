import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { ChildProcess, ChildProcessSpawner } from "effect/process"
import { endedOf } from "./endedOf.ts"
import { makeHome, services } from "./spawnZag.ts"

const entries = (count: number) =>
  JSON.stringify({
    processes: Array.from({ length: count }, (_, i) => ({
      id: `${i}`.padStart(8, "0"),
      pid: 2 ** 31 - 2,
      provider: "claude",
      model: "sonnet",
      command: "run",
      prompt: `Fix the build ${i}`,
      started_at: "2026-11-22T10:00:00Z",
      status: "exited",
      exit_code: 0
    }))
  })

/** Runs shell commands in which `zag` is the program, on a registry of so many entries. */
const inShell = (count: number, script: string) =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const spawner = yield* ChildProcessSpawner.ChildProcessSpawner
    const { directory, file, zag } = yield* makeHome
    yield* fs.writeFileString(file, entries(count))
    const handle = yield* spawner.spawn(ChildProcess.make("bash", ["-c", `zag() { ${zag} "$@"; }; ${script}`], {
      env: { HOME: directory, ZAG_HOME: directory, ZAG_PROCESS_ID: undefined },
      extendEnv: true,
      cwd: directory
    }))
    return yield* endedOf(handle)
  }).pipe(Effect.scoped, Effect.provide(services))

describe("the answer", () => {
  it.live.each(["list --json", "list", "list --jsonl", "list -q", "list --no-trunc", "tree", "tree --json", "--help"])(
    "of zag ps %s may be cut off by its reader",
    (args) =>
      Effect.gen(function*() {
        const { stderr, stdout } = yield* inShell(2000, `zag ps ${args} | head -c 20; echo; echo "\${PIPESTATUS[0]}"`)
        assert.strictEqual(stderr, "")
        assert.match(stdout, /\n0\n$/)
      })
  )

  it.live("that goes on does not outlive its reader", () =>
    Effect.gen(function*() {
      const { stderr, stdout } = yield* inShell(
        0,
        "(while zag ps run -- true; do :; done) & zag ps events | grep -m 1 registered; echo \"${PIPESTATUS[0]}\"; kill $!"
      )
      assert.strictEqual(stderr, "")
      assert.match(stdout, /registered[^\n]*\n0\n$/)
    }))

  it.live.each(["list", "list --json", "show 00000000"])(
    "of zag ps %s that does not fit is an error",
    (args) =>
      Effect.gen(function*() {
        const { stderr, stdout } = yield* inShell(2, `zag ps ${args} > /dev/full; echo $?`)
        assert.strictEqual(stdout, "1\n")
        const said = "Cannot write the answer: ENOSPC: no space left on device, write"
        assert.strictEqual(
          stderr,
          args.includes("json") ? `{"error":{"code":"output_failed","message":"${said}"}}\n` : `Error: ${said}\n`
        )
      })
  )

  it.live("about many that are killed need not be read for all to be killed", () =>
    Effect.gen(function*() {
      const { stdout } = yield* inShell(
        0,
        // The second is still there when nobody hears any more that the first is gone.
        "{ zag ps run -d -- sleep 300; " +
          "zag ps run -d -- sh -c 'trap \"\" TERM; touch ready; while :; do sleep 0.1; done'; } > /dev/null; " +
          "until [ -e ready ]; do sleep 0.1; done; " +
          "zag ps kill --all --yes --grace 1s 2> /dev/null | true; echo \"${PIPESTATUS[0]}\"; " +
          "zag ps list --status killed -q | wc -l; zag ps kill --all --yes -s KILL > /dev/null 2>&1"
      )
      assert.strictEqual(stdout, "0\n2\n")
    }))

  it.live("may be closed from the beginning", () =>
    Effect.gen(function*() {
      const { exitCode, stderr } = yield* inShell(3, "zag ps list >&-; zag ps list --json <&- > /dev/null")
      assert.deepStrictEqual({ exitCode: Number(exitCode), stderr }, { exitCode: 0, stderr: "" })
    }))

  it.live("of 10,000 entries is whole", () =>
    Effect.gen(function*() {
      const { stdout } = yield* inShell(
        10_000,
        "zag ps list -q | wc -l; zag ps list | wc -l; zag ps list --jsonl | wc -l"
      )
      assert.strictEqual(stdout, "10000\n10001\n10000\n")
    }))
})
