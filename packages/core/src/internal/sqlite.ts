/**
 * `node:sqlite`, loaded when it is first needed.
 */
import type * as Sqlite from "node:sqlite"

export type Database = Sqlite.DatabaseSync

// https://sqlite.org/rescode.html
const SQLITE_BUSY = 5
const SQLITE_CORRUPT = 11
const SQLITE_NOTADB = 26

const codeOf = (error: unknown): number | undefined => {
  const code = (error as { readonly errcode?: unknown } | undefined)?.errcode
  // The upper bits say more than is asked for here.
  return typeof code === "number" ? code & 0xff : undefined
}

export const isBusy = (error: unknown): boolean => codeOf(error) === SQLITE_BUSY

/** The file is no database, or a broken one. */
export const isDamaged = (error: unknown): boolean => {
  const code = codeOf(error)
  return code === SQLITE_CORRUPT || code === SQLITE_NOTADB
}

// Node 22 warns that the module is experimental; that is no news to a user of this package. Every other warning stays.
const withoutWarning = <A>(load: () => A): A => {
  const { emitWarning } = process
  process.emitWarning = (warning: string | Error, ...rest: Array<unknown>) => {
    if (!String(warning).includes("SQLite is an experimental feature")) {
      Reflect.apply(emitWarning, process, [warning, ...rest])
    }
  }
  try {
    return load()
  } finally {
    process.emitWarning = emitWarning
  }
}

let loaded: typeof Sqlite | undefined

export const load = (): typeof Sqlite => loaded ??= withoutWarning(() => process.getBuiltinModule("node:sqlite"))
