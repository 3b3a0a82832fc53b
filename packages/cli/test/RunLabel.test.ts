import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { parseJson, runCli } from "./runCli.ts"
import { endIfAlive, makeHome, services } from "./spawnZag.ts"

const labels = (stdout: string) => (parseJson(stdout) as ReadonlyArray<{ labels: unknown }>).map(({ labels }) => labels)

describe("zag ps run --label", () => {
  it.live("gives labels by which list finds it, in the archive as well", () =>
    Effect.gen(function*() {
      const { entries, run } = yield* makeHome
      const given = ["--label", "team=red", "--label", "ticket=Z-1", "--label", "team=a=b, c"]
      assert.strictEqual((yield* run(["ps", "run", ...given, "--", "true"])).exitCode, 0)
      assert.strictEqual((yield* run(["ps", "run", "--label", "ticket=Z-2", "--", "true"])).exitCode, 0)
      const [first] = yield* entries
      const { stdout } = yield* run(["ps", "list", "--label", "team", "--label", "ticket=Z-1", "--json"])
      assert.deepStrictEqual(labels(stdout), [{ team: "a=b, c", ticket: "Z-1" }])
      assert.include((yield* run(["ps", "show", first!.id])).stdout, "\nLabels:      team=a=b, c, ticket=Z-1\n")
      assert.strictEqual((yield* run(["ps", "prune", "--keep", "0"])).exitCode, 0)
      assert.strictEqual((yield* run(["ps", "--label", "ticket=Z-1", "-q"])).stdout, "")
      const archived = yield* run(["ps", "--label", "ticket=Z-1", "--archived", "-q"])
      assert.strictEqual(archived.stdout, `${first!.id}\n`)
    }).pipe(Effect.scoped, Effect.provide(services)))

  it.live("does so in the background as well", () =>
    Effect.gen(function*() {
      const { entry, run } = yield* makeHome
      const ended = yield* run(["ps", "run", "--detach", "--label", "k=v", "--", "sleep", "300"])
      const { id, pid } = yield* entry(({ id }) => ended.stdout === `${id}\n`)
      yield* Effect.addFinalizer(() => endIfAlive(pid))
      const { stdout } = yield* run(["ps", "list", "--running", "--label", "k=v", "-q"])
      assert.strictEqual(stdout, `${id}\n`)
    }).pipe(Effect.scoped, Effect.provide(services)))

  it.effect.each<readonly [string, string]>([
    ["team", "Expected: KEY=VALUE"],
    ["=red", "Expected: a key that is not empty"],
    ["a b=c", "Expected: a key without whitespace and control characters"],
    [`${"k".repeat(64)}=v`, "Expected: a key of at most 63 characters"],
    [`k=${"v".repeat(254)}`, "Expected: a value of at most 253 characters"],
    ["k=a\nb", "Expected: a value without control characters"]
  ])("refuses %j, and starts nothing", ([label, expected]) =>
    Effect.gen(function*() {
      const { after, exitCode, stderr } = yield* runCli(["ps", "run", "--label", label, "--", "true"])
      assert.deepStrictEqual([exitCode, after], [2, null])
      assert.include(stderr, expected)
    }))
})
