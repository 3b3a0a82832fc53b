/**
 * The pids that no program may signal, on the real system. An error in the code
 * under test could end every process of the machine, so it runs in a pid
 * namespace of its own, with bystanders to see whether anything was hit.
 */
import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { canUnshare } from "../unshare.ts"
import { runInJail } from "./jail.ts"

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
        const lines = yield* runInJail(script, "dangerous.ts")
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
      })
  )

  it.effect.skipIf(!canUnshare)(
    "no operation reaches whoever has the pid of a dead agent now",
    () =>
      Effect.gen(function*() {
        const [printed] = yield* runInJail("\"$0\" --conditions=@zag/source \"$1\" \"$2\"", "reused.ts")
        const report = yield* Schema.decodeEffect(Report)(printed!)
        for (const [asked, outcome] of Object.entries(report)) {
          if (asked.endsWith(": status")) assert.strictEqual(outcome, "dead", asked)
          else if (asked.endsWith(": the new owner")) assert.strictEqual(outcome, "lives", asked)
          else assert.strictEqual(outcome, "NotRunning", asked)
        }
        assert.strictEqual(Object.keys(report).length, 20)
      })
  )

  it.effect.skipIf(!canUnshare)(
    "who is hidden from a look is not taken for gone",
    () =>
      Effect.gen(function*() {
        const [printed] = yield* runInJail(
          "mount -o remount,hidepid=2 /proc; sleep 600 & \"$0\" --conditions=@zag/source \"$1\" $! 2147483646",
          "hidden.ts"
        )
        assert.strictEqual(printed, "Running Gone Running Gone")
      })
  )
})
