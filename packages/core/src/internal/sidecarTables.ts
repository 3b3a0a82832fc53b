/**
 * What stands in the tables of the sidecar.
 */
import { AuditRecord } from "../AuditRecord.ts"
import type { IdentifiedEntry, ProcessIdentity } from "../ProcessIdentity.ts"
import { fromLabels, type ProcessLabels } from "../ProcessLabels.ts"
import type { ArchivedEntry } from "../Sidecar.ts"
import * as RealTime from "./realTime.ts"
import type { Database } from "./sqlite.ts"

export const insertArchived = (database: Database, entries: ReadonlyArray<ArchivedEntry>): void => {
  const insert = database.prepare("INSERT OR REPLACE INTO archive (id, archived_at, entry) VALUES (?, ?, ?)")
  for (const { archivedAt, id, json } of entries) insert.run(id, archivedAt, json)
}

/** The later one of two counts, whoever is first to tell of theirs. */
export const insertChanges = (database: Database, changes: ReadonlyMap<string, number>): void => {
  const now = RealTime.now()
  // Those of the future are of an earlier boot.
  database.prepare("DELETE FROM changes WHERE changed_at NOT BETWEEN ? AND ?").run(now - 60_000, now)
  const insert = database.prepare(
    "INSERT INTO changes (id, changed_at) VALUES (?1, ?2) " +
      "ON CONFLICT (id) DO UPDATE SET changed_at = MAX(changed_at, ?2)"
  )
  for (const [id, changedAt] of changes) insert.run(id, changedAt)
}

export const forget = (database: Database, ids: ReadonlyArray<string>): void => {
  const forgetIdentity = database.prepare("DELETE FROM identities WHERE id = ?")
  // What has moved to the archive keeps them.
  const forgetLabels = database.prepare(
    "DELETE FROM labels WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM archive WHERE id = ?1)"
  )
  for (const id of ids) {
    forgetIdentity.run(id)
    forgetLabels.run(id)
  }
}

export const selectChanges = (database: Database, ids: ReadonlyArray<string>): ReadonlyMap<string, number> => {
  const select = database.prepare("SELECT changed_at FROM changes WHERE id = ? AND changed_at <= ?")
  const now = RealTime.now()
  return new Map(ids.flatMap((id) => {
    const row = select.get(id, now)
    return row === undefined ? [] : [[id, Number(row["changed_at"])] as const]
  }))
}

export const insertIdentities = (database: Database, entries: ReadonlyArray<IdentifiedEntry>): void => {
  const insert = database.prepare(
    "INSERT OR REPLACE INTO identities (id, pid, start_time, boot_id, pid_namespace, host, machine_id) " +
      "VALUES (?, ?, ?, ?, ?, ?, ?)"
  )
  for (const { id, identity: { bootId, host, machineId, pid, pidNamespace, startTicks } } of entries) {
    insert.run(id, pid, String(startTicks), bootId ?? null, pidNamespace ?? null, host, machineId ?? null)
  }
}

const textOrUndefined = (value: unknown): string | undefined => typeof value === "string" ? value : undefined

// Who made the database may have died before it had tables.
const hasTable = (database: Database, name: string): boolean =>
  database.prepare("SELECT 1 FROM sqlite_master WHERE name = ?").get(name) !== undefined

export const selectIdentities = (
  database: Database,
  ids: ReadonlyArray<string>
): ReadonlyMap<string, ProcessIdentity> => {
  if (!hasTable(database, "identities")) return new Map()
  const rows = database.prepare("SELECT * FROM identities WHERE id IN (SELECT value FROM json_each(?))")
    .all(JSON.stringify(ids))
  return new Map(rows.map((row) => {
    const identity: ProcessIdentity = {
      pid: Number(row["pid"]),
      startTicks: Number(row["start_time"]),
      bootId: textOrUndefined(row["boot_id"]),
      pidNamespace: textOrUndefined(row["pid_namespace"]),
      host: String(row["host"]),
      machineId: textOrUndefined(row["machine_id"])
    }
    return [String(row["id"]), identity] as const
  }))
}

/** In place of those that the entry had. */
export const replaceLabels = (database: Database, id: string, labels: ProcessLabels): void => {
  database.prepare("DELETE FROM labels WHERE id = ?").run(id)
  const insert = database.prepare("INSERT INTO labels (id, key, value) VALUES (?, ?, ?)")
  for (const [key, value] of Object.entries(labels)) insert.run(id, key, value)
}

export const selectLabels = (
  database: Database,
  ids: ReadonlyArray<string>
): ReadonlyMap<string, ProcessLabels> => {
  if (!hasTable(database, "labels")) return new Map()
  const rows = database.prepare("SELECT id, key, value FROM labels WHERE id IN (SELECT value FROM json_each(?))")
    .all(JSON.stringify(ids))
  const byId = Map.groupBy(rows, (row) => String(row["id"]))
  return new Map(
    Array.from(
      byId,
      ([id, rows]) => [id, fromLabels(rows.map((row) => [String(row["key"]), String(row["value"])]))] as const
    )
  )
}

export const selectArchived = (database: Database): ReadonlyArray<ArchivedEntry> => {
  if (!hasTable(database, "archive")) return []
  const rows = database.prepare("SELECT id, archived_at, entry FROM archive ORDER BY archived_at, rowid").all()
  return rows.map((row) => ({
    id: String(row["id"]),
    archivedAt: String(row["archived_at"]),
    json: String(row["entry"])
  }))
}

// More than anybody looks back; each is about two hundred bytes.
const auditKept = 10_000

export const insertAudit = (database: Database, records: ReadonlyArray<AuditRecord>): void => {
  const insert = database.prepare(
    "INSERT INTO audit (time, asker, asker_id, id, pid, start_time, verified, signal, outcome) " +
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
  )
  for (const { asker, askerProcessId, id, outcome, pid, signal, startTicks, time, verified } of records) {
    const start = startTicks === null ? null : String(startTicks)
    insert.run(time, asker, askerProcessId, id, pid, start, verified ? 1 : 0, signal, outcome)
  }
  database.prepare("DELETE FROM audit WHERE sequence <= (SELECT MAX(sequence) FROM audit) - ?").run(auditKept)
}

export const selectAudit = (database: Database, limit: number): ReadonlyArray<AuditRecord> => {
  if (!hasTable(database, "audit")) return []
  const rows = database.prepare("SELECT * FROM audit ORDER BY sequence DESC LIMIT ?").all(limit)
  return rows.map((row) =>
    new AuditRecord({
      time: String(row["time"]),
      asker: String(row["asker"]),
      askerProcessId: textOrUndefined(row["asker_id"]) ?? null,
      id: String(row["id"]),
      pid: Number(row["pid"]),
      startTicks: row["start_time"] === null ? null : Number(row["start_time"]),
      verified: row["verified"] === 1,
      signal: String(row["signal"]),
      outcome: String(row["outcome"])
    })
  )
}
