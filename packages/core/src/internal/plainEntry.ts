/**
 * Entries in which there is nothing to object to, read at a tenth of the cost:
 * a registry has thousands of them.
 */
import * as Predicate from "effect/Predicate"
import { ProcessEntry } from "../ProcessEntry.ts"
import * as Instance from "./instance.ts"

type JsonObject = { readonly [key: string]: unknown }

const isText = (value: unknown): value is string => typeof value === "string" && value.isWellFormed()

const isTextOrNull = (value: unknown): value is string | null => value === null || isText(value)

const isUint32 = (value: unknown): value is number => typeof value === "number" && value >>> 0 === value

const isInt32OrNull = (value: unknown): value is number | null =>
  value === null || typeof value === "number" && (value | 0) === value

const PlainEntry = Instance.constructorOf(
  ProcessEntry,
  function(fields: { readonly [K in keyof ProcessEntry]: ProcessEntry[K] }) {
    this.id = fields.id
    this.pid = fields.pid
    this.sessionId = fields.sessionId
    this.provider = fields.provider
    this.model = fields.model
    this.command = fields.command
    this.prompt = fields.prompt
    this.startedAt = fields.startedAt
    this.status = fields.status
    this.exitCode = fields.exitCode
    this.exitedAt = fields.exitedAt
    this.root = fields.root
    this.parentProcessId = fields.parentProcessId
    this.parentSessionId = fields.parentSessionId
  }
)

/** The optional key may be absent. */
const optional = (raw: JsonObject, key: string): unknown => Object.hasOwn(raw, key) ? raw[key] : null

/**
 * The entry that `ProcessEntryJson` decodes, or undefined where it has to say:
 * what is wrong, or something out of the ordinary.
 */
export const decode = (raw: unknown): ProcessEntry | undefined => {
  if (!Predicate.isObject(raw)) return undefined
  const json = raw as JsonObject
  const { command, id, model, pid, provider, started_at: startedAt, status } = json
  const sessionId = optional(json, "session_id")
  const prompt = optional(json, "prompt")
  const exitCode = optional(json, "exit_code")
  const exitedAt = optional(json, "exited_at")
  const root = optional(json, "root")
  const parentProcessId = optional(json, "parent_process_id")
  const parentSessionId = optional(json, "parent_session_id")
  if (
    !isText(id) || !isUint32(pid) || !isText(provider) || !isText(model) || !isText(command) ||
    !isText(startedAt) || !isText(status) || !isInt32OrNull(exitCode) || !isTextOrNull(sessionId) ||
    !isTextOrNull(prompt) || !isTextOrNull(exitedAt) || !isTextOrNull(root) ||
    !isTextOrNull(parentProcessId) || !isTextOrNull(parentSessionId)
  ) return undefined
  return new PlainEntry({
    id,
    pid,
    sessionId,
    provider,
    model,
    command,
    prompt,
    startedAt,
    status,
    exitCode,
    exitedAt,
    root,
    parentProcessId,
    parentSessionId
  })
}
