/**
 * A registry as agents leave it, of which every byte is known to belong to an
 * entry or to none, and ways to damage it.
 */
import { assert } from "@effect/vitest"
import { Result } from "effect"
import { salvage } from "../../src/internal/salvage.ts"
import * as Document from "../../src/internal/storeDocument.ts"
import { entryOf } from "../entryOf.ts"

const uuid = (n: number): string =>
  `${((n + 1) * 0x9e37_79b1 % 2 ** 32).toString(16).padStart(8, "0")}-1d4c-420f-93bc-5a057d794cd0`

const prompts = [
  "Fix the build",
  "Rename {\"id\": \"x\"} to {\"name\": \"y\"}, then { return }",
  "line one\nline two\ttabbed \\ and \"quoted\"",
  "Größe prüfen 😀😀 日本語 \u2028",
  "",
  "[1, 2, {}]: }{ ][ \" { \" } \" {"
]

const texts: ReadonlyArray<string> = Array.from({ length: 14 }, (_, n) => {
  const [raw] = Document.append(
    Document.empty,
    entryOf({
      id: uuid(n),
      pid: 4000 + n,
      prompt: prompts[n % prompts.length]!,
      sessionId: n % 3 === 0 ? `session-${n}` : null,
      root: n % 2 === 0 ? `/home/u/project ${n}` : null,
      ...(n % 4 === 0 ? { status: "exited", exitCode: -n, exitedAt: "2026-11-22T08:00:00.5+00:00" } : {})
    })
  ).entries
  const text = JSON.stringify(raw, null, 2)
  // What only a newer `zag` knows, with numbers that JavaScript would not give back.
  return n % 5 === 1
    ? text.replace(
      /\n\}$/,
      ",\n  \"usage\": { \"tokens\": 12345678901234567890, \"cost\": 1.0, \"tags\": [\"{\", []] }\n}"
    )
    : text
})

/** The bytes from `start` up to `end` are replaced by others. */
export interface Edit {
  readonly start: number
  readonly end: number
  readonly put: string | Uint8Array
}

interface Placed {
  readonly raw: unknown
  readonly start: number
  readonly end: number
}

export interface Registry {
  readonly bytes: Uint8Array
  readonly entries: ReadonlyArray<Placed>
}

const encoder = new TextEncoder()
const encode = (text: string): Uint8Array<ArrayBuffer> => encoder.encode(text)

const rawOf = (text: string): unknown => Result.getOrThrow(Document.parse(`{"processes":[${text}]}`)).entries[0]

const build = (before: string, between: string, after: string, layout: (text: string) => string): Registry => {
  let written = before
  const entries = texts.map((text, n): Placed => {
    if (n > 0) written += between
    const start = encode(written).length
    written += layout(text)
    return { raw: rawOf(text), start, end: encode(written).length }
  })
  return { bytes: encode(written + after), entries }
}

/** As `zag` writes it. */
export const pretty = build(
  "{\n  \"processes\": [\n    ",
  ",\n    ",
  "\n  ]\n}",
  (text) => text.replaceAll("\n", "\n    ")
)

/** All in one line, where nothing but brackets and quotes shows where anything ends. */
export const compact = build("{\"processes\":[", ",", "]}", (text) => text.replaceAll(/\n */g, ""))

export const damage = ({ bytes }: Registry, edits: ReadonlyArray<Edit>): Uint8Array => {
  const parts: Array<Uint8Array> = []
  let at = 0
  for (const { end, put, start } of edits) {
    parts.push(bytes.subarray(at, start), typeof put === "string" ? encode(put) : put)
    at = end
  }
  parts.push(bytes.subarray(at))
  return Buffer.concat(parts)
}

const isWhole = ({ end, start }: Placed, edits: ReadonlyArray<Edit>): boolean =>
  edits.every((edit) => edit.end <= start || edit.start >= end)

export const print = (raws: ReadonlyArray<unknown>): ReadonlyArray<string> => raws.map((raw) => JSON.stringify(raw))

const idOf = (raw: unknown): unknown => (raw as { readonly id: unknown }).id

/** Salvages what the edits leave: every entry whose text they do not touch, in its order, as it was. */
export const assertSalvaged = (registry: Registry, edits: ReadonlyArray<Edit>, message?: string): void => {
  const salvaged = salvage(new TextDecoder().decode(damage(registry, edits)))
  const whole = registry.entries.filter((entry) => isWhole(entry, edits)).map(({ raw }) => raw)
  const ids = new Set(whole.map(idOf))
  assert.deepStrictEqual(print(salvaged.filter((raw) => ids.has(idOf(raw)))), print(whole), message)
  // What is left of the others may be an entry still, when the damage is within one of its values.
  assert.isAtMost(salvaged.length, registry.entries.length, message)
  for (const raw of salvaged) assert.isTrue(Result.isSuccess(Document.decodeEntry(raw)), message)
}
