/**
 * `pid:4242`: a process by the number that other tools show of it.
 */
import * as Effect from "effect/Effect"
import { AmbiguousHandle, ProcessControlError, ProcessNotFound } from "../ProcessControlError.ts"
import type { ProcessEntry } from "../ProcessEntry.ts"
import type { ProcessStore } from "../ProcessStore.ts"
import type { Observation, Observer } from "./observation.ts"

const prefix = "pid:"

export const isOne = (handle: string): boolean => handle.startsWith(prefix)

const pidOf = (handle: string): number | undefined => {
  const digits = handle.slice(prefix.length)
  return /^\d{1,10}$/.test(digits) ? Number(digits) : undefined
}

/** Whether the entry is meant by whoever names this pid now: not once the number is somebody else's. */
const isMeant = ({ liveness, state }: Observation): boolean =>
  liveness.status === "running" || (liveness.status === "dead" && (state._tag === "Gone" || state._tag === "Zombie"))

const idsOf = (observations: ReadonlyArray<Observation>) =>
  Array.from(new Set(observations.map(({ entry }) => entry.id)))

const fail = (reason: ProcessControlError["reason"]) => Effect.fail(new ProcessControlError({ reason }))

/**
 * The entry that is stored as running with this pid: the one whose process runs,
 * before those whose process is gone, and of those that run the one that is
 * known to be the process, before those that only have its pid.
 */
export const resolver = (
  store: ProcessStore["Service"],
  observe: (entries: ReadonlyArray<ProcessEntry>) => Effect.Effect<Observer>
) =>
  Effect.fnUntraced(function*(handle: string) {
    const { entries, unreadable } = yield* store.load
    const notFound = (why: string) => fail(new ProcessNotFound({ handle, unreadable: unreadable.length, why }))

    const pid = pidOf(handle)
    if (pid === undefined) return yield* notFound("a pid is a number, as in pid:4242")
    const having = entries.filter((entry) => entry.status === "running" && entry.pid === pid)
    const observer = yield* observe(having)
    const meant = (yield* Effect.forEach(having, observer.look)).filter(isMeant)
    const found = [
      meant.filter(({ liveness }) => liveness.verified),
      meant.filter(({ liveness }) => liveness.status === "running"),
      meant
    ].find((some) => some.length > 0)
    if (found === undefined) return yield* notFound("no process that runs is registered with this pid")
    const candidates = idsOf(found)
    return candidates.length === 1 ? found[0]!.entry : yield* fail(new AmbiguousHandle({ handle, candidates }))
  })
