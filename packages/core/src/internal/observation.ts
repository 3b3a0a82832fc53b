/**
 * What becomes of registered processes, as far as it can be seen from here.
 */
import * as Effect from "effect/Effect"
import type { OsProcess, PidState } from "../OsProcess.ts"
import type { ProcessEntry } from "../ProcessEntry.ts"
import { fromState, type IdentifiedEntry, type ProcessIdentity } from "../ProcessIdentity.ts"
import { type Liveness, livenessOf } from "../ProcessInfo.ts"
import type { ProcessStore } from "../ProcessStore.ts"
import type { Sidecar } from "../Sidecar.ts"

/** One look at the process of an entry. */
export interface Observation {
  readonly entry: ProcessEntry
  readonly state: PidState
  readonly liveness: Liveness
  /** Who it was when it was registered, or first seen. */
  readonly identity: ProcessIdentity | undefined
}

export interface Observer {
  /** A look at one process now. */
  readonly look: (entry: ProcessEntry) => Effect.Effect<Observation>
  /** A look at several now, in their order. */
  readonly lookAll: (entries: ReadonlyArray<ProcessEntry>) => Effect.Effect<ReadonlyArray<Observation>>
  /** Records who those are that were seen running for the first time; nobody waits for that. */
  readonly remember: Effect.Effect<void>
}

// A finished entry says nothing about whoever has its pid now.
const gone: PidState = { _tag: "Gone" }

const isRunning = ({ status }: ProcessEntry): boolean => status === "running"

/** Records the end of all processes that are proven dead; answers their entries. */
export const reconcile = Effect.fnUntraced(function*(
  store: ProcessStore["Service"],
  provenDead: (entries: ReadonlyArray<ProcessEntry>) => Effect.Effect<ReadonlyArray<ProcessEntry>>
) {
  const { entries } = yield* store.load
  return yield* store.reconcile(yield* provenDead(entries))
})

export const make = (os: OsProcess["Service"], sidecar: Sidecar["Service"]) => {
  /** Looks at some of these entries, each when it is asked for. */
  const observe = Effect.fnUntraced(function*(entries: ReadonlyArray<ProcessEntry>) {
    const ids = entries.filter(isRunning).map(({ id }) => id)
    // Without its database everything works, and nothing is verified.
    const identities = ids.length === 0
      ? new Map<string, ProcessIdentity>()
      : yield* Effect.orElseSucceed(sidecar.identities(ids), () => new Map<string, ProcessIdentity>())
    const space = yield* os.space
    const firstSeen: Array<IdentifiedEntry> = []

    const observation = (entry: ProcessEntry, state: PidState): Observation => {
      const recorded = identities.get(entry.id)
      // `zag` points an entry at another process, and does not tell who that is.
      const identity = recorded?.pid === entry.pid ? recorded : undefined
      const liveness = livenessOf(entry, state, space, identity)
      const seen = identity === undefined && liveness.status === "running"
        ? fromState(entry.pid, state, space)
        : undefined
      if (seen !== undefined) firstSeen.push({ id: entry.id, identity: seen })
      return { entry, state, liveness, identity }
    }

    return {
      look: (entry) =>
        isRunning(entry)
          ? Effect.map(os.inspect(entry.pid), (state) => observation(entry, state))
          : Effect.succeed(observation(entry, gone)),
      lookAll: (entries) =>
        Effect.map(os.inspectAll(entries.filter(isRunning).map(({ pid }) => pid)), (states) => {
          const next = states.values()
          return entries.map((entry) => observation(entry, isRunning(entry) ? next.next().value! : gone))
        }),
      remember: Effect.suspend(() =>
        firstSeen.length === 0 ? Effect.void : Effect.ignore(sidecar.identifyIfFree(firstSeen))
      )
    } satisfies Observer
  })

  /** Who it is when it is seen for the first time is recorded, so some time may pass after the look. */
  const observeOne = Effect.fnUntraced(function*(entry: ProcessEntry) {
    const observer = yield* observe([entry])
    const observation = yield* observer.look(entry)
    yield* observer.remember
    return observation
  })

  /** The same for whoever acts on what was seen, at once. */
  const lookNow = (entry: ProcessEntry) => Effect.flatMap(observe([entry]), ({ look }) => look(entry))

  /**
   * The entries among these that are stored as running, and whose process is
   * proven dead: it was known who it was, and where. A pid that is nobody's here
   * may be somebody's in a container.
   */
  const provenDead = Effect.fnUntraced(function*(entries: ReadonlyArray<ProcessEntry>) {
    const running = entries.filter(isRunning)
    const { lookAll } = yield* observe(running)
    return (yield* lookAll(running)).flatMap(({ entry, identity, liveness }) =>
      identity !== undefined && liveness.status === "dead" ? [entry] : []
    )
  })

  return { observe, observeOne, lookNow, provenDead }
}
