/**
 * The store on a directory, as a program of its own opens it; nothing moves to
 * the archive.
 */
import * as OsProcess from "@zag/core/OsProcess"
import * as ProcessStore from "@zag/core/ProcessStore"
import * as Sidecar from "@zag/core/Sidecar"
import * as ZagHome from "@zag/core/ZagHome"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

const withoutRetention = ConfigProvider.layer(ConfigProvider.fromEnv({ env: { ZAG_PS_RETENTION: "off" } }))

export const layerStore = (directory: string) =>
  ProcessStore.ProcessStore.layer.pipe(
    Layer.provide(Sidecar.Sidecar.layerSqlite),
    Layer.provide([ZagHome.ZagHome.layerAt(directory), OsProcess.OsProcess.layer, withoutRetention])
  )

export const openStore = (directory: string) =>
  Effect.map(Layer.build(layerStore(directory)), Context.get(ProcessStore.ProcessStore))
