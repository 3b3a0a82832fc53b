/**
 * The services of registered processes as a program on Node wants them, for one
 * that must start fast.
 *
 * @since 0.1.0
 */
import type * as Config from "effect/Config"
import type * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import type * as Path from "effect/Path"
import * as JsonSchemas from "../ajv.ts"
import { Disk } from "../internal/disk.ts"
import * as NodeDisk from "../internal/nodeDisk.ts"
import { OsProcess } from "../OsProcess.ts"
import { ProcessControl } from "../ProcessControl.ts"
import { ProcessRegistration } from "../ProcessRegistration.ts"
import { ProcessStore } from "../ProcessStore.ts"
import type { InvalidRetention } from "../ProcessStoreError.ts"
import { SessionEvents } from "../SessionEvents.ts"
import { SessionLog } from "../SessionLog.ts"
import { SessionStore } from "../SessionStore.ts"
import { Sidecar } from "../Sidecar.ts"
import { ZagHome } from "../ZagHome.ts"

/**
 * The layer of `@zag/core/node` without `Doctor`, `SessionControl` and
 * `SessionCleanup`, whose modules are not loaded with it.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer: Layer.Layer<
  | ProcessControl
  | ProcessRegistration
  | ProcessStore
  | SessionEvents
  | SessionLog
  | SessionStore
  | Sidecar
  | OsProcess
  | ZagHome,
  Config.ConfigError | InvalidRetention,
  FileSystem.FileSystem | Path.Path
> = Layer.mergeAll(ProcessControl.layer, ProcessRegistration.layer).pipe(
  Layer.provide(JsonSchemas.layer),
  Layer.provideMerge(SessionEvents.layer),
  Layer.provideMerge(Layer.merge(SessionStore.layer, SessionLog.layer)),
  Layer.provideMerge(Layer.provide(ProcessStore.layer, Layer.succeed(Disk, NodeDisk.over))),
  Layer.provideMerge(Sidecar.layerSqlite),
  Layer.provideMerge(Layer.mergeAll(OsProcess.layer, ZagHome.layer))
)
