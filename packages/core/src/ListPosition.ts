/**
 * A place in a list of processes, after which the next page of it begins.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { keyOf } from "./internal/ordering.ts"
import type { ProcessUsage } from "./OsProcess.ts"
import type { ProcessInfo } from "./ProcessInfo.ts"
import type { ProcessOrder } from "./ProcessOrder.ts"

/**
 * Where a process stands in an order, whether or not it is still there.
 *
 * **Details**
 *
 * It is known by what it is ordered by, so that what was added or removed
 * before it moves nothing: of the processes that were there all along, the
 * pages show each once. That holds as long as what they are ordered by does not
 * change, which it never does with the default order; with `status`, `exited`,
 * `cpu` and `mem` it may.
 *
 * @category schemas
 * @since 0.1.0
 */
export const ListPosition = Schema.Struct({
  id: Schema.String,
  startedAt: Schema.String,
  /** What the order compares; absent where that is not known, and in the default order. */
  key: Schema.optionalKey(Schema.Union([
    Schema.String,
    Schema.Finite,
    Schema.Struct({ seconds: Schema.Finite, nanos: Schema.Finite })
  ]))
})

/**
 * @category models
 * @since 0.1.0
 */
export type ListPosition = typeof ListPosition.Type

/**
 * The place of a process in the list of the given order, which was made with
 * that usage where the order is one by usage.
 *
 * @category constructors
 * @since 0.1.0
 */
export const of = (
  info: ProcessInfo,
  order: ProcessOrder | undefined,
  usage: ProcessUsage | undefined
): ListPosition => {
  const key = keyOf(info, order?.field, usage)
  return { id: info.id, startedAt: info.startedAt, ...(key === undefined ? {} : { key }) }
}
