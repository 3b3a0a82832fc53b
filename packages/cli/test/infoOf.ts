import { ProcessInfo } from "@zag/core/ProcessInfo"
import { entryOf } from "../../core/test/entryOf.ts"

/** A process that runs and is verified, but for what is given. */
export const infoOf = (fields: Partial<ProcessInfo>): ProcessInfo =>
  new ProcessInfo({
    ...entryOf(),
    startedAt: "2026-11-24T10:00:00+00:00",
    liveStatus: "running",
    verified: true,
    labels: {},
    ...fields
  })
