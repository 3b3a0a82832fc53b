/**
 * The table of tools, in a server of the SDK.
 */
import type { CallToolResult, McpServer, ServerContext } from "@modelcontextprotocol/server"
import { Asker } from "@zag/core/Asker"
import type { ProcessControl } from "@zag/core/ProcessControl"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { type AnswerAwaited, Confirmation } from "../Confirmation.ts"
import { EndLimit, EndLimitReached, mostAMinute } from "../EndLimit.ts"
import { CallerIsSelf, EndScope } from "../EndScope.ts"
import { Progress, type Step } from "../Progress.ts"
import type * as Resource from "../Resource.ts"
import * as Resources from "../Resources.ts"
import type { Options } from "../Server.ts"
import type { Tool, ToolError } from "../Tool.ts"
import * as Tools from "../Tools.ts"
import { clientOf } from "./client.ts"
import type { Confirming } from "./confirming.ts"
import * as SlidingWindow from "./slidingWindow.ts"
import * as StandardSchema from "./standardSchema.ts"
import * as ViewRegistration from "./viewRegistration.ts"

/** Tells the client, when it has asked to be told by giving a token. */
const progressTo = ({ mcpReq }: ServerContext) => ({ done, message, total }: Step): Effect.Effect<void> => {
  const progressToken = mcpReq._meta?.progressToken
  return progressToken === undefined ? Effect.void : Effect.ignore(Effect.tryPromise(() =>
    mcpReq.notify({
      method: "notifications/progress",
      params: {
        progressToken,
        progress: done,
        ...(total === undefined ? {} : { total }),
        ...(message === undefined ? {} : { message })
      }
    })
  ))
}

const link = (id: string) => ({
  type: "resource_link" as const,
  uri: Resources.uriOf(id),
  name: id,
  mimeType: "application/json"
})

const success = (
  structuredContent: { readonly [key: string]: unknown },
  mentioned: ReadonlyArray<string>
): CallToolResult => ({
  structuredContent,
  content: [{ type: "text", text: JSON.stringify(structuredContent) }, ...mentioned.map(link)]
})

const failure = (message: string): CallToolResult => ({ isError: true, content: [{ type: "text", text: message }] })

/** With the next step for a model, where the error is one that people get as well. */
const messageOf = (error: ToolError): string =>
  error._tag === "ProcessControlError" && error.reason._tag === "ProcessNotFound"
    ? `${error.message}. list_processes shows the ids.`
    : error.message

const within = (what: EndLimitReached["what"], isAllowed: Effect.Effect<boolean>) =>
  Effect.flatMap(isAllowed, (is) => is ? Effect.void : Effect.fail(new EndLimitReached({ what })))

const oneMinute = Duration.minutes(1)

/**
 * Of all clients together. What is asked about is counted apart, so that a person who has agreed is not refused for having
 * been asked.
 */
const limits = () => {
  const [calls, questions] = [SlidingWindow.make(mostAMinute, oneMinute), SlidingWindow.make(mostAMinute, oneMinute)]
  const ending: EndLimit = { check: within("calls", calls.hasRoom), count: within("calls", calls.take) }
  return { ending, asking: within("questions", questions.take) }
}

// Longer than any wait that can be asked for, so that only what hangs is given up.
const longestSeconds = 330

const caller = (tool: Tool) => {
  const encode = Schema.encodeEffect(tool.output)
  return (input: unknown): Effect.Effect<CallToolResult, AnswerAwaited, ProcessControl> =>
    tool.handler(input).pipe(
      Effect.flatMap((output) =>
        Effect.map(Effect.orDie(encode(output)), (encoded) => success(encoded, tool.mentions?.(output) ?? []))
      ),
      Effect.timeoutOrElse({
        duration: Duration.seconds(longestSeconds),
        orElse: () =>
          Effect.succeed(failure(
            `${tool.name} was given up after ${longestSeconds} seconds. What it had begun may be done: look with get_process.`
          ))
      }),
      Effect.catch((error) =>
        error._tag === "AnswerAwaited" ? Effect.fail(error) : Effect.succeed(failure(messageOf(error)))
      ),
      Effect.catchDefect((defect) =>
        Effect.as(Effect.logError(`The tool ${tool.name} is broken`, defect), failure("Internal error"))
      )
    )
}

// Once for all servers: converting the schemas costs more than all the rest.
const registrations = Tools.all.map((tool) => ({
  name: tool.name,
  call: caller(tool),
  config: {
    title: tool.title,
    description: tool.description,
    annotations: tool.annotations,
    inputSchema: StandardSchema.input(tool.input),
    outputSchema: StandardSchema.output(tool.output, Tools.all.find(({ name }) => name === tool.answersLike)),
    ...ViewRegistration.metaOf(tool.view)
  }
}))

type Run = <A>(
  effect: Effect.Effect<A, never, Resource.Services>,
  options?: { readonly signal?: AbortSignal }
) => Promise<A>

/** What registers those that are offered with a server. */
export const make = (options: Options, run: Run, confirming: Confirming) => {
  const { asking, ending } = limits()
  const offered = registrations.filter(({ config }) => options.readOnly !== true || config.annotations.readOnlyHint)
  return (server: McpServer): void => {
    for (const { call, config, name } of offered) {
      server.registerTool(
        name,
        config,
        (input, context) =>
          run(
            call(input).pipe(
              Effect.catch((awaited) => Effect.andThen(asking, confirming.ask(awaited, context))),
              Effect.catch((reached) => Effect.succeed(failure(reached.message))),
              Effect.provideService(EndLimit, ending),
              Effect.provideService(Confirmation, confirming.of(server, context)),
              Effect.provideService(Asker, `zag-mcp ${clientOf(server, context)}`),
              Effect.provideService(EndScope, options.scope ?? "own"),
              Effect.provideService(CallerIsSelf, options.clientIsSelf ?? false),
              Effect.provideService(Progress, progressTo(context))
            ),
            { signal: context.mcpReq.signal }
          )
      )
    }
  }
}
