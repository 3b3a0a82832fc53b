/**
 * What a doctor repairs: a damaged registry, temporary files that were left,
 * and processes that are stored as running and proven dead. Where there is
 * nothing of that, nothing is touched, and nothing locked.
 */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import type { Finding, Repaired } from "../Doctor.ts"
import { OsProcess } from "../OsProcess.ts"
import { ProcessStore } from "../ProcessStore.ts"
import { Sidecar } from "../Sidecar.ts"
import { ZagHome } from "../ZagHome.ts"
import * as Observation from "./observation.ts"
import type { Orphan } from "./orphans.ts"

interface Outcome {
  readonly repaired: ReadonlyArray<Repaired>
  readonly failed: ReadonlyArray<Finding>
}

const takenOver = (count: number): string => count === 1 ? "1 entry of it is" : `${count} entries of it are`

const attempt = <E extends Error>(subject: string, repair: Effect.Effect<ReadonlyArray<Repaired>, E>) =>
  Effect.match(repair, {
    onSuccess: (repaired): Outcome => ({ repaired, failed: [] }),
    onFailure: ({ message }): Outcome => ({
      repaired: [],
      failed: [{
        code: "repair_failed",
        severity: "error",
        subject,
        message: `The repair failed: ${message}`,
        advice: "Remove the cause, and repair again."
      }]
    })
  })

export const make = Effect.fnUntraced(function*(orphans: Effect.Effect<ReadonlyArray<Orphan>>) {
  const fs = yield* FileSystem.FileSystem
  const store = yield* ProcessStore
  const sidecar = yield* Sidecar
  const { directory, processesFile } = yield* ZagHome
  const { provenDead } = Observation.make(yield* OsProcess, sidecar)

  const registry = Effect.gen(function*() {
    const loaded = yield* Effect.result(store.load)
    if (Result.isSuccess(loaded) || loaded.failure.reason._tag !== "StoreCorrupt") return []
    // Somebody else may have repaired it since.
    return Option.toArray(yield* store.repair).map(({ aside, kept }): Repaired => ({
      code: "store_corrupt",
      subject: processesFile,
      message: `The damaged registry was kept as ${aside}, and ${takenOver(kept)} in a new one.`
    }))
  })

  const temporaries = Effect.gen(function*() {
    if ((yield* orphans).length === 0) return []
    // Whoever writes meanwhile holds the lock, also where its pid means nothing to us.
    const removed = yield* sidecar.withLock(() =>
      Effect.tap(orphans, Effect.forEach(({ path }) => fs.remove(path, { force: true }), { discard: true }))
    )
    return removed.map(({ path }): Repaired => ({
      code: "orphan_temporary",
      subject: path,
      message: `${path} was removed.`
    }))
  })

  const dead = Effect.gen(function*() {
    const loaded = yield* Effect.result(store.load)
    // That is told already.
    if (Result.isFailure(loaded)) return []
    const ended = yield* store.reconcile(yield* provenDead(loaded.success.entries))
    return ended.map(({ id }): Repaired => ({
      code: "process_dead",
      subject: id,
      message: `The process ${id} was recorded as exited, with an unknown exit code.`
    }))
  })

  /** Repairs what can be repaired, each thing whatever becomes of the other. */
  const treat = Effect.gen(function*() {
    // A new registry is written where the temporary files are, so those come first: each is to be told.
    const outcomes = [
      yield* attempt(directory, temporaries),
      yield* attempt(processesFile, registry),
      yield* attempt(processesFile, dead)
    ]
    return {
      repaired: outcomes.flatMap(({ repaired }) => repaired),
      failed: outcomes.flatMap(({ failed }) => failed)
    } satisfies Outcome
  })

  return { treat }
})
