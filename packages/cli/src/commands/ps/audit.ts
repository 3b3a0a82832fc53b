import { type AuditRecord, AuditRecordJson } from "@zag/core/AuditRecord"
import { Sidecar } from "@zag/core/Sidecar"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { answer } from "../../Json.ts"
import * as Screen from "../../Screen.ts"
import * as Text from "../../Text.ts"
import * as TimeText from "../../TimeText.ts"
import { count } from "./count.ts"

const flags = {
  limit: count("limit", "At most so many, the last ones; 50 by default").pipe(
    Flag.withAlias("n"),
    Flag.withDefault(50)
  )
} as const

const header = ["TIME", "SIGNAL", "PID", "OUTCOME", "ID", "ASKED BY"]

/** As it is, or as much of it as tells most ids apart. */
const shortened = (id: string, columns: number | undefined): string => columns === undefined ? id : id.slice(0, 8)

const row =
  (columns: number | undefined) => ({ asker, askerProcessId, id, outcome, pid, signal, time, verified }: AuditRecord) =>
    [
      TimeText.toSecond(time),
      signal,
      String(pid),
      outcome.replaceAll("_", " "),
      verified ? shortened(id, columns) : `${shortened(id, columns)} (unverified)`,
      askerProcessId === null ? asker : `${asker} in ${shortened(askerProcessId, columns)}`
    ].map((cell) => Text.singleLine(cell))

const table = (records: ReadonlyArray<AuditRecord>, columns: number | undefined): string =>
  Text.fitted(Text.aligned([header, ...records.map(row(columns))]), columns).join("\n")

const encode = Schema.encodeSync(Schema.Array(AuditRecordJson))

export const commandAudit = Command.make(
  "audit",
  flags,
  Effect.fn("zag ps audit")(function*({ limit }) {
    const records = yield* (yield* Sidecar).audited(limit)
    const columns = yield* Screen.columns
    yield* answer(encode(records), () => records.length === 0 ? "No signals were sent." : table(records, columns))
  })
).pipe(
  Command.withDescription(
    "Show which signals were sent to registered processes and what they had started: when, by whom, and what came of " +
      "it; the last one first. The newest 10,000 are kept."
  ),
  Command.withShortDescription("Show which signals were sent, and by whom"),
  Command.withExamples([{ command: "zag ps audit -n 5", description: "The last five signals" }])
)
