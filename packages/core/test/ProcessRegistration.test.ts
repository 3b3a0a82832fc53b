import { assert, describe, it } from "@effect/vitest"
import { ProcessEntry } from "@zag/core/ProcessEntry"
import { endingOf, ProcessRegistration, type RegisterOptions } from "@zag/core/ProcessRegistration"
import { ProcessStore } from "@zag/core/ProcessStore"
import { layer } from "@zag/core/testing"
import { ConfigProvider, Effect, Exit, Fiber, Latch, Scope } from "effect"
import { TestClock } from "effect/testing"

const inEnvironment = (env: Record<string, string>) =>
  Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromEnv({ env }))

const outside = inEnvironment({})

const register = (options: RegisterOptions) =>
  Effect.flatMap(ProcessRegistration, (registration) => registration.register(options))

const onlyEntry = Effect.gen(function*() {
  const { entries } = yield* (yield* ProcessStore).load
  assert.strictEqual(entries.length, 1)
  return entries[0]!
})

const provideAll = Effect.provide(layer())

describe("ProcessRegistration.register", () => {
  it.effect("enters this program as running", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(1_767_225_600_042)
      const { id } = yield* register({
        provider: "claude",
        model: "opus",
        command: "exec",
        prompt: "Fix the build",
        sessionId: "s1",
        sessionName: "name",
        root: "/repo"
      })
      assert.deepStrictEqual(
        yield* onlyEntry,
        new ProcessEntry({
          id,
          pid: 1000,
          sessionId: "s1",
          provider: "claude",
          model: "opus",
          command: "exec",
          prompt: "Fix the build",
          startedAt: "2026-01-01T00:00:00.042+00:00",
          status: "running",
          exitCode: null,
          exitedAt: null,
          root: "/repo",
          parentProcessId: null,
          parentSessionId: null
        })
      )
    }).pipe(provideAll, outside))

  it.effect("needs no more than a provider", () =>
    Effect.gen(function*() {
      yield* register({ provider: "codex" })
      const entry = yield* onlyEntry
      assert.deepInclude(entry, {
        provider: "codex",
        model: "",
        command: "run",
        prompt: null,
        sessionId: null,
        root: null
      })
    }).pipe(provideAll, outside))

  it.effect("gives every run a UUID v4 of its own", () =>
    Effect.gen(function*() {
      const runs = yield* Effect.forEach([1, 2, 3], () => register({ provider: "claude" }))
      for (const { id } of runs) {
        assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
      }
      assert.strictEqual(new Set(runs.map(({ id }) => id)).size, 3)
      const { entries } = yield* (yield* ProcessStore).load
      assert.deepStrictEqual(entries.map(({ id }) => id), runs.map(({ id }) => id))
    }).pipe(provideAll, outside))

  it.effect("names the process and session it was started in as its parents", () =>
    Effect.gen(function*() {
      yield* register({ provider: "claude" })
      assert.deepInclude(yield* onlyEntry, { parentProcessId: "outer-p", parentSessionId: "outer-s", sessionId: null })
    }).pipe(provideAll, inEnvironment({ ZAG_PROCESS_ID: "outer-p", ZAG_SESSION_ID: "outer-s" })))

  it.effect("takes an empty parent for none", () =>
    Effect.gen(function*() {
      yield* register({ provider: "claude" })
      assert.deepInclude(yield* onlyEntry, { parentProcessId: null, parentSessionId: "outer-s" })
    }).pipe(provideAll, inEnvironment({ ZAG_PROCESS_ID: "", ZAG_SESSION_ID: "outer-s" })))

  it.effect("keeps the beginning of a prompt, and only text that zag can read", () =>
    Effect.gen(function*() {
      yield* register({
        provider: "claude\ud800",
        model: "\udc00m",
        command: "c\ud800",
        prompt: "\ud83d" + "😀".repeat(200),
        sessionId: "s\ud800",
        root: "/r\ud800"
      })
      assert.deepInclude(yield* onlyEntry, {
        provider: "claude\ufffd",
        model: "\ufffdm",
        command: "c\ufffd",
        prompt: "\ufffd" + "😀".repeat(99),
        sessionId: "s\ufffd",
        root: "/r\ufffd"
      })
    }).pipe(provideAll, outside))

  it.effect("tells the agent what it is part of", () =>
    Effect.gen(function*() {
      const { environment, id } = yield* register({
        provider: "claude",
        model: "opus",
        sessionId: "s1",
        sessionName: "name",
        root: "/repo"
      })
      assert.deepStrictEqual({ ...environment }, {
        ZAG_SESSION_ID: "s1",
        ZAG_PROCESS_ID: id,
        ZAG_PROVIDER: "claude",
        ZAG_MODEL: "opus",
        ZAG_ROOT: "/repo",
        ZAG_SESSION_NAME: "name"
      })
    }).pipe(provideAll, outside))

  it.effect("hands nothing of an outer session on to the agent", () =>
    Effect.gen(function*() {
      const { environment, id } = yield* register({ provider: "claude" })
      assert.deepStrictEqual({ ...environment }, {
        ZAG_SESSION_ID: undefined,
        ZAG_PROCESS_ID: id,
        ZAG_PROVIDER: "claude",
        ZAG_MODEL: "",
        ZAG_ROOT: undefined,
        ZAG_SESSION_NAME: undefined
      })
    }).pipe(
      provideAll,
      inEnvironment({ ZAG_PROCESS_ID: "p", ZAG_SESSION_ID: "s", ZAG_ROOT: "/r", ZAG_SESSION_NAME: "n" })
    ))

  it.effect("points the entry at the process that was launched", () =>
    Effect.gen(function*() {
      const { attach } = yield* register({ provider: "claude" })
      yield* attach(4711)
      assert.deepInclude(yield* onlyEntry, { pid: 4711, status: "running" })
    }).pipe(provideAll, outside))
})

describe("the end of a registration", () => {
  it.effect("is recorded by finish, and not again by the scope", () =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const { finish } = yield* Scope.provide(register({ provider: "claude" }), scope)
      yield* TestClock.setTime(1000)
      yield* finish({ status: "killed", exitCode: 7 })
      const recorded = yield* onlyEntry
      assert.deepInclude(recorded, { status: "killed", exitCode: 7, exitedAt: "1970-01-01T00:00:01+00:00" })
      yield* TestClock.setTime(2000)
      yield* finish({ status: "exited", exitCode: 0 })
      yield* Scope.close(scope, Exit.void)
      assert.deepStrictEqual(yield* onlyEntry, recorded)
    }).pipe(provideAll, outside))

  it.effect("is exited with 0 when the scope succeeds", () =>
    Effect.gen(function*() {
      const during = yield* Effect.scoped(Effect.andThen(register({ provider: "claude" }), onlyEntry))
      assert.strictEqual(during.status, "running")
      assert.deepInclude(yield* onlyEntry, { status: "exited", exitCode: 0, exitedAt: "1970-01-01T00:00:00+00:00" })
    }).pipe(provideAll, outside))

  it.effect.each<readonly [string, Effect.Effect<never, string>]>([
    ["fails", Effect.fail("no")],
    ["dies", Effect.die("no")],
    ["is interrupted from inside", Effect.interrupt]
  ])("is killed with 1 when the scope %s", ([, end]) =>
    Effect.gen(function*() {
      yield* Effect.exit(Effect.scoped(Effect.andThen(register({ provider: "claude" }), end)))
      assert.deepInclude(yield* onlyEntry, { status: "killed", exitCode: 1 })
    }).pipe(provideAll, outside))

  it.effect("is killed with 1 when the program is interrupted", () =>
    Effect.gen(function*() {
      const registered = yield* Latch.make()
      const fiber = yield* register({ provider: "claude" }).pipe(
        Effect.andThen(registered.open),
        Effect.andThen(Effect.never),
        Effect.scoped,
        Effect.forkChild
      )
      yield* registered.await
      assert.deepInclude(yield* onlyEntry, { status: "running" })
      yield* Fiber.interrupt(fiber)
      assert.deepInclude(yield* onlyEntry, { status: "killed", exitCode: 1 })
    }).pipe(provideAll, outside))

  it.effect("does not undo a kill", () =>
    Effect.gen(function*() {
      yield* Effect.scoped(Effect.gen(function*() {
        const { id } = yield* register({ provider: "claude" })
        yield* (yield* ProcessStore).updateStatus(id, "killed", null)
      }))
      assert.deepInclude(yield* onlyEntry, { status: "killed" })
    }).pipe(provideAll, outside))

  it.effect("does not bring back an entry that was taken out", () =>
    Effect.gen(function*() {
      yield* Effect.scoped(Effect.gen(function*() {
        const { id } = yield* register({ provider: "claude" })
        assert.isTrue(yield* (yield* ProcessStore).remove(id))
      }))
      assert.deepStrictEqual((yield* (yield* ProcessStore).load).entries, [])
    }).pipe(provideAll, outside))

  it.each(
    [
      [{ code: 0, signal: null }, { status: "exited", exitCode: 0 }],
      [{ code: 1, signal: null }, { status: "killed", exitCode: 1 }],
      [{ code: 137, signal: null }, { status: "killed", exitCode: 137 }],
      [{ code: null, signal: "SIGKILL" }, { status: "killed", exitCode: 1 }],
      [{ code: 0, signal: "SIGTERM" }, { status: "killed", exitCode: 1 }],
      [{ code: null, signal: null }, { status: "killed", exitCode: 1 }],
      [{ code: 3_221_225_786, signal: null }, { status: "killed", exitCode: -1_073_741_510 }],
      [{ code: 4_294_967_295, signal: null }, { status: "killed", exitCode: -1 }]
    ] as const
  )("of an agent that ended with %j is %j", (exit, ending) => {
    assert.deepStrictEqual(endingOf(exit), ending)
  })
})
