/**
 * Any labels that a process can have.
 */
import { Schema } from "effect"

const Key = Schema.String.check(Schema.isPattern(/^[^=\s\p{Cc}\p{Cs}]{1,63}$/u))

const Value = Schema.String.check(Schema.isPattern(/^[^\p{Cc}\p{Cs}]{0,253}$/u))

export const Labels = Schema.Record(Key, Value)
