/**
 * The tools with which an agent looks at registered processes, and ends them.
 *
 * Nothing here knows of a protocol or a transport: any Effect program can mount
 * the tools in a server of its own.
 *
 * @since 0.1.0
 */
import * as DurationText from "@zag/core/DurationText"
import * as ListPosition from "@zag/core/ListPosition"
import * as Moment from "@zag/core/Moment"
import { EndingSignal } from "@zag/core/OsProcess"
import { ProcessControl } from "@zag/core/ProcessControl"
import { LiveStatus } from "@zag/core/ProcessInfo"
import * as ProcessOrder from "@zag/core/ProcessOrder"
import { SignalOutcomeJson } from "@zag/core/SignalOutcome"
import { WaitOutcomeJson } from "@zag/core/WaitOutcome"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { Confirmation, type Question } from "./Confirmation.ts"
import * as Cursor from "./Cursor.ts"
import * as EndScope from "./EndScope.ts"
import * as Forest from "./internal/forest.ts"
import {
  CursorText,
  ExplainedHandle,
  Handle,
  Length,
  oneOrMore,
  OneOrMoreTexts,
  Order,
  Path,
  Time,
  unsaid
} from "./internal/inputs.ts"
import { Shown, shown, Unreadable, unreadableEntries } from "./internal/shown.ts"
import * as ProcessesView from "./ProcessesView.ts"
import { Progress } from "./Progress.ts"
import * as Tool from "./Tool.ts"

// Of what was moved.
const mostShown = 100

// A client may show each of them to a person.
const mostMentioned = 20

const reads: Tool.Annotations = { readOnlyHint: true, openWorldHint: false }

const ends: Tool.Annotations = {
  readOnlyHint: false,
  destructiveHint: true,
  idempotentHint: true,
  openWorldHint: false
}

const momentOf = (text: string | undefined, now: number) =>
  text === undefined ? undefined : Option.getOrUndefined(Moment.parse(text))?.(now)

const lengthOf = (text: string): Duration.Duration => Option.getOrThrow(DurationText.parse(text))

/**
 * Lists registered processes with their live status, newest first, a page at a
 * time.
 *
 * @category tools
 * @since 0.1.0
 */
export const listProcesses = Tool.make({
  name: "list_processes",
  title: "List agent processes",
  description: "Lists the AI agent processes registered with zag on this machine, newest first. " +
    "Use it to see what other agents do, or to find an id. " +
    "A filter takes one value, or a list of which one must match (~part: in part); all must match. " +
    "Go by live_status, that of now: running, dead (gone without a record), exited, killed or unknown (elsewhere); " +
    "status is only what was stored. verified: known to be what was registered, not only its pid. " +
    "Next: get_process with an id.",
  input: Schema.Struct({
    running: Schema.optionalKey(Schema.Boolean.annotate({ description: "true: only those running now." })),
    status: Schema.optionalKey(oneOrMore(LiveStatus).annotate({ description: "The live_status." })),
    provider: Schema.optionalKey(OneOrMoreTexts.annotate({ description: "Such as claude, codex, gemini or ~cod." })),
    model: Schema.optionalKey(OneOrMoreTexts.annotate({ description: "Such as ~opus." })),
    command: Schema.optionalKey(OneOrMoreTexts.annotate({ description: "Such as run or exec." })),
    session: Schema.optionalKey(OneOrMoreTexts.annotate({ description: "The session id." })),
    label: Schema.optionalKey(OneOrMoreTexts.annotate({ description: "key, or key=value." })),
    root: Schema.optionalKey(Path.annotate({ description: "The project directory, an absolute path." })),
    rootWithin: Schema.optionalKey(Path.annotate({ description: "That directory, or one below it." })),
    since: Schema.optionalKey(Time.annotate({ description: "Registered since 2h ago, or an RFC 3339 time." })),
    until: Schema.optionalKey(Time.annotate({ description: "Registered until then." })),
    idle: Schema.optionalKey(Length.annotate({ description: "Running, log silent for 10m." })),
    archived: Schema.optionalKey(Schema.Boolean.annotate({ description: "true: also the archive." })),
    children: Schema.optionalKey(Handle.annotate({
      description: "Started by this whole process or session id, or self."
    })),
    sort: Schema.optionalKey(Order.annotate({
      description: `${ProcessOrder.OrderField.literals.join(", ")}; :asc or :desc after it.`
    })),
    usage: Schema.optionalKey(Schema.Boolean.annotate({ description: "true: also cpu_percent, resident_bytes." })),
    limit: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 500 })).annotate({
      description: "At most so many.",
      default: 50
    }).pipe(Schema.withDecodingDefaultKey(Effect.succeed(50))),
    cursor: Schema.optionalKey(CursorText.annotate({
      description: "next_cursor of a page that has more, with all else as before."
    }))
  }).pipe(Schema.encodeKeys({ rootWithin: "root_within" })),
  output: Schema.Struct({
    processes: Schema.Array(Shown),
    nextCursor: Schema.optionalKey(Schema.String),
    unreadableEntries: Schema.Array(Unreadable)
  }).pipe(Schema.encodeKeys({ nextCursor: "next_cursor", unreadableEntries: "unreadable_entries" })),
  annotations: reads,
  mentions: ({ processes }) => processes.slice(0, mostMentioned).map(({ id }) => id),
  handler: Effect.fn("Tools.listProcesses")(function*({ cursor, limit, usage, ...filters }) {
    const control = yield* ProcessControl
    const now = yield* Clock.currentTimeMillis
    const before = cursor === undefined ? undefined : yield* Effect.fromResult(Cursor.parse(filters, cursor))
    const { idle, since, sort, until, ...filter } = filters
    const order = sort === undefined ? undefined : Option.getOrUndefined(ProcessOrder.parse(sort))
    const from = before?.now ?? now
    const { processes, unreadable, usage: used } = yield* control.list({
      ...filter,
      since: momentOf(since, from),
      until: momentOf(until, from),
      idle: idle === undefined ? undefined : Duration.sum(lengthOf(idle), Duration.millis(now - from)),
      sort: order,
      after: before?.after,
      usage,
      // One more tells whether there is a next page.
      limit: limit + 1
    })
    const page = processes.slice(0, limit)
    const last = processes.length > limit ? page.at(-1) : undefined
    return {
      processes: page.map(shown(now, used)),
      ...(last === undefined ? {} : {
        nextCursor: Cursor.format(filters, { now: from, after: ListPosition.of(last, order, used?.get(last)) })
      }),
      unreadableEntries: unreadableEntries(unreadable)
    }
  })
})

/**
 * Shows one process with its live status.
 *
 * @category tools
 * @since 0.1.0
 */
export const getProcess = Tool.make({
  name: "get_process",
  title: "Show an agent process",
  description:
    "Shows one process: its live_status now and, while it runs, its activity: working, idle (log silent for " +
    "30 s) or unknown. Use it to make sure of an id before you end it, and to see whether it has ended.",
  input: Schema.Struct({
    id: ExplainedHandle,
    usage: Schema.optionalKey(Schema.Boolean.annotate({ description: "As in list_processes." }))
  }),
  output: Schema.Struct({ process: Shown }),
  answersLike: "list_processes",
  annotations: reads,
  handler: Effect.fn("Tools.getProcess")(function*({ id, usage }) {
    const control = yield* ProcessControl
    const info = yield* control.show(id)
    const used = usage === true ? yield* control.usage([info]) : undefined
    const activity = Option.getOrUndefined(yield* control.activity(info))
    return { process: shown(yield* Clock.currentTimeMillis, used, activity)(info) }
  })
})

/**
 * Shows who started whom.
 *
 * @category tools
 * @since 0.1.0
 */
export const processTree = Tool.make({
  name: "process_tree",
  title: "Show who started whom",
  description: "Shows who started whom: children are registered processes, processes what else each has started. " +
    "Use it before kill_process, to see what ends with it. " +
    `Shows at most ${Forest.bounds.nodes}, ${Forest.bounds.depth} levels deep; omitted counts the others. ` +
    "Next: where a node has omitted_children, call it with that id.",
  input: Schema.Struct({
    id: Schema.optionalKey(Handle.annotate({ description: "Only this one and below: as in get_process." }))
  }),
  output: Schema.Struct({
    trees: Schema.Array(Forest.Node),
    omitted: Schema.Finite,
    unreadableEntries: Schema.Array(Unreadable)
  }).pipe(Schema.encodeKeys({ unreadableEntries: "unreadable_entries" })),
  answersLike: "list_processes",
  annotations: reads,
  handler: Effect.fn("Tools.processTree")(function*({ id }) {
    const control = yield* ProcessControl
    const { trees, unreadable } = yield* control.tree(id)
    return {
      ...Forest.shorten(trees, yield* Clock.currentTimeMillis),
      unreadableEntries: unreadableEntries(unreadable)
    }
  })
})

// So often that no client takes the call for stuck.
const every = 10

/**
 * Waits for the end of a process, for as long as a client waits for an answer.
 *
 * @category tools
 * @since 0.1.0
 */
export const waitProcess = Tool.make({
  name: "wait_process",
  title: "Wait for an agent process",
  description: "Waits until an agent process has ended, and says how: live_status and exit_code, null where nobody " +
    "recorded it. Use it instead of get_process again and again. " +
    "has_ended false means that the time was up first; that is no failure. Next: call it again.",
  input: Schema.Struct({
    id: Handle,
    timeoutSeconds: Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 300 })).annotate({
      description: "At most so long; many clients give up after 60.",
      default: 50
    }).pipe(Schema.withDecodingDefaultKey(Effect.succeed(50)))
  }).pipe(Schema.encodeKeys({ timeoutSeconds: "timeout_seconds" })),
  output: WaitOutcomeJson,
  annotations: reads,
  handler: Effect.fn("Tools.waitProcess")(function*({ id, timeoutSeconds }) {
    const control = yield* ProcessControl
    const tell = yield* Progress
    const telling = Effect.gen(function*() {
      for (let waited = every;; waited += every) {
        yield* Effect.sleep(Duration.seconds(every))
        yield* tell({ done: waited, total: timeoutSeconds, message: `${id} has not ended after ${waited} seconds` })
      }
    })
    const [outcome] = yield* Effect.raceFirst(
      control.wait([id], { timeout: Duration.seconds(timeoutSeconds) }),
      telling
    )
    return outcome!
  })
})

// As many as fit on a screen. The page asks for more.
const mostInTable = 20

/**
 * Shows the person a live table of processes, where the client can show a page.
 *
 * @category tools
 * @since 0.1.0
 */
export const processesTable = Tool.make({
  name: "processes_table",
  title: "Show the process table",
  description: `Shows the person a live table. Answers the first ${mostInTable}, running ones first.`,
  input: Schema.Record(Schema.String, Schema.Never),
  output: listProcesses.output,
  answersLike: "list_processes",
  annotations: reads,
  view: ProcessesView.uri,
  handler: () => listProcesses.handler({ sort: "status", limit: mostInTable })
})

/**
 * The handle of a process that may be ended, and of which the person has agreed
 * that it is. What has ended is not asked about: the tool says so.
 */
const agreed = Effect.fnUntraced(function*(action: Question["action"], handle: string) {
  const permitted = yield* EndScope.permitted(handle)
  if (handle === "self") return handle
  const info = yield* (yield* ProcessControl).show(permitted)
  if (info.liveStatus !== "exited" && info.liveStatus !== "killed") {
    yield* (yield* Confirmation)({ action, process: info })
  }
  return info.id
})

/**
 * Asks a process to end, without waiting for it.
 *
 * @category tools
 * @since 0.1.0
 */
export const stopProcess = Tool.make({
  name: "stop_process",
  title: "Stop an agent process",
  description: "Asks a running agent process to end by itself: sends SIGHUP to it alone and does not wait. " +
    "Use it first, so that the agent can save its work. " +
    "signalled means that it was sent, not that the process is gone. " +
    "Next: wait_process; if it has not ended then, kill_process.",
  input: Schema.Struct({ id: Handle }),
  output: SignalOutcomeJson,
  answersLike: "kill_process",
  annotations: ends,
  handler: Effect.fn("Tools.stopProcess")(function*({ id }) {
    const control = yield* ProcessControl
    return yield* control.stop(yield* agreed("stop", id))
  })
})

/**
 * Ends a process, and waits until it is gone.
 *
 * @category tools
 * @since 0.1.0
 */
export const killProcess = Tool.make({
  name: "kill_process",
  title: "Kill an agent process",
  description: "Ends an agent process and all that it started: sends SIGTERM, then SIGKILL to what is left after " +
    "grace_seconds, and answers when all of ended were seen to be gone. What was not saved is lost. " +
    "For one that is stuck, did not heed stop_process, or is dead but left processes behind; " +
    "with id self and result to hand in your own work. " +
    "signal is the last one sent. An error names what survived, or all that is wrong with the result: then nothing was sent.",
  input: Schema.Struct({
    id: Handle,
    signal: Schema.optionalKey(EndingSignal.annotate({
      description: "Sent first; SIGTERM by default."
    })),
    graceSeconds: Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 30 })).annotate({
      description: "How long they have before SIGKILL.",
      default: 5
    }).pipe(Schema.withDecodingDefaultKey(Effect.succeed(5))),
    result: Schema.optionalKey(Schema.String.annotate({
      description: "What it was launched for; checked and recorded first."
    })),
    discardResult: Schema.optionalKey(Schema.Boolean.annotate({
      description: "true: end it without the result that is due."
    }))
  }).pipe(Schema.encodeKeys({ graceSeconds: "grace_seconds", discardResult: "discard_result" })),
  output: SignalOutcomeJson,
  annotations: ends,
  handler: Effect.fn("Tools.killProcess")(function*({ discardResult, graceSeconds, id, result, signal }) {
    const control = yield* ProcessControl
    return yield* control.kill(yield* agreed("kill", id), {
      signal,
      grace: Duration.seconds(graceSeconds),
      result,
      discardResult
    })
  })
})

const Member = Schema.Struct({ id: Schema.String, provider: Schema.String })

/**
 * Shows the session that the caller runs in, and by whom that was started.
 *
 * @category tools
 * @since 0.1.0
 */
export const whoami = Tool.make({
  name: "whoami",
  title: "Show the own session",
  description:
    "Shows the process of your session, and what started it, your parent first. An error says that you run in none.",
  input: Schema.Record(Schema.String, Schema.Never),
  output: Schema.Struct({ process: Shown, parents: Schema.Array(Member) }),
  answersLike: "list_processes",
  annotations: reads,
  handler: Effect.fn("Tools.whoami")(function*() {
    const control = yield* ProcessControl
    const info = yield* control.show("self")
    const parents = yield* control.ancestors("self")
    return {
      process: shown(yield* Clock.currentTimeMillis)(info),
      parents: parents.map(({ id, provider }) => ({ id, provider }))
    }
  })
})

/** Everything that has ended is seldom what was meant by nothing at all. */
const hasCondition = Schema.makeFilter(
  ({ keep, olderThan, rootGone, status }: {
    readonly keep?: number
    readonly olderThan?: string
    readonly rootGone?: boolean
    readonly status?: string
  }) => rootGone === true || keep !== undefined || olderThan !== undefined || status !== undefined,
  { expected: "at least one of older_than, keep, status and root_gone", ...unsaid }
)

/**
 * Moves processes that have ended from the registry to the archive.
 *
 * @category tools
 * @since 0.1.0
 */
export const pruneProcesses = Tool.make({
  name: "prune_processes",
  title: "Archive ended agent processes",
  description: "Moves processes that have ended to the archive, where list_processes with archived still finds them. " +
    "Give at least one condition; all must hold. First shows what would move; call it again with dry_run false.",
  input: Schema.Struct({
    olderThan: Schema.optionalKey(Length.annotate({ description: "Only what ended longer ago, such as 7d." })),
    keep: Schema.optionalKey(
      Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 1_000_000 })).annotate({
        description: "Leave so many there, the newest."
      })
    ),
    status: Schema.optionalKey(Schema.Literals(["exited", "killed"]).annotate({ description: "Only what ended so." })),
    rootGone: Schema.optionalKey(Schema.Boolean.annotate({
      description: "true: only where the project directory is gone."
    })),
    dryRun: Schema.Boolean.annotate({ description: "Change nothing.", default: true }).pipe(
      Schema.withDecodingDefaultKey(Effect.succeed(true))
    )
  }).check(hasCondition).pipe(
    Schema.encodeKeys({ olderThan: "older_than", rootGone: "root_gone", dryRun: "dry_run" })
  ),
  output: Schema.Struct({
    dryRun: Schema.Boolean,
    count: Schema.Finite,
    /** The newest of them. */
    moved: Schema.Array(Schema.Struct({ id: Schema.String, provider: Schema.String, status: Schema.String }))
  }).pipe(Schema.encodeKeys({ dryRun: "dry_run" })),
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  handler: Effect.fn("Tools.pruneProcesses")(function*({ dryRun, keep, olderThan, rootGone, status }) {
    const control = yield* ProcessControl
    const moved = yield* control.prune({
      olderThan: olderThan === undefined ? undefined : lengthOf(olderThan),
      keep,
      status,
      rootGone,
      dryRun
    })
    const shown = moved.slice(0, mostShown).map(({ id, provider, status }) => ({ id, provider, status }))
    return { dryRun, count: moved.length, moved: shown }
  })
})

/**
 * Every tool, in the order in which a client shows them.
 *
 * @category tools
 * @since 0.1.0
 */
export const all: ReadonlyArray<Tool.Tool> = [
  listProcesses,
  getProcess,
  processTree,
  whoami,
  waitProcess,
  processesTable,
  stopProcess,
  killProcess,
  pruneProcesses
]
