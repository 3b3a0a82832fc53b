/**
 * Keeping what signals were sent, by whom and to whom.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { Asker } from "../Asker.ts"
import { AuditRecord } from "../AuditRecord.ts"
import * as Environment from "../Environment.ts"
import type { OsProcess } from "../OsProcess.ts"
import type { OsProcessError } from "../OsProcessError.ts"
import type { ProcessEntry } from "../ProcessEntry.ts"
import type { Sidecar } from "../Sidecar.ts"
import * as Timestamp from "../Timestamp.ts"
import type { Observation } from "./observation.ts"

export type SendSignal = OsProcess["Service"]["signal"]

const outcomeOf = ({ reason }: OsProcessError): string => {
  switch (reason._tag) {
    case "NoSuchProcess":
      return "no_such_process"
    case "NotPermitted":
      return "not_permitted"
    case "PidRefused":
      return "refused"
    case "SignalImpossible":
      return "impossible"
  }
}

/**
 * Gives `use` a way to send signals, and keeps what it sent when it is done,
 * whatever became of it. What cannot be kept is a warning: the signals were sent.
 */
export const make = (os: OsProcess["Service"], sidecar: Sidecar["Service"]) =>
<A, E, R>(
  entry: ProcessEntry,
  observation: Observation | undefined,
  use: (signal: SendSignal) => Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> =>
  Effect.gen(function*() {
    const asker = yield* Asker
    const askerProcessId = Option.getOrNull(yield* Environment.processId)
    const records: Array<AuditRecord> = []

    const signal: SendSignal = Effect.fnUntraced(function*(pid, signal, startTicks) {
      const time = yield* Timestamp.now
      const keep = (outcome: string) =>
        Effect.sync(() => {
          records.push(
            new AuditRecord({
              time,
              asker,
              askerProcessId,
              id: entry.id,
              pid,
              startTicks: startTicks ?? null,
              verified: observation?.liveness.verified ?? false,
              signal,
              outcome
            })
          )
        })
      yield* os.signal(pid, signal, startTicks).pipe(
        Effect.tap(() => keep("sent")),
        Effect.tapError((error) => keep(outcomeOf(error)))
      )
    })

    const write = Effect.suspend(() => records.length === 0 ? Effect.void : sidecar.audit(records)).pipe(
      Effect.catch(({ message }) =>
        Effect.logWarning(`The audit does not have the signals to process ${entry.id}: ${message}`)
      )
    )

    return yield* Effect.ensuring(use(signal), write)
  })
