import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { SessionStore } from "@zag/core/SessionStore"
import { Effect, Option } from "effect"
import { write } from "./logOnDisk.ts"
import { onDisk, project, sessionOf, writeSessions } from "./sessionsOnDisk.ts"

const latest = (root: string | null) =>
  Effect.map(
    Effect.flatMap(SessionStore, (sessions) => sessions.latest(root)),
    (found) => Option.getOrNull(found)?.entry.sessionId ?? null
  )

layer(NodeServices.layer)("the latest session", (it) => {
  it.effect.each<readonly [what: string, ReadonlyArray<object>, string | null]>([
    ["the one that was created last, by instant", [
      sessionOf("a", { created_at: "2026-11-25T10:00:00Z" }),
      sessionOf("b", { created_at: "2026-11-25T10:30:00+01:00" })
    ], "a"],
    ["of two at once the one with the greater id", [sessionOf("b"), sessionOf("c"), sessionOf("a")], "c"],
    ["one with a time rather than one without", [sessionOf("a"), sessionOf("z", { created_at: "yesterday" })], "a"],
    ["one that can be read", [sessionOf("a"), { session_id: 42 }, { session_id: "no provider" }], "a"],
    ["none of none", [], null]
  ])("is %s", ([, sessions, expected]) =>
    onDisk()((directory) =>
      Effect.gen(function*() {
        yield* writeSessions(project(directory), sessions)
        assert.strictEqual(yield* latest("/repo"), expected)
      })
    ))

  it.effect("is that of the project, or of those that have none", () =>
    onDisk()((directory) =>
      Effect.gen(function*() {
        assert.isNull(yield* latest("/repo"))
        yield* writeSessions(directory, [sessionOf("nowhere")])
        yield* writeSessions(project(directory), [sessionOf("work")])
        assert.strictEqual(yield* latest(null), "nowhere")
        assert.strictEqual(yield* latest("/repo"), "work")
        assert.isNull(yield* latest("/other"))
      })
    ))

  it.effect("is not to be had of a file that cannot be read", () =>
    onDisk()((directory) =>
      Effect.gen(function*() {
        yield* write(`${project(directory)}/sessions.json`, "[]")
        assert.include((yield* Effect.flip(latest("/repo"))).message, `${project(directory)}/sessions.json`)
      })
    ))
})
