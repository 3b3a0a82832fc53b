/**
 * What a test of `ProcessControl` starts from.
 */
import type { ProcessEntry } from "@zag/core/ProcessEntry"
import { ProcessStore } from "@zag/core/ProcessStore"
import type { SessionSummary } from "@zag/core/SessionEvents"
import { layer, type TestProcess } from "@zag/core/testing"
import { ConfigProvider, Effect } from "effect"
import { entryOf } from "./entryOf.ts"

/** Runs in an environment of just these variables. */
export const inEnvironment = (env: Record<string, string>) =>
  Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromEnv({ env }))

/** A registry with these entries and a system with these processes, outside any session. */
export const given = (
  entries: ReadonlyArray<ProcessEntry>,
  options: {
    readonly processes?: ReadonlyArray<TestProcess>
    readonly env?: Record<string, string>
    readonly sessions?: Readonly<Record<string, Partial<SessionSummary>>>
  } = {}
) =>
<A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.flatMap(ProcessStore, (store) => Effect.forEach(entries, (entry) => store.add(entry))).pipe(
    Effect.andThen(effect),
    Effect.provide(layer(options.processes, { summaries: options.sessions ?? {} })),
    inEnvironment(options.env ?? {})
  )

/** An entry that started in the given second, with a pid of its own: 100 and more. */
export const at = (id: string, second: number, fields: Parameters<typeof entryOf>[0] = {}) =>
  entryOf({ id, startedAt: `2026-01-01T00:00:0${second}Z`, pid: 100 + second, ...fields })
