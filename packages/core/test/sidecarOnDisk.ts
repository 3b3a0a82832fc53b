import { Sidecar } from "@zag/core/Sidecar"
import { ZagHome } from "@zag/core/ZagHome"
import { Context, Effect, Layer } from "effect"
import { DatabaseSync } from "node:sqlite"

export const layerSidecar = (directory: string) => Sidecar.layerSqlite.pipe(Layer.provide(ZagHome.layerAt(directory)))

/** A sidecar in the directory; each call is another program. */
export const openSidecar = (directory: string) => Effect.map(Layer.build(layerSidecar(directory)), Context.get(Sidecar))

/** Runs SQL as a program of somebody else would. */
export const runSql = (file: string, sql: string) =>
  Effect.acquireUseRelease(
    Effect.sync(() => new DatabaseSync(file)),
    (database) => Effect.sync(() => database.exec(sql)),
    (database) => Effect.sync(() => database.close())
  )

/** The answer to one query, a row an object. */
export const query = (file: string, sql: string) =>
  Effect.acquireUseRelease(
    Effect.sync(() => new DatabaseSync(file, { readOnly: true })),
    (database) => Effect.sync(() => database.prepare(sql).all().map((row) => Object.fromEntries(Object.entries(row)))),
    (database) => Effect.sync(() => database.close())
  )
