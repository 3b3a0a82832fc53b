/**
 * A registry file that is none: it lives in this program.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import type { StoreFile } from "./storeFile.ts"

export const make = (): { readonly file: StoreFile; readonly touched: Stream.Stream<void> } => {
  let content: Uint8Array | undefined
  let version = 0
  const listeners = new Set<Queue.Enqueue<void>>()
  return {
    file: {
      path: "memory",
      version: () => String(version),
      modifiedAt: () => undefined,
      read: Effect.sync(() => Option.fromUndefinedOr(content)),
      replace: (replacement, _basis, inPlace) =>
        Effect.sync(() => {
          content = replacement
          inPlace(String(++version))
          for (const listener of listeners) Queue.offerUnsafe(listener, undefined)
          return true
        }),
      settle: Effect.void,
      keepAside: Effect.succeed("memory"),
      dropAside: () => Effect.void
    },
    touched: Stream.callback<void>((queue) =>
      Effect.acquireRelease(
        Effect.sync(() => {
          listeners.add(queue)
          // It may have been replaced since somebody has last looked.
          Queue.offerUnsafe(queue, undefined)
        }),
        () => Effect.sync(() => listeners.delete(queue))
      )
    )
  }
}
