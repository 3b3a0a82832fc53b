/**
 * What can go wrong with the process store.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * The file is there but could not be read: a permission, a directory in its
 * place, a symbolic link that leads nowhere.
 *
 * @category errors
 * @since 0.1.0
 */
export class StoreUnreadable extends Schema.TaggedError<StoreUnreadable>()("StoreUnreadable", {
  path: Schema.String,
  problem: Schema.String,
  cause: Schema.optionalKey(Schema.Defect())
}) {
  override get message(): string {
    return `Failed to read process store: ${this.path}: ${this.problem}`
  }
}

/**
 * The file was read but is no process store. It is never written over: the
 * next change keeps it under another name.
 *
 * @category errors
 * @since 0.1.0
 */
export class StoreCorrupt extends Schema.TaggedError<StoreCorrupt>()("StoreCorrupt", {
  path: Schema.String,
  problem: Schema.String
}) {
  override get message(): string {
    return `Failed to parse process store: ${this.path}: ${this.problem}. ` +
      "It was left as it is; see what can be saved of it with `zag ps doctor`."
  }
}

/**
 * A change could not be written. Unless `problem` says otherwise, the file is
 * as it was before.
 *
 * @category errors
 * @since 0.1.0
 */
export class StoreUnwritable extends Schema.TaggedError<StoreUnwritable>()("StoreUnwritable", {
  path: Schema.String,
  problem: Schema.String,
  cause: Schema.optionalKey(Schema.Defect())
}) {
  override get message(): string {
    return `Failed to write process store: ${this.path}: ${this.problem}`
  }
}

/**
 * The error of every `ProcessStore` operation; `reason` says which of them it was.
 *
 * @category errors
 * @since 0.1.0
 */
export class ProcessStoreError extends Schema.TaggedError<ProcessStoreError>()("ProcessStoreError", {
  reason: Schema.Union([StoreUnreadable, StoreCorrupt, StoreUnwritable])
}) {
  override get message(): string {
    return this.reason.message
  }
}

/**
 * The setting `ZAG_PS_RETENTION` says something that it cannot.
 *
 * @category errors
 * @since 0.1.0
 */
export class InvalidRetention extends Schema.TaggedError<InvalidRetention>()("InvalidRetention", {
  value: Schema.String
}) {
  override get message(): string {
    return `ZAG_PS_RETENTION is ${JSON.stringify(this.value)}; ` +
      "it must be how many finished processes stay in the registry, such as 1000, or off"
  }
}
