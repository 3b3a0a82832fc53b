/**
 * Prompts with which a person sets an agent to look after the others.
 *
 * Nothing here knows of a protocol or a transport.
 *
 * @since 0.1.0
 */
import { AuditRecordJson } from "@zag/core/AuditRecord"
import { ProcessControl } from "@zag/core/ProcessControl"
import type { ProcessInfo } from "@zag/core/ProcessInfo"
import { Sidecar } from "@zag/core/Sidecar"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Facts from "./internal/facts.ts"
import { Handle } from "./internal/inputs.ts"
import { Shown, shown } from "./internal/shown.ts"
import * as Prompt from "./Prompt.ts"
import * as Resources from "./Resources.ts"

// Of each kind; the agent can ask for more.
const most = 30

const Suspect = Schema.Struct({ orphaned: Schema.Boolean, process: Shown })

const encodeSuspects = Schema.encodeEffect(Schema.Array(Suspect))

const encodeShown = Schema.encodeEffect(Schema.Array(Shown))

const triageTask = `Find the AI agent processes on this machine that are stuck or orphaned, and propose what to end.

1. Begin with the facts below. running has those that run, first the orphaned ones, whose parent process runs no more,
   then the oldest. dead has those that are gone without a record; they may have left processes behind. There may be
   more: counts tells, and list_processes shows them all.
2. Look before you judge. process_tree shows what each has started, get_process with usage what it uses, and a second
   look a minute later whether that has changed. Old, idle or orphaned alone is no proof: an agent may wait for
   somebody. Leave out your own session and what started it, which whoami shows.
3. Answer with a table: id, provider, what it was asked to do, why you think that it is stuck or orphaned, how sure you
   are, and what you propose: leave it, stop_process, or kill_process.
4. End nothing yet. Ask the person you work for, who may choose some of them, and end only those: stop_process first,
   then wait_process, and kill_process where that did not help. Where these tools are not offered, give the commands
   instead: zag ps stop ID, zag ps kill ID.`

/** With a parent that is known to run no more. */
const isOrphaned = (alive: ReadonlySet<string>) => ({ parentProcessId }: ProcessInfo): boolean =>
  parentProcessId !== null && !alive.has(parentProcessId)

/**
 * Finds stuck and orphaned agents, and proposes what to end.
 *
 * @category prompts
 * @since 0.1.0
 */
export const triage = Prompt.make({
  name: "triage",
  title: "Find stuck and orphaned agents",
  description: "Looks for agents that are stuck, orphaned or dead, and proposes what to end. Ends nothing unasked.",
  input: Schema.Record(Schema.String, Schema.Never),
  complete: {},
  handler: Effect.fn("Prompts.triage")(function*() {
    const control = yield* ProcessControl
    const { processes, unreadable } = yield* control.list({
      status: ["running", "dead", "unknown"],
      sort: { field: "started", direction: "asc" }
    })
    const running = processes.filter(({ liveStatus }) => liveStatus === "running")
    const dead = processes.filter(({ liveStatus }) => liveStatus === "dead")
    // What runs elsewhere may be the parent of something here.
    const orphaned = isOrphaned(new Set(processes.flatMap((info) => info.liveStatus === "dead" ? [] : [info.id])))
    const suspects = [...running.filter(orphaned), ...running.filter((info) => !orphaned(info))].slice(0, most)
    const now = yield* Clock.currentTimeMillis
    const show = shown(now, yield* control.usage(suspects))
    return Facts.under(triageTask, {
      counts: {
        running: running.length,
        orphaned: running.filter(orphaned).length,
        dead: dead.length,
        unreadable: unreadable.length
      },
      running: yield* Effect.orDie(
        encodeSuspects(suspects.map((info) => ({ orphaned: orphaned(info), process: show(info) })))
      ),
      // The newest.
      dead: yield* Effect.orDie(encodeShown(dead.slice(-most).map(shown(now))))
    })
  })
})

const handoverTask = `Summarise the run of an AI agent for somebody who takes over from it.

Say what it was asked to do, who started it and where, how long it has run, how it stands or has ended, which signals it
got and from whom, what it has started, and what of that still runs. Then say what is left to be done or to be looked
at. Go by the facts below and by what you find, say what you do not know, and make nothing up.

process is the agent; started_by are those above it, its parent first; started are those that it has started itself, the
newest first; signals are the last ones it was sent. process_tree with its id shows what else it runs, and the directory
in root what it has changed. What it has printed is shown by the command zag ps logs ID, where it was started by
zag ps run --detach. Change nothing and end nothing.`

const encodeRecords = Schema.encodeEffect(Schema.Array(AuditRecordJson))

// Of those the ones that this agent was sent are looked for.
const searched = 1000

/**
 * Summarises the run of an agent.
 *
 * @category prompts
 * @since 0.1.0
 */
export const handover = Prompt.make({
  name: "handover",
  title: "Summarise an agent's run",
  description: "Summarises what an agent was asked to do, how it stands and what it leaves, for whoever takes over.",
  input: Schema.Struct({ id: Handle }),
  complete: { id: Resources.completeId },
  handler: Effect.fn("Prompts.handover")(function*({ id: handle }) {
    const control = yield* ProcessControl
    const info = yield* control.show(handle)
    const above = yield* control.ancestors(info.id)
    const below = yield* control.list({ children: info.id, limit: most })
    const records = yield* (yield* Sidecar).audited(searched)
    const now = yield* Clock.currentTimeMillis
    const [process] = yield* Effect.orDie(encodeShown([shown(now, yield* control.usage([info]))(info)]))
    return Facts.under(handoverTask, {
      process,
      started_by: above.slice(0, most).map(({ id, provider, status }) => ({ id, provider, status })),
      started: yield* Effect.orDie(encodeShown(below.processes.map(shown(now)))),
      signals: yield* Effect.orDie(encodeRecords(records.filter(({ id }) => id === info.id).slice(0, most)))
    })
  })
})

/**
 * Every prompt, in the order in which a client shows them.
 *
 * @category prompts
 * @since 0.1.0
 */
export const all: ReadonlyArray<Prompt.Prompt> = [triage, handover]
