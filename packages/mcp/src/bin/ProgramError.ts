/**
 * Why the program does not run, for whoever has started it.
 */
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"

/** It was asked wrongly. */
export class UsageError extends Schema.TaggedError<UsageError>()("UsageError", { problem: Schema.String }) {
  override readonly [Runtime.errorExitCode] = 2
  override get message(): string {
    return `Error: ${this.problem}\n\nFor more information, try 'zag-mcp --help'.`
  }
}

/** It cannot do what it was asked for. */
export class StartError extends Schema.TaggedError<StartError>()("StartError", { problem: Schema.String }) {
  override get message(): string {
    return `Error: ${this.problem}`
  }
}
