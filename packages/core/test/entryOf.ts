import { ProcessEntry } from "@zag/core/ProcessEntry"

type Fields = { readonly [Key in keyof typeof ProcessEntry.fields]: ProcessEntry[Key] }

/** An entry as `zag` would write it for a running agent, but for the given fields. */
export const entryOf = (fields: Partial<Fields> = {}): ProcessEntry =>
  new ProcessEntry({
    id: "c945cd70-1d4c-420f-93bc-5a057d794cd0",
    pid: 19_819,
    sessionId: null,
    provider: "claude",
    model: "sonnet",
    command: "run",
    prompt: null,
    startedAt: "2026-11-22T07:34:37.769707116+00:00",
    status: "running",
    exitCode: null,
    exitedAt: null,
    root: null,
    parentProcessId: null,
    parentSessionId: null,
    ...fields
  })
