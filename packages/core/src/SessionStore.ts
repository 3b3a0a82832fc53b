/**
 * The sessions of `zag`, which it keeps in a file for each project. They are
 * only read here.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import type * as Option from "effect/Option"
import type * as Path from "effect/Path"
import type { SessionEntry } from "./SessionEntry.ts"
import type { SessionStoreError } from "./SessionStoreError.ts"
import { ZagHome } from "./ZagHome.ts"

/**
 * A session, and where it was found.
 *
 * @category models
 * @since 0.1.0
 */
export interface FoundSession {
  readonly entry: SessionEntry
  /** The directory of `sessions.json`, and of its logs. */
  readonly projectDirectory: string
}

/**
 * By what a session is looked for: what the entry of its process says.
 *
 * @category models
 * @since 0.1.0
 */
export interface SessionHandle {
  readonly sessionId: string
  /** The project directory; null when it is not known. */
  readonly root: string | null
}

/**
 * The sessions of `zag`.
 *
 * **Details**
 *
 * A session is looked for by its own id, then by the one that the agent gave
 * it: first in the project of the root; then, and when the root is not known,
 * in every project there is. `zag` takes the project of whoever asks instead,
 * and finds nothing from elsewhere. Two sessions with one id are never taken
 * for each other.
 *
 * @category services
 * @since 0.1.0
 */
export class SessionStore extends Context.Service<SessionStore, {
  /** The one session that is meant. */
  find(handle: SessionHandle): Effect.Effect<FoundSession, SessionStoreError>
  /** The session of a project that was created last; of those that belong to no project, without a root. */
  latest(root: string | null): Effect.Effect<Option.Option<FoundSession>, SessionStoreError>
}>()("@zag/core/SessionStore") {
  /**
   * The files below the directory of the {@link ZagHome}.
   */
  static readonly layer: Layer.Layer<SessionStore, never, FileSystem.FileSystem | Path.Path | ZagHome> = Layer.effect(
    SessionStore,
    Effect.gen(function*() {
      const { directory } = yield* ZagHome
      const files = yield* Effect.context<FileSystem.FileSystem | Path.Path>()
      return SessionStore.of({
        find: Effect.fn("SessionStore.find")(function*(handle) {
          // Most programs never look for one, and start faster without this.
          const { find } = yield* Effect.promise(() => import("./internal/sessionSearch.ts"))
          return yield* Effect.provide(find(directory, handle), files)
        }),
        latest: Effect.fn("SessionStore.latest")(function*(root) {
          const { latest } = yield* Effect.promise(() => import("./internal/sessionSearch.ts"))
          return yield* Effect.provide(latest(directory, root), files)
        })
      })
    })
  )
}
