/**
 * What a program has said, and how it has ended.
 */
import { Effect, Stream } from "effect"
import type { ChildProcessSpawner } from "effect/process"

/** Waits for the end of a program. */
export const endedOf = (handle: ChildProcessSpawner.ChildProcessHandle) =>
  Effect.all({
    exitCode: handle.exitCode,
    stdout: Stream.mkString(Stream.decodeText(handle.stdout)),
    stderr: Stream.mkString(Stream.decodeText(handle.stderr))
  }, { concurrency: "unbounded" })
