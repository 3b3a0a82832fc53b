/**
 * The services of sessions on real files, over a process table that the test
 * writes.
 */
import * as JsonSchemas from "@zag/core/ajv"
import { ProcessControl } from "@zag/core/ProcessControl"
import { SessionCleanup } from "@zag/core/SessionCleanup"
import { SessionControl } from "@zag/core/SessionControl"
import { SessionEvents } from "@zag/core/SessionEvents"
import { SessionLog } from "@zag/core/SessionLog"
import { SessionStore } from "@zag/core/SessionStore"
import { Sidecar } from "@zag/core/Sidecar"
import { layerOsProcess, type TestProcess } from "@zag/core/testing"
import { ZagHome } from "@zag/core/ZagHome"
import { Effect, Layer } from "effect"
import { inEnvironment } from "./givenProcesses.ts"
import { eventOf, write } from "./logOnDisk.ts"
import { layerStore, makeHome } from "./storeOnDisk.ts"

/** Where `zag` keeps what belongs to the project `/repo`. */
export const project = (directory: string) => `${directory}/projects/repo`

/** Where the log of a session of `/repo` is. */
export const logOf = (directory: string, sessionId: string) => `${project(directory)}/logs/sessions/${sessionId}.jsonl`

/** An entry of `sessions.json`. */
export const sessionOf = (sessionId: string, fields: object = {}) => ({
  session_id: sessionId,
  provider: "claude",
  model: "opus",
  worktree_path: "/repo",
  worktree_name: "",
  created_at: "2026-11-25T08:00:00+00:00",
  ...fields
})

/** Writes the sessions of a project. */
export const writeSessions = (directory: string, sessions: ReadonlyArray<object>) =>
  write(`${directory}/sessions.json`, JSON.stringify({ sessions }))

/** Writes a log with these events: each a type, or a type with fields. */
export const writeLog = (
  file: string,
  ...events: ReadonlyArray<readonly [ts: string, type: string, fields?: object]>
) => write(file, events.map(([ts, type, fields], index) => eventOf(index + 1, ts, type, fields)).join(""))

/** Runs in a home of its own, with these processes. */
export const onDisk =
  (options: { readonly processes?: ReadonlyArray<TestProcess>; readonly env?: Record<string, string> } = {}) =>
  <A, E, R>(use: (directory: string) => Effect.Effect<A, E, R>) =>
    Effect.gen(function*() {
      const { directory } = yield* makeHome()
      const services = Layer.mergeAll(SessionControl.layer, SessionCleanup.layer).pipe(
        Layer.provideMerge(ProcessControl.layer),
        Layer.provideMerge(Layer.merge(SessionEvents.layer, JsonSchemas.layer)),
        Layer.provideMerge(Layer.merge(SessionStore.layer, SessionLog.layer)),
        Layer.provideMerge(layerStore(directory)),
        Layer.provideMerge(Sidecar.layerSqlite),
        Layer.provideMerge(Layer.mergeAll(layerOsProcess(options.processes), ZagHome.layerAt(directory)))
      )
      return yield* use(directory).pipe(
        Effect.provide(services, { local: true }),
        inEnvironment(options.env ?? {})
      )
    })
