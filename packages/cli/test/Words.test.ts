import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Words from "../src/Words.ts"
import { runCli } from "./runCli.ts"

describe("withValuesApart", () => {
  it("takes a value apart that is written to its flag", () => {
    assert.deepStrictEqual(
      Words.withValuesApart(["ps", "-n5", "-pclaude", "-m--json", "-pa=b", "-sKILL"]),
      ["ps", "-n=5", "-p=claude", "-m=--json", "-p=a=b", "-s=KILL"]
    )
  })

  it("leaves alone what needs no change, and the words of another command", () => {
    const words = ["ps", "-n", "5", "-n=5", "-wq", "--limit", "-", "n5", "", "--", "-n5"]
    assert.deepStrictEqual(Words.withValuesApart(words), words)
  })
})

describe("zag ps", () => {
  it.effect.each(["list -n1", "list -pclaude", "list -msonnet", "audit -n1"])(
    "takes %s",
    (words) =>
      Effect.gen(function*() {
        const { exitCode, stderr } = yield* runCli(["ps", ...words.split(" ")])
        assert.strictEqual(exitCode, 0, stderr)
      })
  )

  it.effect("takes -sTERM, with the signal", () =>
    Effect.gen(function*() {
      const { exitCode, stderr } = yield* runCli(["ps", "kill", "none", "-sTERM"])
      assert.strictEqual(exitCode, 1)
      assert.include(stderr, "Process not found: none")
    }))
})
