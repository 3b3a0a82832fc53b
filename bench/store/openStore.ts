/**
 * The store on a directory, as a program of its own opens it; nothing moves to
 * the archive.
 */
import * as Zag from "@zag/core/node"
import * as ProcessStore from "@zag/core/ProcessStore"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

export const openStore = (directory: string) =>
  Layer.build(Zag.layer).pipe(
    Effect.provideService(
      ConfigProvider.ConfigProvider,
      ConfigProvider.fromEnv({ env: { ZAG_HOME: directory, ZAG_PS_RETENTION: "off" } })
    ),
    Effect.map(Context.get(ProcessStore.ProcessStore))
  )
