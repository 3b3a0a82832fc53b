import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { type SessionHandle, SessionStore } from "@zag/core/SessionStore"
import { ZagHome } from "@zag/core/ZagHome"
import { Effect, FileSystem, Layer } from "effect"
import { impostors } from "./impostors.ts"
import { found, json, sessionOf, writeSessions } from "./sessions.ts"
import { makeHome } from "./storeOnDisk.ts"

const find = (directory: string, handle: Partial<SessionHandle> = {}) =>
  Effect.flatMap(SessionStore, (store) => store.find({ sessionId: "s1", root: null, ...handle })).pipe(
    Effect.provide(SessionStore.layer.pipe(Layer.provide(ZagHome.layerAt(directory))))
  )

const failure = (directory: string, handle?: Partial<SessionHandle>) =>
  Effect.map(Effect.flip(find(directory, handle)), ({ reason }) => reason)

const home = Effect.map(makeHome(), ({ directory }) => directory)

const root = "/home/u/p"

const projectOf = (directory: string) => `${directory}/projects/home-u-p`

layer(NodeServices.layer)("SessionStore", (it) => {
  it.effect("finds a session in the project of its root, with all that is needed of it", () =>
    Effect.gen(function*() {
      const directory = yield* home
      const fields = {
        provider_session_id: "native-1",
        log_path: "/logs/it.jsonl",
        exit: { hint: "the answer", json_mode: true, schema: { type: "object" } }
      }
      yield* writeSessions(projectOf(directory), sessionOf({ session_id: "other" }), sessionOf(fields))
      assert.deepStrictEqual(yield* find(directory, { root }), found(fields, projectOf(directory)))
    }))

  it.effect("needs nothing of an entry but who it is", () =>
    Effect.gen(function*() {
      const directory = yield* home
      yield* writeSessions(projectOf(directory), { session_id: "s1", provider: "codex", exit: {}, more: [1] })
      const { entry } = yield* find(directory, { root })
      assert.deepInclude({ ...entry }, { sessionId: "s1", provider: "codex", providerSessionId: null, logPath: null })
      assert.deepStrictEqual({ ...entry.exit }, { hint: null, jsonMode: false, schema: null })
    }))

  it.effect.each<readonly [name: string, root: string | null, place: string]>([
    ["of no project, when its entry names another directory", "/tmp/spawned", "."],
    ["of no project, when its entry names none", null, "."],
    ["of any project, when its entry names none", null, "projects/anywhere"],
    ["of another project than its entry names", "/repo/below", "projects/repo"],
    ["of the root directory, when its entry names none", null, "projects"]
  ])("finds a session %s", ([, root, place]) =>
    Effect.gen(function*() {
      const directory = yield* home
      yield* writeSessions(`${directory}/projects/unrelated`, sessionOf({ session_id: "other" }))
      yield* writeSessions(`${directory}/${place}`, sessionOf())
      const { entry } = yield* find(directory, { root })
      assert.strictEqual(entry.sessionId, "s1")
    }))

  it.effect.each<readonly [root: string, place: string]>([
    ["/home/u/p", "projects/home-u-p"],
    ["/", "projects"],
    ["//home/u/p", "projects/home-u-p"],
    ["/repo/", "projects/repo-"],
    ["/a-b/c", "projects/a-b-c"]
  ])("knows the directory of the project %s as zag does", ([root, place]) =>
    Effect.gen(function*() {
      const directory = yield* home
      yield* writeSessions(`${directory}/projects/unrelated`, sessionOf())
      yield* writeSessions(`${directory}/${place}`, sessionOf({ provider: "its own" }))
      assert.strictEqual((yield* find(directory, { root })).entry.provider, "its own")
    }))

  it.effect("finds a session by the index where no directory has it", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const directory = yield* home
      const elsewhere = yield* fs.makeTempDirectoryScoped()
      yield* writeSessions(elsewhere, sessionOf())
      const sessions = [{ session_id: "s1", log_path: `${elsewhere}/logs/sessions/s1.jsonl` }]
      yield* fs.writeFileString(`${directory}/sessions_index.json`, json({ sessions }))
      assert.strictEqual((yield* find(directory)).projectDirectory, elsewhere)
    }))

  it.effect("looks for the id of zag everywhere before that of the agent", () =>
    Effect.gen(function*() {
      const directory = yield* home
      yield* writeSessions(projectOf(directory), sessionOf({ session_id: "other", provider_session_id: "s1" }))
      assert.strictEqual((yield* find(directory, { root })).entry.sessionId, "other")
      yield* writeSessions(`${directory}/projects/x`, sessionOf())
      assert.strictEqual((yield* find(directory, { root })).entry.sessionId, "s1")
    }))

  it.effect("takes the first of its project, as zag does", () =>
    Effect.gen(function*() {
      const directory = yield* home
      yield* writeSessions(projectOf(directory), sessionOf({ provider: "first" }), sessionOf({ provider: "second" }))
      assert.strictEqual((yield* find(directory, { root })).entry.provider, "first")
    }))

  it.effect("takes none of two projects for the other, unless its entry says which", () =>
    Effect.gen(function*() {
      const directory = yield* home
      yield* writeSessions(projectOf(directory), sessionOf({ provider: "right" }))
      yield* writeSessions(`${directory}/projects/x`, sessionOf())
      const reason = yield* failure(directory)
      if (reason._tag !== "SessionAmbiguous") return assert.fail(reason._tag)
      assert.sameMembers([...reason.files], [
        `${projectOf(directory)}/sessions.json`,
        `${directory}/projects/x/sessions.json`
      ])
      assert.match(reason.message, /^several sessions have the id s1, in .+ and .+$/)
      assert.strictEqual((yield* find(directory, { root })).entry.provider, "right")
    }))

  it.effect("takes two entries that write one log for one, and one file under two names", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const directory = yield* home
      yield* writeSessions(`${directory}/projects/x`, sessionOf({ log_path: "/logs/one" }))
      yield* writeSessions(`${directory}/projects/y`, sessionOf({ log_path: "/logs/one" }))
      yield* fs.symlink(`${directory}/projects/x`, `${directory}/projects/z`)
      assert.strictEqual((yield* find(directory)).entry.logPath, "/logs/one")
    }))

  it.effect("says that no file has it, in a home without any as well", () =>
    Effect.gen(function*() {
      const directory = yield* home
      const reason = yield* failure(directory, { root })
      assert.strictEqual(reason._tag, "SessionMissing")
      assert.strictEqual(reason.message, `no sessions.json below ${directory} has the session s1`)
      yield* writeSessions(projectOf(directory), sessionOf({ session_id: "S1" }))
      assert.strictEqual((yield* failure(directory, { root }))._tag, "SessionMissing")
    }))

  it.effect.each<readonly [content: string, problem: string]>([
    ["", "Unexpected end of JSON input"],
    ["{\"sessions\":[", "JSON"],
    ["[]", "it has no array under the key sessions"],
    ["{\"sessions\":{}}", "it has no array under the key sessions"],
    ["null", "it has no array under the key sessions"],
    [`{"sessions":[{"session_id":"s1","provider":7}]}`, "Expected string"],
    [`{"sessions":[{"session_id":"s1","provider":"x","exit":"x"}]}`, "exit"]
  ])("says what is wrong with %j", ([content, problem]) =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const directory = yield* home
      yield* writeSessions(projectOf(directory))
      yield* fs.writeFileString(`${projectOf(directory)}/sessions.json`, content)
      const reason = yield* failure(directory, { root })
      assert.strictEqual(reason._tag, "SessionUnreadable")
      assert.include(reason.message, `${projectOf(directory)}/sessions.json: `)
      assert.include(reason.message, problem)
    }))

  it.effect.each(impostors)(
    "waits for no $name in the place of the file",
    ({ problem, put }) =>
      Effect.gen(function*() {
        const directory = yield* home
        yield* writeSessions(projectOf(directory))
        yield* put(`${projectOf(directory)}/sessions.json`)
        const reason = yield* failure(directory, { root })
        assert.strictEqual(reason._tag, "SessionUnreadable")
        assert.include(reason.message, `${projectOf(directory)}/sessions.json: `)
        assert.match(reason.message, problem)
      })
  )

  it.effect("reads no file that is larger than any of sessions, nor one line of such a length", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const directory = yield* home
      yield* writeSessions(projectOf(directory))
      yield* fs.truncate(`${projectOf(directory)}/sessions.json`, 2 ** 40)
      const reason = yield* failure(directory, { root })
      assert.match(reason.message, /it is longer than \d+ bytes$/)
    }))

  it.effect("ignores what is wrong with others", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const directory = yield* home
      yield* writeSessions(`${directory}/projects/broken`)
      yield* fs.writeFileString(`${directory}/projects/broken/sessions.json`, "{")
      yield* fs.writeFileString(`${directory}/projects/file`, "{")
      yield* fs.writeFileString(
        `${directory}/sessions.json`,
        `{"sessions":[7,null,{"session_id":8},${json(sessionOf())}]}`
      )
      assert.strictEqual((yield* find(directory)).entry.sessionId, "s1")
    }))
})
