/**
 * A registry of five agents in memory, over a process table in which three of
 * them are there.
 */
import { ProcessControl } from "@zag/core/ProcessControl"
import { ProcessEntry } from "@zag/core/ProcessEntry"
import { ProcessStore } from "@zag/core/ProcessStore"
import { Sidecar } from "@zag/core/Sidecar"
import * as Testing from "@zag/core/testing"
import { ConfigProvider, Context, Deferred, Effect, Layer, Ref } from "effect"
import { Updates } from "../src/Updates.ts"

export const entry = (fields: Partial<ProcessEntry> & Pick<ProcessEntry, "id" | "pid">): ProcessEntry =>
  new ProcessEntry({
    sessionId: null,
    provider: "claude",
    model: "",
    command: "run",
    prompt: null,
    startedAt: "2026-01-01T00:00:00+00:00",
    status: "running",
    exitCode: null,
    exitedAt: null,
    root: null,
    parentProcessId: null,
    parentSessionId: null,
    ...fields
  })

/** An agent that heeds every signal. */
export const obedient = entry({ id: "aaaa-1", pid: 2001, startedAt: "2026-01-01T00:00:05+00:00" })

/** A child of `obedient` that only SIGKILL ends. */
export const stubborn = entry({
  id: "aaaa-2",
  pid: 2002,
  provider: "codex",
  startedAt: "2026-01-01T00:00:04+00:00",
  parentProcessId: obedient.id
})

/** An agent of another user. */
export const foreign = entry({ id: "bbbb-1", pid: 2003, startedAt: "2026-01-01T00:00:03+00:00" })

/** An agent whose end was recorded. */
export const finished = entry({
  id: "cccc-1",
  pid: 2004,
  startedAt: "2026-01-01T00:00:02+00:00",
  status: "exited",
  exitCode: 0,
  exitedAt: "2026-01-01T00:01:00+00:00"
})

/** An agent whose end nobody recorded. */
export const lost = entry({ id: "dddd-1", pid: 2005, startedAt: "2026-01-01T00:00:01+00:00" })

/** Makes the effect run as if inside the session of an agent, or outside any. */
export const inSession = (processId: string | undefined) =>
  Effect.provideService(
    ConfigProvider.ConfigProvider,
    ConfigProvider.fromEnv({ env: processId === undefined ? {} : { ZAG_PROCESS_ID: processId } })
  )

const registry = Layer.effectDiscard(
  Effect.gen(function*() {
    const store = yield* ProcessStore
    yield* Effect.forEach([obedient, stubborn, foreign, finished, lost], store.add, { discard: true })
  })
).pipe(
  Layer.provideMerge(Testing.layer([
    { pid: obedient.pid },
    { pid: stubborn.pid, ignores: ["SIGHUP", "SIGTERM"] },
    { pid: foreign.pid, foreign: true }
  ]))
)

export const layer = Layer.provideMerge(Updates.layer, registry)

/** How often it was looked who runs, since the last time. */
export class Looks
  extends Context.Service<Looks, { readonly taken: Effect.Effect<number> }>()("@zag/mcp/test/Registry/Looks")
{}

/** The same, with the looks counted. */
export const layerCounting = Updates.layer.pipe(
  Layer.provideMerge(Layer.effectContext(Effect.gen(function*() {
    const looks = yield* Ref.make(0)
    const control = yield* ProcessControl
    return Context.make(Looks, { taken: Ref.getAndSet(looks, 0) }).pipe(
      Context.add(ProcessControl, {
        ...control,
        list: (filter) => Effect.andThen(Ref.update(looks, (count) => count + 1), control.list(filter))
      })
    )
  }))),
  Layer.provideMerge(registry)
)

/** All that a server works with, around some `ProcessControl`. */
export const around = (control: Layer.Layer<ProcessControl>) =>
  Updates.layer.pipe(
    Layer.provideMerge(Layer.mergeAll(control, ProcessStore.layerMemory, Sidecar.layerMemory))
  )

/** All of that around a `kill` which never comes to an end: when one has begun, and when it was interrupted. */
export const makeHanging = Effect.gen(function*() {
  const started = yield* Deferred.make<void>()
  const stopped = yield* Deferred.make<void>()
  const control = Layer.mock(ProcessControl, {
    kill: () =>
      Deferred.succeed(started, undefined).pipe(
        Effect.andThen(Effect.never),
        Effect.onInterrupt(() => Deferred.succeed(stopped, undefined))
      )
  })
  return { layer: around(control), started: Deferred.await(started), stopped: Deferred.await(stopped) }
})

/** The names of the tools that change nothing. */
export const readOnlyTools = [
  "list_processes",
  "get_process",
  "process_tree",
  "whoami",
  "wait_process",
  "processes_table"
]
