import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { userInfo } from "node:os"
import { makeHome, services } from "./spawnZag.ts"

const Records = Schema.fromJsonString(Schema.Array(Schema.Record(Schema.String, Schema.Unknown)))

describe("zag ps audit", () => {
  it.live("says so when there is nothing", () =>
    Effect.gen(function*() {
      const { run } = yield* makeHome
      const nothing = yield* run(["ps", "audit"])
      assert.deepStrictEqual(nothing, { exitCode: 0, stdout: "No signals were sent.\n", stderr: "" })
      assert.strictEqual((yield* run(["ps", "audit", "--json"])).stdout, "[]\n")
    }).pipe(Effect.scoped, Effect.provide(services)))

  it.live("shows what other commands have sent, the last one first", () =>
    Effect.gen(function*() {
      const { entry, run, start } = yield* makeHome
      const zag = yield* start(["ps", "run", "--", "sh", "-c", "trap '' HUP; sleep 300 & wait; wait"])
      const { id, pid } = yield* entry((entry) => entry.pid !== zag.pid)
      assert.strictEqual((yield* run(["ps", "stop", id])).exitCode, 0)
      assert.strictEqual((yield* run(["ps", "kill", id])).exitCode, 0)

      const records = yield* Schema.decodeEffect(Records)((yield* run(["ps", "audit", "--json"])).stdout)
      assert.deepInclude(records.at(-1), {
        asker: `zag ${userInfo().username}`,
        asker_process_id: null,
        id,
        pid,
        signal: "SIGHUP",
        outcome: "sent",
        verified: true
      })
      assert.isAbove(records.filter(({ signal }) => signal === "SIGTERM").length, 1)
      const last = yield* Schema.decodeEffect(Records)((yield* run(["ps", "audit", "--json", "-n", "1"])).stdout)
      assert.deepStrictEqual(last, records.slice(0, 1))

      const lines = (yield* run(["ps", "audit"])).stdout.trimEnd().split("\n")
      assert.match(lines[0]!, /^TIME +SIGNAL +PID +OUTCOME +ID +ASKED BY$/)
      assert.match(lines.at(-1)!, new RegExp(`SIGHUP +${pid} +sent +${id} +zag ${userInfo().username}$`))
      yield* zag.ended
    }).pipe(Effect.scoped, Effect.provide(services)))
})
