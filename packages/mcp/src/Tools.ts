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
import { ProcessInfoJson } from "@zag/core/ProcessInfo"
import { WaitOutcomeJson } from "@zag/core/WaitOutcome"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Tool from "./Tool.ts"

const Handle = Schema.NonEmptyString.annotate({
  description:
    "Id of the process, or a unique beginning of it, or \"pid:4242\" for what runs with that pid, or \"self\" for the " +
    "session you run in."
})

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
    "Each process comes with what was registered (id, pid, provider, model, command, beginning of the prompt, " +
    "project root, parents) and with live_status, which was checked just now: running, dead (registered as running, " +
    "but gone), exited, killed or unknown (in another container or on another machine). verified: it is known to be " +
    "the process that was registered, not only one with its pid. Go by live_status; status is only what was stored. " +
    "unreadable_entries are damaged entries of the registry; they hide no other entry. " +
    "Next: get_process, wait_process, stop_process or kill_process with an id.",
  input: Schema.Struct({
    running: Schema.optionalKey(Schema.Boolean.annotate({
      description: "true: only processes whose live_status is running. Otherwise all."
    })),
    provider: Schema.optionalKey(Schema.String.annotate({
      description:
        "Only processes of this provider, exactly: claude, codex, gemini, copilot, ollama, ...; ~cod: any with cod in it."
    })),
    children: Schema.optionalKey(Schema.NonEmptyString.annotate({
      description: "Only processes started by this one: a full process id or session id, or \"self\" for your own."
    })),
    limit: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 500 })).annotate({
      description: "At most so many, the newest. If so many come back, there may be more.",
      default: 50
    }).pipe(Schema.withDecodingDefaultKey(Effect.succeed(50)))
  }),
  output: Schema.Struct({
    processes: Schema.Array(ProcessInfoJson),
    unreadableEntries: Schema.Array(Schema.Struct({ index: Schema.Finite, problem: Schema.String }))
  }).pipe(Schema.encodeKeys({ unreadableEntries: "unreadable_entries" })),
  annotations: reads,
  handler: Effect.fn("Tools.listProcesses")(function*(filter) {
    const control = yield* ProcessControl
    const { processes, unreadable } = yield* control.list(filter)
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
      description: "How long to wait at most. Many clients give up a call after 60 seconds.",
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
    return yield* control.stop(id)
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
    "still there after grace_seconds. Waits until all is gone and records that it was killed; what was not saved is " +
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
    return yield* control.kill(id, { signal, grace: Duration.seconds(graceSeconds) })
  })
})

/**
 * Every tool, in the order in which a client shows them.
 *
 * @category tools
 * @since 0.1.0
 */
export const all: ReadonlyArray<Tool.Tool> = [listProcesses, getProcess, waitProcess, stopProcess, killProcess]
