import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { ProcessStore } from "@zag/core/ProcessStore"
import { type CleanedFiles, type CleanupOptions, SessionCleanup } from "@zag/core/SessionCleanup"
import { Effect, FileSystem, Logger } from "effect"
import { TestClock } from "effect/testing"
import { entryOf } from "./entryOf.ts"
import { write } from "./logOnDisk.ts"
import { logOf, onDisk, writeLog } from "./sessionsOnDisk.ts"

const now = Date.UTC(2026, 10, 25, 12)
const day = 86_400_000

const at = "2026-11-01T10:00:00+00:00"
const end = [at, "session_ended", { success: true, error: null }] as const

const clean = (options: CleanupOptions) => Effect.flatMap(SessionCleanup, (cleanup) => cleanup.clean(options))

/** Makes a file as old as that. */
const aged = (file: string, days: number) =>
  Effect.flatMap(FileSystem.FileSystem, (fs) => fs.utimes(file, (now - days * day) / 1000, (now - days * day) / 1000))

const names = (files: ReadonlyArray<string>) => files.map((file) => file.slice(file.lastIndexOf("/") + 1))

const namesOf = ({ lifecycleMarkers, sessionLogs, spawnLogs }: CleanedFiles) => ({
  markers: names(lifecycleMarkers),
  spawn: names(spawnLogs),
  logs: names(sessionLogs)
})

/** Each kind of file of these sessions, eight days old. */
const leave = Effect.fnUntraced(function*(directory: string, ...ids: ReadonlyArray<string>) {
  for (const id of ids) {
    const files = [`${directory}/events/${id}.started`, `${directory}/logs/spawn/${id}.log`]
    for (const file of files) yield* write(file, "{}")
    yield* writeLog(logOf(directory, id), end)
    for (const file of [...files, logOf(directory, id)]) yield* aged(file, 8)
  }
})

const of = (...ids: ReadonlyArray<string>) => ({
  markers: ids.map((id) => `${id}.started`),
  spawn: ids.map((id) => `${id}.log`),
  logs: ids.map((id) => `${id}.jsonl`)
})

const everything = { olderThan: "7 days" } as const

const home =
  (options: Parameters<typeof onDisk>[0] = {}) => <A, E, R>(use: (directory: string) => Effect.Effect<A, E, R>) =>
    onDisk(options)((directory) => Effect.andThen(TestClock.setTime(now), use(directory)))

layer(NodeServices.layer)("what ended sessions leave behind", (it) => {
  it.effect("is deleted", () =>
    home()((directory) =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        yield* leave(directory, "a", "b")
        assert.deepStrictEqual(namesOf(yield* clean(everything)), of("a", "b"))
        for (const place of ["events", "logs/spawn", "projects/repo/logs/sessions"]) {
          assert.deepStrictEqual(yield* fs.readDirectory(`${directory}/${place}`), [])
        }
        assert.deepStrictEqual(namesOf(yield* clean(everything)), of())
      })
    ))

  it.effect("is only shown in a dry run", () =>
    home()((directory) =>
      Effect.gen(function*() {
        yield* leave(directory, "a")
        assert.deepStrictEqual(namesOf(yield* clean({ ...everything, dryRun: true })), of("a"))
        assert.deepStrictEqual(namesOf(yield* clean(everything)), of("a"))
      })
    ))

  it.effect("stays when it is not old enough", () =>
    home()((directory) =>
      Effect.gen(function*() {
        yield* leave(directory, "a")
        assert.deepStrictEqual(namesOf(yield* clean({ olderThan: "9 days" })), of())
        assert.deepStrictEqual(namesOf(yield* clean({ olderThan: "8 days" })), of())
        assert.deepStrictEqual(namesOf(yield* clean({ olderThan: "-1 days" })), of())
        assert.deepStrictEqual(namesOf(yield* clean({ olderThan: Number.NaN })), of())
      })
    ))

  it.effect("may keep its logs", () =>
    home()((directory) =>
      Effect.gen(function*() {
        yield* leave(directory, "a")
        assert.deepStrictEqual(namesOf(yield* clean({ ...everything, keepLogs: true })), { ...of("a"), logs: [] })
      })
    ))

  it.effect("stays as long as a process of the session runs, or may run", () =>
    home({ processes: [{ pid: 1 }] })((directory) =>
      Effect.gen(function*() {
        yield* leave(directory, "dead", "ended", "runs", "strange", "twice")
        const store = yield* ProcessStore
        const add = (id: string, sessionId: string, pid: number, status = "running") =>
          store.add(entryOf({ id, sessionId, pid, status }))
        yield* add("1", "runs", 1)
        yield* add("2", "dead", 2)
        yield* add("3", "ended", 1, "exited")
        yield* add("4", "strange", 1, "paused")
        yield* add("5", "twice", 1)
        yield* add("6", "twice", 2, "killed")
        assert.deepStrictEqual(namesOf(yield* clean(everything)), of("dead", "ended"))
      })
    ))

  it.effect("stays when it is no regular file, or no ended log", () =>
    home()((directory) =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        yield* write(`${directory}/precious`, "")
        yield* aged(`${directory}/precious`, 30)
        yield* fs.makeDirectory(`${directory}/events/d`, { recursive: true })
        yield* fs.symlink("../precious", `${directory}/events/link`)
        yield* aged(`${directory}/events/d`, 30)
        const logs: ReadonlyArray<readonly [string, ReadonlyArray<readonly [string, string, object?]>]> = [
          ["open", [[at, "heartbeat"]]],
          ["resumed", [end, [at, "session_started"]]],
          ["empty", []]
        ]
        for (const [id, events] of logs) {
          yield* writeLog(logOf(directory, id), ...events)
          yield* aged(logOf(directory, id), 30)
        }
        const other = logOf(directory, "other").replace(".jsonl", ".txt")
        yield* writeLog(other, end)
        yield* aged(other, 30)
        assert.deepStrictEqual(namesOf(yield* clean(everything)), of())
      })
    ))

  it.effect("is found outside of projects, and in ZAG_USER_LOG_DIR", () =>
    Effect.flatMap(
      FileSystem.FileSystem,
      (fs) =>
        Effect.flatMap(fs.makeTempDirectoryScoped(), (logs) =>
          home({ env: { ZAG_USER_LOG_DIR: logs } })((directory) =>
            Effect.gen(function*() {
              const files = [`${directory}/logs/sessions/x.jsonl`, `${logs}/sessions/y.jsonl`, `${logs}/spawn/z.log`]
              for (const file of files) {
                yield* writeLog(file, end)
                yield* aged(file, 8)
              }
              assert.deepStrictEqual(namesOf(yield* clean(everything)), {
                markers: [],
                spawn: ["z.log"],
                logs: ["x.jsonl", "y.jsonl"]
              })
            })
          ))
    ))

  it.effect("stays as long as an entry cannot be read", () =>
    home()((directory) =>
      Effect.gen(function*() {
        yield* leave(directory, "a")
        yield* write(`${directory}/processes.json`, "{\"processes\":[{\"session_id\":\"a\"}]}")
        const { message } = yield* Effect.flip(clean(everything))
        assert.match(message, /^Nothing was deleted: 1 entry of the registry cannot be read/)
        assert.isTrue(yield* (yield* FileSystem.FileSystem).exists(logOf(directory, "a")))
      })
    ))

  it.effect("is not counted when it cannot be deleted, which is told", () =>
    Effect.suspend(() => {
      const told: Array<string> = []
      const logger = Logger.make(({ message }) => void told.push(String(message)))
      return home()((directory) =>
        Effect.gen(function*() {
          yield* leave(directory, "a")
          const fs = yield* FileSystem.FileSystem
          const refusing = FileSystem.FileSystem.of({
            ...fs,
            remove: (path) => fs.remove(`${path}/below`)
          })
          const found = yield* Effect.provide(clean({ ...everything, keepLogs: true }), SessionCleanup.layer, {
            local: true
          }).pipe(Effect.provideService(FileSystem.FileSystem, refusing))
          assert.deepStrictEqual(namesOf(found), of())
          assert.lengthOf(told, 2)
          assert.include(told[0], `Not deleted: ${directory}/events/a.started: `)
        })
      ).pipe(Effect.provide(Logger.layer([logger])))
    }))
})
