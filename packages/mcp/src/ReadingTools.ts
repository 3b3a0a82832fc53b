/**
 * The tools with which an agent looks at registered processes. They change
 * nothing.
 *
 * @since 0.1.0
 */
import * as ListPosition from "@zag/core/ListPosition"
import * as Moment from "@zag/core/Moment"
import { ProcessControl } from "@zag/core/ProcessControl"
import { LiveStatus } from "@zag/core/ProcessInfo"
import * as ProcessOrder from "@zag/core/ProcessOrder"
import { WaitOutcomeJson } from "@zag/core/WaitOutcome"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Cursor from "./Cursor.ts"
import * as Forest from "./internal/forest.ts"
import {
  CursorText,
  ExplainedHandle,
  Handle,
  Length,
  lengthOf,
  oneOrMore,
  OneOrMoreTexts,
  Order,
  Path,
  Time
} from "./internal/inputs.ts"
import { Shown, shown, Unreadable, unreadableEntries } from "./internal/shown.ts"
import * as ProcessesView from "./ProcessesView.ts"
import { Progress } from "./Progress.ts"
import * as Tool from "./Tool.ts"

// A client may show each of them to a person.
const mostMentioned = 20

const reads: Tool.Annotations = { readOnlyHint: true, openWorldHint: false }

const momentOf = (text: string | undefined, now: number) =>
  text === undefined ? undefined : Option.getOrUndefined(Moment.parse(text))?.(now)

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
  handler: Effect.fnUntraced(function*({ cursor, limit, usage, ...filters }) {
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
  handler: Effect.fnUntraced(function*({ id, usage }) {
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
  handler: Effect.fnUntraced(function*({ id }) {
    const control = yield* ProcessControl
    const { trees, unreadable } = yield* control.tree(id)
    return {
      ...Forest.shorten(trees, yield* Clock.currentTimeMillis),
      unreadableEntries: unreadableEntries(unreadable)
    }
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
  handler: Effect.fnUntraced(function*() {
    const control = yield* ProcessControl
    const info = yield* control.show("self")
    const parents = yield* control.ancestors("self")
    return {
      process: shown(yield* Clock.currentTimeMillis)(info),
      parents: parents.map(({ id, provider }) => ({ id, provider }))
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
  handler: Effect.fnUntraced(function*({ id, timeoutSeconds }) {
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
