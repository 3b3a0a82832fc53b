import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import recorded from "../../core/test/fixtures/recorded.json" with { type: "json" }
import { runCli } from "./runCli.ts"

// Runs of the real `zag`, recorded with the file they were given. No process of the entries exists.

type Case = (typeof recorded.cases)[number]

// `zag` takes whole ids only; here the beginning of one is enough.
const isPrefix = ({ args, file, stderr }: Case): boolean =>
  stderr.startsWith("Error: Process not found: ") && new RegExp(`"id": ?"${args.at(-1)}.`).test(file ?? "")

// For `zag` one bad entry makes the whole file unreadable; here it hides no other.
const isOneBadEntry = ({ stderr }: Case): boolean => stderr.includes("expected struct ProcessEntry")

// A table of another shape, and a result that is read before the process is looked at.
const isOther = ({ args, stdout }: Case): boolean => stdout.startsWith("ID  ") || args.includes("--file")

// What `zag` does not know of a process.
const inCommon = (stdout: string): string => stdout.replaceAll(/,"verified":(true|false)|"labels":{},/g, "")

// The same beginning; what follows is said in one line and in other words.
const beginning = (stderr: string): string => /^Error: (Failed to \w+ process store|.*)/.exec(stderr)![1]!

// `zag` has no errors in JSON.
const messageOf = (stderr: string, args: ReadonlyArray<string>): string =>
  args.includes("--json")
    ? (JSON.parse(stderr) as { error: { message: string } }).error.message
    : stderr.slice("Error: ".length)

const cases = recorded.cases.filter((one) => !isOther(one) && !isPrefix(one) && !isOneBadEntry(one))

describe("runs of the real zag", () => {
  it("leaves enough of them to compare", () => {
    assert.isAtLeast(cases.length, 50)
  })

  it.effect.each(cases.map((one, index) => ({ title: `${index}: ${one.args.join(" ")}`, one })))(
    "$title",
    ({ one: { args, env, file, rc, stderr, stdout } }) =>
      Effect.gen(function*() {
        const result = yield* runCli(args, { file, env: env as Record<string, string> })
        assert.strictEqual(result.exitCode, rc, result.stderr)
        assert.strictEqual(inCommon(result.stdout), stdout)
        assert.strictEqual(result.after, file)
        if (rc === 1) assert.isTrue(messageOf(result.stderr, args).startsWith(beginning(stderr)), result.stderr)
        if (rc === 0) assert.strictEqual(result.stderr, "")
      })
  )
})
