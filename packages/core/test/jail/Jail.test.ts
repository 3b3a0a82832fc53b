/**
 * The pids that no program may signal, on the real system. An error in the code
 * under test could end every process of the machine, so it runs in a pid
 * namespace of its own, with bystanders to see whether anything was hit.
 */
import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect, FileSystem, Path, Schema, Stream } from "effect"
import { ChildProcess } from "effect/process"
// @effect-diagnostics-next-line nodeBuiltinImport:off -- whether to skip is asked before any test runs
import * as NodeChildProcess from "node:child_process"

const canUnshare = process.platform === "linux" && process.getuid?.() === 0 &&
  NodeChildProcess.spawnSync("setsid", ["-w", "unshare", "-p", "-f", "--mount-proc", "true"]).status === 0

// The prisoner is neither the first process nor the head of its group, as an agent would be.
const script = `
  sleep 600 & first=$!
  setsid sleep 600 & other=$!
  sh -c '"$@"; exit $?' sh "$0" --conditions=@zag/source "$1" "$2" "$other"
  echo "exit $?"
  grep -q "^State:.S" /proc/$first/status && echo "bystander of the group lives"
  grep -q "^State:.S" /proc/$other/status && echo "bystander lives"
`

const Report = Schema.fromJsonString(Schema.Record(Schema.String, Schema.String))

layer(NodeServices.layer, { excludeTestServices: true })("in a pid namespace of its own", (it) => {
  it.effect.skipIf(!canUnshare)(
    "no operation reaches a process that must not be signalled",
    () =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        const path = yield* Path.Path
        const home = yield* fs.makeTempDirectoryScoped({ prefix: "zag-jail-" })
        yield* fs.chmod(home, 0o755)
        const prisoner = yield* path.fromFileUrl(new URL("prisoner.ts", import.meta.url))
        const jail = yield* ChildProcess.make(
          "setsid",
          [
            "-w",
            "unshare",
            "-p",
            "-f",
            "--mount-proc",
            "--kill-child",
            "sh",
            "-c",
            script,
            process.execPath,
            prisoner,
            home
          ],
          { stdin: "ignore", stderr: "inherit", detached: false, killSignal: "SIGKILL" }
        )
        const lines = yield* jail.stdout.pipe(Stream.decodeText, Stream.splitLines, Stream.runCollect)
        assert.deepStrictEqual(lines.slice(1), ["exit 0", "bystander of the group lives", "bystander lives"])

        const report = yield* Schema.decodeEffect(Report)(lines[0]!)
        const { "show: another user's process": show, "stored: another user's process": stored, ...outcomes } = report
        assert.strictEqual(show, "running")
        assert.strictEqual(stored, "running")
        for (const [asked, outcome] of Object.entries(outcomes)) {
          if (/^(stop|kill): another user's/.test(asked)) assert.strictEqual(outcome, "SignalNotPermitted", asked)
          else if (asked.includes("another user's")) assert.strictEqual(outcome, "NotPermitted", asked)
          else if (asked.endsWith(": inspect")) assert.strictEqual(outcome, "Running", asked)
          else if (/^read: (closed|secret)$/.test(asked)) assert.strictEqual(outcome, "StoreUnreadable", asked)
          else if (asked === "read: readable") assert.strictEqual(outcome, "done", asked)
          else if (asked.startsWith("write: ")) assert.strictEqual(outcome, "StoreUnwritable", asked)
          else if (asked.startsWith("SIG")) assert.strictEqual(outcome, "PidRefused", asked)
          else if (/the first process$|the caller$|the caller's parent$/.test(asked)) {
            assert.strictEqual(outcome, "SignalRefused", asked)
          } else assert.strictEqual(outcome, "NotRunning", asked)
        }
        assert.strictEqual(Object.keys(report).length, 70)
      }),
    30_000
  )
})
