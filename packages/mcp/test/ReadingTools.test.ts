import { assert, describe, it } from "@effect/vitest"
import { ProcessStore } from "@zag/core/ProcessStore"
import { Sidecar } from "@zag/core/Sidecar"
import * as Testing from "@zag/core/testing"
import { ProcessTable } from "@zag/core/testing"
import { Effect, Fiber, Layer, Schema } from "effect"
import { TestClock } from "effect/testing"
import { Progress, type Step } from "../src/Progress.ts"
import * as ReadingTools from "../src/ReadingTools.ts"
import * as Registry from "./Registry.ts"

const ids = (output: { readonly processes: ReadonlyArray<{ readonly id: string }> }) =>
  output.processes.map(({ id }) => id)

/** A page of the list, with the input of a client. */
const page = (input: unknown) =>
  Schema.decodeUnknownEffect(ReadingTools.listProcesses.input)(input).pipe(
    Effect.flatMap(ReadingTools.listProcesses.handler)
  )

const activityOf = (id: string) =>
  Effect.map(ReadingTools.getProcess.handler({ id }), ({ process }) => [process.activity, process.lastActivityAt])

const list = (input: unknown) => Effect.map(page(input), ids)

describe("list_processes", () => {
  it.effect("lists every process with its live status, newest first", () =>
    Effect.gen(function*() {
      const output = yield* ReadingTools.listProcesses.handler({ limit: 50 })
      assert.deepStrictEqual(output.processes.map(({ id, liveStatus }) => [id, liveStatus]), [
        ["aaaa-1", "running"],
        ["aaaa-2", "running"],
        ["bbbb-1", "running"],
        ["cccc-1", "exited"],
        ["dddd-1", "dead"]
      ])
      assert.deepStrictEqual(output.unreadableEntries, [])
    }).pipe(Effect.provide(Registry.layer)))

  it.effect("filters by every field, and counts the limit last", () =>
    Effect.gen(function*() {
      const { handler } = ReadingTools.listProcesses
      assert.deepStrictEqual(ids(yield* handler({ limit: 50, running: true })), ["aaaa-1", "aaaa-2", "bbbb-1"])
      assert.strictEqual(ids(yield* handler({ limit: 50, running: false })).length, 5)
      assert.deepStrictEqual(ids(yield* handler({ limit: 50, provider: "codex" })), ["aaaa-2"])
      assert.deepStrictEqual(ids(yield* handler({ limit: 50, children: "aaaa-1" })), ["aaaa-2"])
      assert.deepStrictEqual(ids(yield* handler({ limit: 2, provider: "claude" })), ["aaaa-1", "bbbb-1"])
    }).pipe(Effect.provide(Registry.layer)))

  it.effect("says of what cannot be read that it is in the archive", () =>
    Effect.gen(function*() {
      const { withLock } = yield* Sidecar
      yield* withLock((lock) => lock.archive([{ id: "broken", archivedAt: "2026-01-01T00:00:00Z", json: "{" }]))
      const output = yield* page({ archived: true })
      assert.strictEqual(ids(output).length, 5)
      assert.deepInclude(yield* Schema.encodeUnknownEffect(ReadingTools.listProcesses.output)(output), {
        unreadable_entries: [{ index: 0, problem: "Expected object", archived: true }]
      })
      assert.deepStrictEqual((yield* page({})).unreadableEntries, [])
    }).pipe(Effect.provide(Registry.layer)))

  it.effect("finds those that have had nothing to say for so long", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(Date.UTC(2026, 0, 1, 12))
      const store = yield* ProcessStore
      const add = (id: string, pid: number) => store.add(Registry.entry({ id, pid, sessionId: id }))
      yield* add("silent", 1)
      yield* add("busy", 2)
      assert.deepStrictEqual(yield* list({ idle: "10m" }), ["silent"])
      assert.deepStrictEqual(yield* list({ idle: "11m" }), [])
      assert.deepStrictEqual(yield* list({ idle: "0s", provider: "claude" }), ["silent", "busy"])
      assert.include(String(yield* Effect.flip(list({ idle: "soon" }))), "a duration such as 12h or 7d")
      // The second page counts back from the first.
      const first = yield* page({ idle: "0s", limit: 1 })
      yield* TestClock.adjust("1 minute")
      const second = yield* page({ idle: "0s", limit: 1, cursor: first.nextCursor })
      assert.deepStrictEqual([ids(first), ids(second)], [["silent"], ["busy"]])

      assert.deepStrictEqual(yield* activityOf("silent"), ["idle", "2026-01-01T11:50:00Z"])
      yield* add("other", 1)
      assert.deepStrictEqual(yield* activityOf("other"), ["unknown", null])
      yield* store.updateStatus("other", "exited", 0)
      assert.deepStrictEqual(yield* activityOf("other"), [undefined, undefined])
    }).pipe(Effect.provide(Testing.layer([{ pid: 1 }, { pid: 2 }], {
      summaries: {
        silent: { lastEventAt: "2026-01-01T11:50:00Z" },
        busy: { lastEventAt: "2026-01-01T11:59:59Z" }
      }
    }))))

  it.effect("takes one value of a filter, or a list of which one must match", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* list({ status: "exited" }), ["cccc-1"])
      assert.deepStrictEqual(yield* list({ status: ["exited", "dead"] }), ["cccc-1", "dddd-1"])
      assert.deepStrictEqual(yield* list({ provider: ["codex", "~gem"] }), ["aaaa-2"])
      assert.deepStrictEqual(yield* list({ provider: ["~c"], status: "running", limit: 2 }), ["aaaa-1", "aaaa-2"])
      assert.deepStrictEqual(yield* list({ since: "2026-01-01T00:00:04Z" }), ["aaaa-1", "aaaa-2"])
      assert.deepStrictEqual(yield* list({ until: "2026-01-01T00:00:02Z" }), ["cccc-1", "dddd-1"])
      assert.deepStrictEqual(yield* list({ root_within: "/nowhere" }), [])
      assert.deepStrictEqual(yield* list({ label: ["team=a", "b"] }), [])
    }).pipe(Effect.provide(Registry.layer)))

  it.effect.each<readonly [object, RegExp]>([
    [{ status: "gone" }, /running/],
    [{ since: "yesterday" }, /RFC 3339/],
    [{ until: "2w" }, /a duration such as 2h or 7d/],
    [{ sort: "size" }, /FIELD:desc, with one of the fields started,/],
    [{ sort: "cpu:down" }, /FIELD:desc/],
    [{ children: "" }, /at least 1/],
    [{ children: "x".repeat(1001) }, /at most 1000 characters/],
    [{ cursor: "x".repeat(100_001) }, /at most 100000 characters/],
    [{ root: "here" }, /absolute path/],
    [{ provider: "x".repeat(1001) }, /at most 1000 characters/],
    [{ model: Array.from({ length: 51 }, () => "x") }, /at most 50 values/]
  ])("refuses %j", ([input, message]) =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Schema.decodeUnknownEffect(ReadingTools.listProcesses.input)(input))
      assert.match(String(error), message)
    }))

  it.effect("takes self for the session it runs in", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(ids(yield* ReadingTools.listProcesses.handler({ limit: 50, children: "self" })), [
        "aaaa-2"
      ])
    }).pipe(Registry.inSession("aaaa-1"), Effect.provide(Registry.layer)))

  it.effect("lists fifty when no limit is given", () =>
    Effect.gen(function*() {
      const input = yield* Schema.decodeEffect(ReadingTools.listProcesses.input)({})
      assert.deepStrictEqual(input, { limit: 50 })
    }))

  it.effect("counts durations back from now, and says how old each is", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(Date.parse("2026-01-01T01:00:05Z"))
      assert.deepStrictEqual(yield* list({ since: "1h2s" }), ["aaaa-1", "aaaa-2", "bbbb-1"])
      const { processes } = yield* page({ until: "60m4s" })
      assert.deepStrictEqual(processes.map(({ ageSeconds, id }) => [id, ageSeconds]), [["dddd-1", 3604]])
    }).pipe(Effect.provide(Registry.layer)))

  it.effect("sorts, and tells what those that run use when that is asked for", () =>
    Effect.gen(function*() {
      const used = { cpuPercent: 7, residentBytes: 1024, elapsedMillis: 1 }
      yield* (yield* ProcessTable).set({ pid: 2002, usage: used })
      assert.notProperty((yield* page({ limit: 1 })).processes[0], "cpuPercent")
      const { processes } = yield* page({ sort: "pid:desc", usage: true, limit: 4 })
      assert.deepStrictEqual(processes.map(({ cpuPercent, id, residentBytes }) => [id, cpuPercent, residentBytes]), [
        ["dddd-1", null, null],
        ["cccc-1", null, null],
        ["bbbb-1", null, null],
        ["aaaa-2", 7, 1024]
      ])
    }).pipe(Effect.provide(Registry.layer)))
})

/** Up to so many. */
const small = (maximum: number) => Schema.Int.check(Schema.isBetween({ minimum: 0, maximum }))

// Few of each, so that many are equal; the last time is none.
const Given = Schema.Struct({ second: small(4), provider: Schema.Literals(["a", "b", ""]) })

describe("pages of list_processes", () => {
  it.effect("follow each other by next_cursor, which the last one has not", () =>
    Effect.gen(function*() {
      const first = yield* page({ limit: 2 })
      assert.deepStrictEqual(ids(first), ["aaaa-1", "aaaa-2"])
      const second = yield* page({ limit: 3, cursor: first.nextCursor })
      assert.deepStrictEqual(ids(second), ["bbbb-1", "cccc-1", "dddd-1"])
      assert.notProperty(second, "nextCursor")
    }).pipe(Effect.provide(Registry.layer)))

  it.effect("are of the time of the first one, where a filter is a duration", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(Date.parse("2026-01-01T00:01:01Z"))
      const { nextCursor: cursor } = yield* page({ since: "1m", limit: 2 })
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual(yield* list({ since: "1m", cursor }), ["bbbb-1", "cccc-1", "dddd-1"])
    }).pipe(Effect.provide(Registry.layer)))

  it.effect.each<readonly [string, (cursor: string) => object, RegExp]>([
    ["no cursor", () => ({ cursor: "2" }), /not one that list_processes has answered/],
    ["an empty one", () => ({ cursor: "" }), /not one that/],
    ["a cut one", (cursor) => ({ cursor: cursor.slice(0, -4) }), /not one that/],
    ["one of something else", () => ({ cursor: btoa("{}") }), /not one that/],
    ["other filters", (cursor) => ({ cursor, running: true }), /other filters or another order/],
    ["another order", (cursor) => ({ cursor, sort: "pid" }), /other filters or another order/]
  ])("refuse %s", ([, input, message]) =>
    Effect.gen(function*() {
      const { nextCursor } = yield* page({ limit: 2 })
      const error = yield* Effect.flip(page(input(nextCursor!)))
      assert.strictEqual(error._tag, "InvalidCursor")
      assert.match(error.message, message)
    }).pipe(Effect.provide(Registry.layer)))

  it.effect.each(["status", "exited", "cpu", "mem:asc", "started:asc", "model", "command:desc"])(
    "together are the list, in the order %s",
    (sort) =>
      Effect.gen(function*() {
        for (const [pid, cpuPercent] of [[2001, 3], [2002, 9]] as const) {
          const usage = { cpuPercent, residentBytes: 10 - cpuPercent, elapsedMillis: 1 }
          yield* (yield* ProcessTable).set({ pid, usage })
        }
        const all = yield* list({ sort })
        for (const limit of [1, 2, 3]) {
          assert.deepStrictEqual((yield* pages({ sort, limit })).flat(), all)
        }
      }).pipe(Effect.provide(Registry.layer))
  )

  /** All pages, with something happening between them. */
  const pages = Effect.fnUntraced(function*<E = never, R = never>(
    input: object,
    between: (page: number) => Effect.Effect<void, E, R> = () => Effect.void
  ) {
    const found: Array<ReadonlyArray<string>> = []
    let cursor: string | undefined
    do {
      if (cursor !== undefined) yield* between(found.length - 1)
      const output = yield* page({ ...input, ...(cursor === undefined ? {} : { cursor }) })
      found.push(ids(output))
      cursor = output.nextCursor
    } while (cursor !== undefined)
    return found
  })

  it.effect.prop("show each process that is there all along once, whatever comes and goes meanwhile", {
    given: Schema.Array(Given).check(Schema.isMaxLength(12)),
    limit: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 4 })),
    sort: Schema.UndefinedOr(Schema.Literals(["started:asc", "provider", "provider:desc", "pid:desc"])),
    changes: Schema.Array(
      Schema.Struct({ added: Schema.Array(Given).check(Schema.isMaxLength(3)), removed: small(15) })
    ).check(Schema.isMaxLength(6))
  }, ({ changes, given, limit, sort }) =>
    Effect.gen(function*() {
      const store = yield* ProcessStore
      const there: Array<string> = []
      const removed = new Set<string>()
      const add = Effect.fnUntraced(function*({ provider, second }: typeof Given.Type) {
        // In no order, as real ids are.
        const id = `${(there.length * 7) % 19}-${there.length}`
        const startedAt = second === 4 ? "?" : `2026-01-01T00:00:0${second}+00:00`
        yield* store.add(Registry.entry({ id, pid: 3000 + there.length % 3, provider, startedAt, status: "exited" }))
        there.push(id)
      })
      yield* Effect.forEach(given, add, { discard: true })
      const first = Array.from(there)
      const seen = (yield* pages({ limit, ...(sort === undefined ? {} : { sort }) }, (number) =>
        Effect.gen(function*() {
          const change = changes[number]
          if (change === undefined) return
          const id = there[change.removed]
          if (id !== undefined) {
            removed.add(id)
            yield* store.remove(id)
          }
          yield* Effect.forEach(change.added, add, { discard: true })
        }))).flat()
      assert.lengthOf(new Set(seen), seen.length)
      const missed = first.filter((id) => !removed.has(id) && !seen.includes(id))
      assert.deepStrictEqual(missed, [])
    }).pipe(Effect.provide(Layer.fresh(Testing.layer([])))))
})

const tree = (input: { readonly id?: string }) =>
  Effect.flatMap(
    ReadingTools.processTree.handler(input),
    Schema.encodeEffect(ReadingTools.processTree.output)
  )

describe("process_tree", () => {
  it.effect("nests what was started below what started it, and counts nothing left out", () =>
    Effect.gen(function*() {
      yield* (yield* ProcessTable).set({ pid: 3001, parent: 2002, command: "npm test" })
      yield* (yield* ProcessTable).set({ pid: 3002, parent: 3001, command: "node" })
      const child = {
        id: "aaaa-2",
        provider: "codex",
        prompt: null,
        live_status: "running" as const,
        age_seconds: 0,
        processes: [{ pid: 3001, command: "npm test" }, { pid: 3002, command: "node" }],
        children: []
      }
      assert.deepStrictEqual(yield* tree({ id: "aaaa-2" }), { trees: [child], omitted: 0, unreadable_entries: [] })
      const { trees } = yield* tree({})
      assert.deepStrictEqual(trees.map(({ id }) => id), ["aaaa-1", "bbbb-1", "cccc-1", "dddd-1"])
      assert.deepStrictEqual(trees[0]?.children, [child])
    }).pipe(Effect.provide(Registry.layer)))

  it.effect("fails for what is not registered", () =>
    Effect.gen(function*() {
      assert.include((yield* Effect.flip(tree({ id: "zzzz" }))).message, "not found: zzzz")
    }).pipe(Effect.provide(Registry.layer)))
})

describe("get_process", () => {
  it.effect("takes an id, a unique beginning of one, or self", () =>
    Effect.gen(function*() {
      for (const id of ["dddd-1", "dd", "self"]) {
        const { process } = yield* ReadingTools.getProcess.handler({ id })
        assert.deepStrictEqual([process.id, process.status, process.liveStatus], ["dddd-1", "running", "dead"])
        assert.notProperty(process, "cpuPercent")
      }
    }).pipe(Registry.inSession("dddd-1"), Effect.provide(Registry.layer)))

  it.effect("tells what it uses when that is asked for, null where that cannot be known", () =>
    Effect.gen(function*() {
      const usage = { cpuPercent: 7, residentBytes: 1024, elapsedMillis: 1 }
      yield* (yield* ProcessTable).set({ pid: 2002, usage })
      const { handler } = ReadingTools.getProcess
      const { process } = yield* handler({ id: "aaaa-2", usage: true })
      assert.deepInclude(process, { cpuPercent: 7, residentBytes: 1024 })
      const { process: ended } = yield* handler({ id: "cccc-1", usage: true })
      assert.deepInclude(ended, { cpuPercent: null, residentBytes: null })
    }).pipe(Effect.provide(Registry.layer)))
})

describe("wait_process", () => {
  const { handler } = ReadingTools.waitProcess

  it.effect("says how a process has ended", () =>
    Effect.gen(function*() {
      assert.deepInclude(yield* handler({ id: "cccc", timeoutSeconds: 50 }), {
        id: "cccc-1",
        liveStatus: "exited",
        hasEnded: true,
        exitCode: 0
      })
    }).pipe(Effect.provide(Registry.layer)))

  it.effect("says that it runs still when the time is up", () =>
    Effect.gen(function*() {
      const waiting = yield* Effect.forkChild(handler({ id: "aaaa-1", timeoutSeconds: 50 }), { startImmediately: true })
      yield* TestClock.adjust("49 seconds")
      assert.isUndefined(waiting.pollUnsafe())
      yield* TestClock.adjust("1 second")
      assert.deepInclude(yield* Fiber.join(waiting), { liveStatus: "running", hasEnded: false, exitCode: null })
    }).pipe(Effect.provide(Registry.layer)))

  it.effect("tells every ten seconds that it waits, until it does not", () =>
    Effect.gen(function*() {
      const told: Array<Step> = []
      const waiting = yield* handler({ id: "aaaa-1", timeoutSeconds: 35 }).pipe(
        Effect.provideService(Progress, (step) => Effect.sync(() => void told.push(step))),
        Effect.forkChild({ startImmediately: true })
      )
      yield* TestClock.adjust("9 seconds")
      assert.deepStrictEqual(told, [])
      yield* TestClock.adjust("11 seconds")
      assert.deepStrictEqual(told, [
        { done: 10, total: 35, message: "aaaa-1 has not ended after 10 seconds" },
        { done: 20, total: 35, message: "aaaa-1 has not ended after 20 seconds" }
      ])
      yield* (yield* ProcessStore).updateStatus("aaaa-1", "exited", 3)
      yield* TestClock.adjust("1 minute")
      assert.deepInclude(yield* Fiber.join(waiting), { liveStatus: "exited", hasEnded: true, exitCode: 3 })
      assert.lengthOf(told, 2)
    }).pipe(Effect.provide(Registry.layer)))

  it.effect("waits fifty seconds when nothing else is said", () =>
    Effect.gen(function*() {
      const input = yield* Schema.decodeEffect(ReadingTools.waitProcess.input)({ id: "a" })
      assert.deepStrictEqual(input, { id: "a", timeoutSeconds: 50 })
    }))
})

describe("failures", () => {
  it.effect("are typed, so that a program can tell them apart", () =>
    Effect.gen(function*() {
      const reason = yield* ReadingTools.getProcess.handler({ id: "zzzz" }).pipe(
        Effect.catchReason("ProcessControlError", "ProcessNotFound", (reason) => Effect.succeed(reason._tag))
      )
      assert.strictEqual(reason, "ProcessNotFound")
    }).pipe(Effect.provide(Registry.layer)))
})

describe("whoami", () => {
  it.effect("names the own session and those that started it", () =>
    Effect.gen(function*() {
      const { parents, process } = yield* ReadingTools.whoami.handler({})
      assert.deepInclude(process, { id: "aaaa-2", provider: "codex", liveStatus: "running", ageSeconds: 0 })
      assert.deepStrictEqual(parents, [{ id: "aaaa-1", provider: "claude" }])
    }).pipe(Registry.inSession("aaaa-2"), Effect.provide(Registry.layer)))

  it.effect("says that there is none", () =>
    Effect.gen(function*() {
      assert.include((yield* Effect.flip(ReadingTools.whoami.handler({}))).message, "ZAG_PROCESS_ID is not set")
    }).pipe(Registry.inSession(undefined), Effect.provide(Registry.layer)))
})
