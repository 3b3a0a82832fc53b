import { assert, describe, it } from "@effect/vitest"
import { jsonKeys, ProcessEntry, ProcessEntryJson, promptExcerpt } from "@zag/core/ProcessEntry"
import { Effect, Result, Schema } from "effect"
import { entryOf } from "./entryOf.ts"

const keys = [
  "id",
  "pid",
  "session_id",
  "provider",
  "model",
  "command",
  "prompt",
  "started_at",
  "status",
  "exit_code",
  "exited_at",
  "root",
  "parent_process_id",
  "parent_session_id"
]

const optionalKeys = [
  "session_id",
  "prompt",
  "exit_code",
  "exited_at",
  "root",
  "parent_process_id",
  "parent_session_id"
]

const textKeys = keys.filter((key) => key !== "pid" && key !== "exit_code")

const minimal = {
  id: "a",
  pid: 1234,
  provider: "claude",
  model: "",
  command: "run",
  started_at: "2026-01-01T00:00:00Z",
  status: "running"
}

const JsonText = Schema.fromJsonString(Schema.Unknown)

const decode = Schema.decodeUnknownResult(ProcessEntryJson)
const encode = Schema.encodeEffect(ProcessEntryJson)

const fails = (change: Record<string, unknown>) => Result.isFailure(decode({ ...minimal, ...change }))

describe("ProcessEntryJson", () => {
  it.effect.prop(
    "gives back every entry that it was given",
    { entry: ProcessEntry },
    ({ entry }) =>
      Effect.gen(function*() {
        const json = yield* encode(entry)
        const text = yield* Schema.encodeEffect(JsonText)(json)
        const read = yield* Schema.decodeEffect(JsonText)(text)
        assert.deepStrictEqual(decode(read), Result.succeed(entry))
      }),
    { arbitrary: { runs: 300 } }
  )

  it.effect.prop(
    "writes all fourteen keys in the order of zag",
    { entry: ProcessEntry },
    ({ entry }) =>
      Effect.gen(function*() {
        assert.deepStrictEqual(Object.keys(yield* encode(entry)), keys)
      })
  )

  it("names a key of the file for every field, in one order", () => {
    assert.deepStrictEqual(Object.keys(jsonKeys), Object.keys(ProcessEntry.fields))
    assert.deepStrictEqual(Object.values(jsonKeys), keys)
  })

  it("reads absent optional keys as null", () => {
    assert.deepStrictEqual(
      decode(minimal),
      Result.succeed(entryOf({ id: "a", pid: 1234, model: "", startedAt: minimal.started_at }))
    )
  })

  it("reads an entry with every optional key null or absent as the same", () => {
    const nulls = Object.fromEntries(optionalKeys.map((key) => [key, null]))
    assert.deepStrictEqual(decode({ ...minimal, ...nulls }), decode(minimal))
  })

  it("ignores keys that it does not know", () => {
    assert.deepStrictEqual(decode({ ...minimal, boot_id: 1, PID: "x" }), decode(minimal))
  })

  it.each(Object.keys(minimal))("does not read an entry without %s", (key) => {
    assert.isTrue(
      Result.isFailure(decode(Object.fromEntries(Object.entries(minimal).filter(([name]) => name !== key))))
    )
  })

  it.each(Object.keys(minimal))("does not read null for %s", (key) => {
    assert.isTrue(fails({ [key]: null }))
  })

  it.each(textKeys)("does not read a number, or a text with a lone surrogate, for %s", (key) => {
    assert.isFalse(fails({ [key]: "\ud83d\ude00" }))
    assert.isTrue(fails({ [key]: 1 }))
    assert.isTrue(fails({ [key]: "\ud83d" }))
    assert.isTrue(fails({ [key]: "x\ude00x" }))
  })

  it.each([0, 1, 2_147_483_648, 4_294_967_295])("reads the pid %d", (pid) => {
    assert.deepStrictEqual(Result.map(decode({ ...minimal, pid }), (entry) => entry.pid), Result.succeed(pid))
  })

  it.each([-1, 4_294_967_296, 1.5, Number.NaN, Number.POSITIVE_INFINITY, "1", true, [1]])(
    "does not read %j as a pid",
    (pid) => {
      assert.isTrue(fails({ pid }))
    }
  )

  it.each([0, -15, 255, 2_147_483_647, -2_147_483_648])("reads the exit code %d", (exit_code) => {
    assert.deepStrictEqual(
      Result.map(decode({ ...minimal, exit_code }), (entry) => entry.exitCode),
      Result.succeed(exit_code)
    )
  })

  it.each([2_147_483_648, -2_147_483_649, 0.5, Number.NaN, "0", false])(
    "does not read %j as an exit code",
    (exit_code) => {
      assert.isTrue(fails({ exit_code }))
    }
  )

  it.each(["", "Running", "paused"])("keeps the status %j of another writer", (status) => {
    assert.deepStrictEqual(Result.map(decode({ ...minimal, status }), (entry) => entry.status), Result.succeed(status))
  })

  it.each([null, 1, "entry", [], [[]]])("does not read %j as an entry", (value) => {
    assert.isTrue(Result.isFailure(decode(value)))
  })
})

describe("ProcessEntry", () => {
  it.each([
    ["pid", { pid: -1 }],
    ["pid", { pid: 4_294_967_296 }],
    ["pid", { pid: 1.5 }],
    ["exit code", { exitCode: 2_147_483_648 }],
    ["id", { id: "\ud800" }],
    ["prompt", { prompt: "\udc00" }]
  ])("cannot be made with a %s that zag could not read: %j", (_name, fields) => {
    assert.throws(() => entryOf(fields))
  })
})

describe("promptExcerpt", () => {
  it("keeps a prompt of 100 code points whole", () => {
    assert.strictEqual(promptExcerpt("x".repeat(100)), "x".repeat(100))
    assert.strictEqual(promptExcerpt(""), "")
    assert.strictEqual(promptExcerpt("two\nlines"), "two\nlines")
  })

  it("counts code points, not UTF-16 units", () => {
    assert.strictEqual(promptExcerpt("😀".repeat(101)), "😀".repeat(100))
    assert.strictEqual(promptExcerpt("x".repeat(99) + "😀y"), "x".repeat(99) + "😀")
  })

  it("replaces lone surrogates and never makes one", () => {
    assert.strictEqual(promptExcerpt("\ud83dx\ude00"), "\ufffdx\ufffd")
    assert.strictEqual(promptExcerpt("x".repeat(99) + "\ud83d"), "x".repeat(99) + "\ufffd")
  })

  it.prop("gives well-formed text of at most 100 code points", {
    prompt: Schema.String,
    times: Schema.Literals([1, 90])
  }, ({
    prompt,
    times
  }) => {
    const excerpt = promptExcerpt(prompt.repeat(times))
    assert.isTrue(excerpt.isWellFormed())
    assert.isAtMost(Array.from(excerpt).length, 100)
    assert.isTrue(prompt.repeat(times).toWellFormed().startsWith(excerpt))
  })
})
