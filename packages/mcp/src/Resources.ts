/**
 * The registry as resources, which a client reads without a call of a tool, and
 * whose changes it can be told of.
 *
 * Nothing here knows of a protocol or a transport.
 *
 * @since 0.1.0
 */
import { AuditRecordJson } from "@zag/core/AuditRecord"
import { ProcessControl } from "@zag/core/ProcessControl"
import { ProcessStore } from "@zag/core/ProcessStore"
import { Sidecar } from "@zag/core/Sidecar"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as ReadingTools from "./ReadingTools.ts"
import * as Resource from "./Resource.ts"

/**
 * At most so many are in a list, the newest ones.
 *
 * @category models
 * @since 0.1.0
 */
export const bound = 50

/**
 * The URI of the process with an id.
 *
 * @category conversions
 * @since 0.1.0
 */
export const uriOf = (id: string): string => `zag://processes/${encodeURIComponent(id)}`

/**
 * The id in the URI of a process; undefined for any other URI.
 *
 * @category conversions
 * @since 0.1.0
 */
export const idOf = (uri: string): string | undefined => {
  const id = Option.getOrUndefined(Option.liftThrowable(decodeURIComponent)(uri.slice(uriOf("").length)))
  // Spelt in another way it would be the URI of nothing.
  return id !== undefined && id !== "" && uriOf(id) === uri ? id : undefined
}

/**
 * The newest processes, as `list_processes` answers them.
 *
 * @category resources
 * @since 0.1.0
 */
export const processes = Resource.make({
  name: "processes",
  title: "Agent processes",
  description: `The newest ${bound} AI agent processes registered on this machine, with their live status.`,
  uri: "zag://processes",
  output: ReadingTools.listProcesses.output,
  read: Effect.suspend(() => ReadingTools.listProcesses.handler({ limit: bound }))
})

/**
 * The ids of processes that begin so, the newest first.
 *
 * @category completions
 * @since 0.1.0
 */
export const completeId = Effect.fn("Resources.completeId")(function*(beginning: string) {
  const { entries } = yield* (yield* ProcessStore).list
  return entries.flatMap(({ id }) => id.startsWith(beginning) ? [id] : [])
})

/**
 * One process, as `get_process` answers it.
 *
 * @category resources
 * @since 0.1.0
 */
export const process = Resource.makeTemplate({
  name: "process",
  title: "An agent process",
  description: "One registered AI agent process, with its live status.",
  uriTemplate: "zag://processes/{id}",
  output: ReadingTools.getProcess.output,
  read: Effect.fn("Resources.process")(function*(uri) {
    const missing = Effect.fail(new Resource.ResourceMissing({ uri }))
    const id = idOf(uri)
    if (id === undefined) return yield* missing
    const found = yield* Effect.catchTag(ReadingTools.getProcess.handler({ id }), "ProcessControlError", () => missing)
    // What a tool takes for a handle is the URI of nothing: no changes of that could be told.
    return found.process.id === id ? found : yield* missing
  }),
  list: Effect.gen(function*() {
    const { processes } = yield* (yield* ProcessControl).list({ limit: bound })
    return processes.map(({ command, id, liveStatus, provider }) => ({
      uri: uriOf(id),
      name: id,
      description: `${provider} ${command}, ${liveStatus}`
    }))
  }),
  complete: completeId
})

/**
 * The last signals that were sent, as `zag ps audit --json` shows them.
 *
 * @category resources
 * @since 0.1.0
 */
export const audit = Resource.make({
  name: "audit",
  title: "Signals sent",
  description: `The last ${bound} signals sent to agent processes and what they had started: when, by whom, to whom, ` +
    "and what came of it; the newest first.",
  uri: "zag://audit",
  output: Schema.Struct({ records: Schema.Array(AuditRecordJson) }),
  read: Effect.gen(function*() {
    return { records: yield* (yield* Sidecar).audited(bound) }
  })
})

/**
 * Every resource that is there once, in the order in which a client shows them.
 *
 * @category resources
 * @since 0.1.0
 */
export const all: ReadonlyArray<Resource.Resource> = [processes, audit]

/**
 * Every kind of resource of which there may be many.
 *
 * @category resources
 * @since 0.1.0
 */
export const templates: ReadonlyArray<Resource.ResourceTemplate> = [process]
