/**
 * A doctor on real files, with a process table that the test writes.
 */
import { assert } from "@effect/vitest"
import { Doctor, type FindingCode, type Report } from "@zag/core/Doctor"
import { ProcessStore } from "@zag/core/ProcessStore"
import { Sidecar } from "@zag/core/Sidecar"
import { layerOsProcess, type TestProcess } from "@zag/core/testing"
import { ZagHome } from "@zag/core/ZagHome"
import { Context, Effect, FileSystem, Layer } from "effect"
import { makeHome } from "./storeOnDisk.ts"

interface Options {
  readonly processes?: ReadonlyArray<TestProcess>
  /** Operations of the file system that are not the real ones. */
  readonly change?: (fs: FileSystem.FileSystem) => Partial<FileSystem.FileSystem>
}

export const openDoctor = Effect.fnUntraced(function*(directory: string, { change, processes }: Options = {}) {
  const fs = yield* FileSystem.FileSystem
  const layer = Doctor.layer.pipe(
    Layer.provide(ProcessStore.layer),
    Layer.provide(Sidecar.layerSqlite),
    Layer.provide([ZagHome.layerAt(directory), layerOsProcess(processes)]),
    Layer.provide(Layer.succeed(FileSystem.FileSystem, FileSystem.FileSystem.of({ ...fs, ...change?.(fs) }))),
    Layer.orDie
  )
  return Context.get(yield* Layer.build(layer), Doctor)
})

/** A directory with a registry that only its owner can read, and a doctor for it. */
export const makePatient = Effect.fnUntraced(function*(content?: string | Uint8Array, options?: Options) {
  const fs = yield* FileSystem.FileSystem
  const home = yield* makeHome(content)
  if (content !== undefined) yield* fs.chmod(home.file, 0o600)
  return { ...home, doctor: yield* openDoctor(home.directory, options) }
})

export const registry = (...entries: ReadonlyArray<unknown>): string => JSON.stringify({ processes: entries }, null, 2)

/** The entries of a registry that {@link registry} or a store has written. */
export const entriesOf = (text: string): ReadonlyArray<unknown> =>
  (JSON.parse(text) as { readonly processes: ReadonlyArray<unknown> }).processes

/** An entry as it stands in the file. */
export const entryJson = (id: string, fields: object = {}): Readonly<Record<string, unknown>> => ({
  id,
  pid: 4242,
  provider: "claude",
  model: "sonnet",
  command: "run",
  started_at: "2026-11-22T10:00:00Z",
  status: "exited",
  ...fields
})

export const codesOf = ({ findings }: Report): ReadonlyArray<FindingCode> => findings.map(({ code }) => code)

/** What all findings have in common. */
export const assertWellFormed = ({ findings, healthy }: Report): void => {
  assert.strictEqual(healthy, findings.every(({ severity }) => severity === "info"))
  for (const { advice, message, subject } of findings) {
    assert.include(message, subject)
    assert.match(message, /^\S.*\.$/s)
    assert.match(advice, /^\S.*\.$/s)
  }
}

/** Names and contents of a directory, but for the lock. */
export const filesIn = Effect.fnUntraced(function*(directory: string) {
  const fs = yield* FileSystem.FileSystem
  const names = (yield* fs.readDirectory(directory)).filter((name) => !name.startsWith("processes.db")).toSorted()
  return Object.fromEntries(
    yield* Effect.forEach(
      names,
      (name) => Effect.map(Effect.option(fs.readFileString(`${directory}/${name}`)), (text) => [name, text] as const)
    )
  )
})
