import { type AuditRecord, AuditRecordJson } from "@zag/core/AuditRecord"
import { Sidecar } from "@zag/core/Sidecar"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { answer } from "../../Json.ts"
import * as Text from "../../Text.ts"

const flags = {
  limit: Flag.Int("limit").pipe(
    Flag.withAlias("n"),
    Flag.withMetavar("COUNT"),
    Flag.withDescription("At most so many, the last ones; 50 by default"),
    Flag.filter((limit) => limit >= 0, () => "a whole number, 0 or more"),
    Flag.withDefault(50)
  )
} as const

const header = ["TIME", "SIGNAL", "PID", "OUTCOME", "ID", "ASKED BY"]

const row = ({ asker, askerProcessId, id, outcome, pid, signal, time, verified }: AuditRecord) =>
  [
    time,
    signal,
    String(pid),
    outcome.replaceAll("_", " "),
    verified ? id : `${id} (unverified)`,
    askerProcessId === null ? asker : `${asker} in ${askerProcessId}`
  ].map(Text.singleLine)

const encode = Schema.encodeSync(Schema.Array(AuditRecordJson))

export const commandAudit = Command.make(
  "audit",
  flags,
  Effect.fn("zag ps audit")(function*({ limit }) {
    const records = yield* (yield* Sidecar).audited(limit)
    yield* answer(
      encode(records),
      () => records.length === 0 ? "No signals were sent." : Text.aligned([header, ...records.map(row)]).join("\n")
    )
  })
).pipe(
  Command.withDescription(
    "Show which signals were sent to registered processes and what they had started: when, by whom, and what came of " +
      "it; the last one first. The newest 10,000 are kept."
  ),
  Command.withShortDescription("Show which signals were sent, and by whom"),
  Command.withExamples([{ command: "zag ps audit -n 5", description: "The last five signals" }])
)
