/**
 * The order of listed processes.
 *
 * @since 0.1.0
 */
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"

/**
 * What processes can be ordered by. `cpu` and `mem` are what they use now.
 *
 * @category schemas
 * @since 0.1.0
 */
export const OrderField = Schema.Literals([
  "started",
  "status",
  "provider",
  "model",
  "command",
  "pid",
  "exited",
  "cpu",
  "mem"
])

/**
 * @category models
 * @since 0.1.0
 */
export type OrderField = typeof OrderField.Type

/**
 * A field and a direction. Without one, times and usage are in descending order,
 * so that the newest and the largest come first, and all else in ascending order.
 *
 * **Details**
 *
 * Status is in the order of its words: `running`, `dead`, `exited`, `killed`,
 * `unknown`. Processes of which the field is not known come last in both
 * directions; equal ones are newest first.
 *
 * @category models
 * @since 0.1.0
 */
export interface ProcessOrder {
  readonly field: OrderField
  readonly direction?: "asc" | "desc" | undefined
}

const descendingByDefault: ReadonlySet<OrderField> = new Set(["started", "exited", "cpu", "mem"])

/**
 * Whether an order is a descending one, as it is given or by default.
 *
 * @category guards
 * @since 0.1.0
 */
export const isDescending = ({ direction, field }: ProcessOrder): boolean =>
  direction === undefined ? descendingByDefault.has(field) : direction === "desc"

const isField = (word: string): word is OrderField => OrderField.literals.some((field) => field === word)

/**
 * Reads `FIELD`, `FIELD:asc` or `FIELD:desc`.
 *
 * @category parsing
 * @since 0.1.0
 */
export const parse = (text: string): Option.Option<ProcessOrder> => {
  const [field = "", direction, ...rest] = text.split(":")
  if (!isField(field) || rest.length > 0) return Option.none()
  if (direction === undefined) return Option.some({ field })
  return direction === "asc" || direction === "desc" ? Option.some({ field, direction }) : Option.none()
}
