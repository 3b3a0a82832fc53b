/**
 * Processes as they are shown, made of entries that were checked before.
 */
import type { ProcessEntry } from "../ProcessEntry.ts"
import { type Liveness, ProcessInfo } from "../ProcessInfo.ts"
import type { ProcessLabels } from "../ProcessLabels.ts"
import * as Instance from "./instance.ts"

const PlainInfo = Instance.constructorOf(
  ProcessInfo,
  function(entry: ProcessEntry, { status, verified }: Liveness, labels: ProcessLabels) {
    this.id = entry.id
    this.pid = entry.pid
    this.sessionId = entry.sessionId
    this.provider = entry.provider
    this.model = entry.model
    this.command = entry.command
    this.prompt = entry.prompt
    this.startedAt = entry.startedAt
    this.status = entry.status
    this.exitCode = entry.exitCode
    this.exitedAt = entry.exitedAt
    this.root = entry.root
    this.parentProcessId = entry.parentProcessId
    this.parentSessionId = entry.parentSessionId
    this.liveStatus = status
    this.verified = verified
    this.labels = labels
  }
)

export const make = (entry: ProcessEntry, liveness: Liveness, labels: ProcessLabels): ProcessInfo =>
  new PlainInfo(entry, liveness, labels)
