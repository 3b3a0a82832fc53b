/**
 * The tools with which an agent looks at registered processes, and ends them.
 *
 * Nothing here knows of a protocol or a transport: any Effect program can mount
 * the tools in a server of its own.
 *
 * @since 0.1.0
 */
import { EndingSignal } from "@zag/core/OsProcess"
import { ProcessControl, SignalOutcome } from "@zag/core/ProcessControl"
import { LiveStatus, ProcessInfoJson } from "@zag/core/ProcessInfo"
import * as Timestamp from "@zag/core/Timestamp"
import { WaitOutcomeJson } from "@zag/core/WaitOutcome"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as EndScope from "./EndScope.ts"
import * as Tool from "./Tool.ts"

const Handle = Schema.NonEmptyString.annotate({
  description: "An id, a unique beginning of one, \"pid:4242\", or \"self\" for your own session."
})

// More than anybody asks for, but a model may send anything. To tell it so would cost its attention.
const longest = 1000
const most = 50

// Of what was moved.
const mostShown = 100

const unsaid = { toJsonSchema: () => ({}) }

const Text = Schema.String.check(
  Schema.makeFilter((text: string) => text.length <= longest, { expected: `at most ${longest} characters`, ...unsaid })
)

/** One value or several, of which one must match. */
const oneOrMore = <S extends Schema.Codec<string>>(value: S) =>
  Schema.Union([
    value,
    Schema.Array(value).check(
      Schema.makeFilter((values) => values.length <= most, { expected: `at most ${most} values`, ...unsaid })
    )
  ])

const OneOrMoreTexts = oneOrMore(Text)

const Path = Text.check(
  Schema.makeFilter((path: string) => /^([/\\]|[A-Za-z]:)/.test(path), { expected: "an absolute path", ...unsaid })
)

const Time = Text.check(Schema.makeFilter((text: string) => Timestamp.parse(text) !== undefined, {
  expected: "a time as RFC 3339 writes it, such as 2026-11-24T08:00:00Z",
  toJsonSchema: () => ({ format: "date-time" })
}))

const reads: Tool.Annotations = { readOnlyHint: true, idempotentHint: true, openWorldHint: false }

const ends: Tool.Annotations = {
  readOnlyHint: false,
  destructiveHint: true,
  idempotentHint: true,
  openWorldHint: false
}

/**
 * Lists registered processes with their live status, newest first.
 *
 * @category tools
 * @since 0.1.0
 */
export const listProcesses = Tool.make({
  name: "list_processes",
  title: "List agent processes",
  description: "Lists the AI agent processes registered with zag on this machine, newest first. " +
    "Use it to see what other agents are doing, or to find the id of one. " +
    "Filters take one value or a list of which one must match; all filters must match. " +
    "live_status was checked just now: running, dead (registered as running, but gone), exited, killed or unknown (in " +
    "another container or on another machine). Go by it; status is only what was stored. verified: it is known to be the " +
    "process that was registered, not only one with its pid. " +
    "Next: get_process, wait_process, stop_process or kill_process with an id.",
  input: Schema.Struct({
    running: Schema.optionalKey(Schema.Boolean.annotate({
      description: "true: only processes whose live_status is running. Otherwise all."
    })),
    status: Schema.optionalKey(oneOrMore(LiveStatus).annotate({ description: "Only with this live_status." })),
    provider: Schema.optionalKey(OneOrMoreTexts.annotate({
      description:
        "Only of this provider, exactly: claude, codex, gemini, copilot, ollama, ...; ~cod: any with cod in it."
    })),
    model: Schema.optionalKey(OneOrMoreTexts.annotate({ description: "Only with this model; ~opus: in part." })),
    command: Schema.optionalKey(OneOrMoreTexts.annotate({ description: "Only of this command, such as run or exec." })),
    session: Schema.optionalKey(OneOrMoreTexts.annotate({ description: "Only of this session id." })),
    label: Schema.optionalKey(OneOrMoreTexts.annotate({ description: "Only with this label: key, or key=value." })),
    root: Schema.optionalKey(Path.annotate({ description: "Only with this project directory, an absolute path." })),
    rootWithin: Schema.optionalKey(
      Path.annotate({ description: "Only with this project directory, or one below it." })
    ),
    since: Schema.optionalKey(Time.annotate({ description: "Only registered then or later, RFC 3339." })),
    until: Schema.optionalKey(Time.annotate({ description: "Only registered then or before, RFC 3339." })),
    archived: Schema.optionalKey(Schema.Boolean.annotate({ description: "true: also those moved to the archive." })),
    children: Schema.optionalKey(Schema.NonEmptyString.annotate({
      description: "Only processes started by this one: a full process id or session id, or \"self\" for your own."
    })),
    limit: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 500 })).annotate({
      description: "At most so many, the newest.",
      default: 50
    }).pipe(Schema.withDecodingDefaultKey(Effect.succeed(50)))
  }).pipe(Schema.encodeKeys({ rootWithin: "root_within" })),
  output: Schema.Struct({
    processes: Schema.Array(ProcessInfoJson),
    unreadableEntries: Schema.Array(Schema.Struct({ index: Schema.Finite, problem: Schema.String }))
  }).pipe(Schema.encodeKeys({ unreadableEntries: "unreadable_entries" })),
  annotations: reads,
  handler: Effect.fn("Tools.listProcesses")(function*({ since, until, ...filter }) {
    const control = yield* ProcessControl
    const { processes, unreadable } = yield* control.list({
      ...filter,
      since: since === undefined ? undefined : Timestamp.parse(since),
      until: until === undefined ? undefined : Timestamp.parse(until)
    })
    return { processes, unreadableEntries: unreadable }
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
  description: "Shows one registered process, with its live_status checked just now. " +
    "Use it to make sure that an id is the one you mean before you stop or kill it, " +
    "and afterwards to see whether it has ended.",
  input: Schema.Struct({ id: Handle }),
  output: Schema.Struct({ process: ProcessInfoJson }),
  answersLike: "list_processes",
  annotations: reads,
  handler: Effect.fn("Tools.getProcess")(function*({ id }) {
    const control = yield* ProcessControl
    return { process: yield* control.show(id) }
  })
})

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
    "recorded it. Use it instead of calling get_process again and again. " +
    "has_ended false means that the time was up first; that is no failure. Next: call it again.",
  input: Schema.Struct({
    id: Handle,
    timeoutSeconds: Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 300 })).annotate({
      description: "How long to wait at most; many clients give up after 60.",
      default: 50
    }).pipe(Schema.withDecodingDefaultKey(Effect.succeed(50)))
  }).pipe(Schema.encodeKeys({ timeoutSeconds: "timeout_seconds" })),
  output: WaitOutcomeJson,
  annotations: reads,
  handler: Effect.fn("Tools.waitProcess")(function*({ id, timeoutSeconds }) {
    const control = yield* ProcessControl
    const [outcome] = yield* control.wait([id], { timeout: Duration.seconds(timeoutSeconds) })
    return outcome!
  })
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
    "The status signalled means that the signal was sent, not that the process is gone. " +
    "Next: wait_process; if it has not ended then, kill_process.",
  input: Schema.Struct({ id: Handle }),
  output: SignalOutcome,
  annotations: ends,
  handler: Effect.fn("Tools.stopProcess")(function*({ id }) {
    const control = yield* ProcessControl
    return yield* control.stop(yield* EndScope.permitted(id))
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
  description: "Ends an agent process and all that it started for certain: sends SIGTERM, and SIGKILL to what is " +
    "still there after grace_seconds, and waits until all is gone. What was not saved is " +
    "lost. Use it for a process that is stuck or did not heed stop_process, or is dead but left processes behind. " +
    "The status killed means that all of ended were seen to be gone; signal is the last one sent. " +
    "An error names what survived.",
  input: Schema.Struct({
    id: Handle,
    signal: Schema.optionalKey(EndingSignal.annotate({
      description: "What to ask with; SIGTERM by default. SIGKILL ends all at once."
    })),
    graceSeconds: Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 30 })).annotate({
      description: "How long they have before SIGKILL.",
      default: 5
    }).pipe(Schema.withDecodingDefaultKey(Effect.succeed(5)))
  }).pipe(Schema.encodeKeys({ graceSeconds: "grace_seconds" })),
  output: SignalOutcome,
  annotations: ends,
  handler: Effect.fn("Tools.killProcess")(function*({ graceSeconds, id, signal }) {
    const control = yield* ProcessControl
    return yield* control.kill(yield* EndScope.permitted(id), { signal, grace: Duration.seconds(graceSeconds) })
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
    "Shows the registered session that you run in, and those that started it, your parent first. An error says " +
    "that you run in none.",
  input: Schema.Record(Schema.String, Schema.Never),
  output: Schema.Struct({ ...Member.fields, parents: Schema.Array(Member) }),
  annotations: reads,
  handler: Effect.fn("Tools.whoami")(function*() {
    const control = yield* ProcessControl
    const { id, provider } = yield* control.resolve("self")
    const parents = yield* control.ancestors("self")
    return { id, provider, parents: parents.map(({ id, provider }) => ({ id, provider })) }
  })
})

/** Everything that has ended is seldom what was meant by nothing at all. */
const hasCondition = Schema.makeFilter(
  ({ keep, olderThanDays, rootGone, status }: {
    readonly keep?: number
    readonly olderThanDays?: number
    readonly rootGone?: boolean
    readonly status?: string
  }) => rootGone === true || keep !== undefined || olderThanDays !== undefined || status !== undefined,
  { expected: "at least one of older_than_days, keep, status and root_gone", ...unsaid }
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
    "At least one condition must be given, and all must hold. First shows what would move; call it again with dry_run false.",
  input: Schema.Struct({
    olderThanDays: Schema.optionalKey(
      Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 36_500 })).annotate({
        description: "Only what ended longer ago."
      })
    ),
    keep: Schema.optionalKey(
      Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 1_000_000 })).annotate({
        description: "Leave so many there, the newest."
      })
    ),
    status: Schema.optionalKey(Schema.Literals(["exited", "killed"]).annotate({ description: "Only what ended so." })),
    rootGone: Schema.optionalKey(Schema.Boolean.annotate({
      description: "true: only where the project directory does not exist any more."
    })),
    dryRun: Schema.Boolean.annotate({ description: "Change nothing.", default: true }).pipe(
      Schema.withDecodingDefaultKey(Effect.succeed(true))
    )
  }).check(hasCondition).pipe(
    Schema.encodeKeys({ olderThanDays: "older_than_days", rootGone: "root_gone", dryRun: "dry_run" })
  ),
  output: Schema.Struct({
    dryRun: Schema.Boolean,
    count: Schema.Finite,
    /** The newest of them. */
    moved: Schema.Array(Schema.Struct({ id: Schema.String, provider: Schema.String, status: Schema.String }))
  }).pipe(Schema.encodeKeys({ dryRun: "dry_run" })),
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  handler: Effect.fn("Tools.pruneProcesses")(function*({ dryRun, keep, olderThanDays, rootGone, status }) {
    const control = yield* ProcessControl
    const moved = yield* control.prune({
      olderThan: olderThanDays === undefined ? undefined : Duration.days(olderThanDays),
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
  whoami,
  waitProcess,
  stopProcess,
  killProcess,
  pruneProcesses
]
