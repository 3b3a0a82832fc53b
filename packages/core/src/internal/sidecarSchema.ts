/**
 * The tables of the sidecar, and how an older database gets them.
 */
import type { Database } from "./sqlite.ts"

// "zag" and a number, which tells our databases from those of other programs.
export const applicationId = 0x7a61_6701

/** Each step brings a database from the version of its index to the next one. Steps are never changed, only added. */
const steps: ReadonlyArray<string> = [
  `
  CREATE TABLE archive (
    id TEXT PRIMARY KEY,
    archived_at TEXT NOT NULL,
    entry TEXT NOT NULL
  );
  CREATE TABLE identities (
    id TEXT PRIMARY KEY,
    pid INTEGER NOT NULL,
    start_time TEXT NOT NULL,
    boot_id TEXT,
    pid_namespace TEXT,
    host TEXT
  );
  CREATE TABLE audit (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    time TEXT NOT NULL,
    asker TEXT NOT NULL,
    id TEXT NOT NULL,
    pid INTEGER NOT NULL,
    signal TEXT NOT NULL,
    outcome TEXT NOT NULL
  );
  `,
  // By the clock that is never set, in milliseconds.
  `
  CREATE TABLE removals (
    id TEXT PRIMARY KEY,
    removed_at REAL NOT NULL
  );
  ALTER TABLE identities ADD COLUMN machine_id TEXT;
  ALTER TABLE audit ADD COLUMN asker_id TEXT;
  ALTER TABLE audit ADD COLUMN start_time TEXT;
  ALTER TABLE audit ADD COLUMN verified INTEGER NOT NULL DEFAULT 0;
  `,
  // Of entries in the registry and in the archive.
  `
  CREATE TABLE labels (
    id TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (id, key)
  ) WITHOUT ROWID;
  `,
  // By the same clock as `removals`, in whose place it is: a removal is one of the changes that are told.
  `
  CREATE TABLE changes (
    id TEXT PRIMARY KEY,
    changed_at REAL NOT NULL
  );
  `
]

const pragma = (database: Database, name: string): number =>
  Number(Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0])

/**
 * Given a database in a write transaction: `Ready` when its tables are as they
 * must be. `Migrated` when they were brought there, which has ended the
 * transaction. `Foreign` when some other program made it.
 *
 * A database of a later version is used as it is: steps only add.
 */
export const migrate = (database: Database): "Ready" | "Migrated" | "Foreign" => {
  const version = pragma(database, "user_version")
  const owner = pragma(database, "application_id")
  if (owner !== applicationId && (version > 0 || pragma(database, "schema_version") > 0)) return "Foreign"
  if (version >= steps.length) return "Ready"
  for (const step of steps.slice(version)) database.exec(step)
  database.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${steps.length}; COMMIT`)
  return "Migrated"
}
