/**
 * The layers of this package as a program on Node wants them.
 *
 * @since 0.1.0
 */
import * as Layer from "effect/Layer"
import { Doctor } from "./Doctor.ts"
import * as Processes from "./node/processes.ts"
import { SessionCleanup } from "./SessionCleanup.ts"
import { SessionControl } from "./SessionControl.ts"

/**
 * All services of this package on the real files and processes.
 *
 * **Example** (Providing it)
 *
 * ```ts
 * program.pipe(
 *   Effect.provide(Zag.layer.pipe(Layer.provide(NodeServices.layer))),
 *   NodeRuntime.runMain
 * )
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layer: Layer.Layer<
  Doctor | SessionControl | SessionCleanup | Layer.Success<typeof Processes.layer>,
  Layer.Error<typeof Processes.layer>,
  Layer.Services<typeof Processes.layer>
> = Layer.mergeAll(Doctor.layer, SessionControl.layer, SessionCleanup.layer).pipe(Layer.provideMerge(Processes.layer))
