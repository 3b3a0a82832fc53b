/**
 * Everything that a doctor looks at. Nothing is changed.
 */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import * as Result from "effect/Result"
import type { Finding, FindingCode, Severity } from "../Doctor.ts"
import { OsProcess } from "../OsProcess.ts"
import type { ProcessEntry } from "../ProcessEntry.ts"
import { ProcessStore, type StoreContent } from "../ProcessStore.ts"
import type { StoreCorrupt } from "../ProcessStoreError.ts"
import { Sidecar } from "../Sidecar.ts"
import { ZagHome } from "../ZagHome.ts"
import { describe } from "./disk.ts"
import { lockHolder } from "./lockHolder.ts"
import * as Observation from "./observation.ts"
import * as Orphans from "./orphans.ts"
import { salvage } from "./salvage.ts"
import * as SidecarCheck from "./sidecarCheck.ts"
import { companions } from "./sidecarSqlite.ts"

type Findings = ReadonlyArray<Finding>

const finding =
  (severity: Severity, code: FindingCode) => (subject: string, message: string, advice: string): Finding => ({
    code,
    severity,
    subject,
    message,
    advice
  })

const mode = (bits: number): string => `0${(bits & 0o777).toString(8)}`

const countOf = (count: number): string => count === 1 ? "1 entry" : `${count} entries`

/** Whether others than the owner may open the file, and may pass the directory that it is in. */
const isExposed = (file: number, directory: number): boolean =>
  [0o070, 0o007].some((others) => (file & others) !== 0 && (directory & others & 0o011) !== 0)

const duplicates = (file: string, entries: ReadonlyArray<ProcessEntry>): Findings => {
  const counts = new Map<string, number>()
  for (const { id } of entries) counts.set(id, (counts.get(id) ?? 0) + 1)
  return Array.from(counts).filter(([, count]) => count > 1).map(([id, count]) =>
    finding("warning", "duplicate_id")(
      id,
      `${count} entries of ${file} have the id ${id}; only the first of them is ever shown and changed.`,
      "Delete by hand those that are wrong."
    )
  )
}

const replacedLater = "The next change of the registry keeps it under another name and begins a new one. " +
  "No registered process is lost; labels and what was archived are then in the old one."

const sidecarFinding = (file: string, { kind, problem }: SidecarCheck.SidecarProblem): Finding => {
  switch (kind) {
    case "damaged":
      return finding("error", "sidecar_damaged")(file, `${file} is damaged: ${problem}.`, replacedLater)
    case "foreign":
      return finding("warning", "sidecar_foreign")(file, `${file} is not ours: ${problem}.`, replacedLater)
    case "unusable":
      return finding("error", "sidecar_unusable")(
        file,
        `${file} cannot be used: ${problem}. Nothing can be registered without it.`,
        "Make it a file that you can read and write, or move it away."
      )
    case "unreadable":
      return finding("warning", "archive_damaged")(
        file,
        `Not all of the archive in ${file} can be read: ${problem}.`,
        "What cannot be read hides nothing else; delete it from the table `archive` when it is not missed."
      )
  }
}

export const make = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const { observe } = Observation.make(yield* OsProcess, yield* Sidecar)
  const store = yield* ProcessStore
  const orphansAmong = yield* Orphans.make
  const { directory, processesFile: file } = yield* ZagHome
  const sidecarFile = path.join(directory, "processes.db")
  const checkSidecar = yield* SidecarCheck.make

  // Where the registry is written: elsewhere, when it is a symbolic link.
  const target = Effect.orElseSucceed(fs.realPath(file), () => file)

  /** Where anything is written. */
  const directories = Effect.map(target, (target) => new Set([directory, path.dirname(target)]))

  const orphans = Effect.gen(function*() {
    const found = yield* Effect.forEach(yield* directories, (directory) =>
      // A directory that cannot be listed shows no temporary files.
      Effect.orElseSucceed(fs.readDirectory(directory), (): Array<string> => []).pipe(
        Effect.flatMap((names) => orphansAmong(directory, names.toSorted()))
      ))
    return found.flat()
  })

  const corrupt = Effect.fnUntraced(function*({ problem }: StoreCorrupt) {
    const bytes = yield* Effect.orElseSucceed(fs.readFile(file), () => new Uint8Array())
    const count = salvage(new TextDecoder().decode(bytes)).length
    return finding("error", "store_corrupt")(
      file,
      `${file} is no registry: ${problem}; ${countOf(count)} of it can still be read.`,
      "`zag ps doctor --repair` keeps it under another name and begins a new one with what can be read."
    )
  })

  const dead = Effect.fnUntraced(function*(entry: ProcessEntry, look: Observation.Observer["look"]) {
    if (entry.status !== "running") return []
    const { identity, liveness: { status, why } } = yield* look(entry)
    if (status !== "dead") return []
    return [
      finding("info", "process_dead")(
        entry.id,
        `The process ${entry.id} is registered as running, but ${why}.`,
        identity === undefined
          ? "It is shown as dead; nothing needs to be done."
          : "It is shown as dead; `zag ps doctor --repair`, or the next registration, records its end."
      )
    ]
  })

  const content = Effect.fnUntraced(function*({ entries, unreadable }: StoreContent) {
    const broken = unreadable.map(({ index, problem }) =>
      finding("error", "entry_unreadable")(
        file,
        `Entry ${index + 1} of ${file} cannot be read: ${problem}.`,
        "Mend or delete it by hand: it is kept as it is, but the original `zag` reads no entry at all because of it."
      )
    )
    const { look } = yield* observe(entries)
    const ended = yield* Effect.forEach(entries, (entry) => dead(entry, look))
    return [...broken, ...duplicates(file, entries), ...ended.flat()]
  })

  const registry = Effect.gen(function*() {
    const loaded = yield* Effect.result(store.load)
    if (Result.isSuccess(loaded)) return yield* content(loaded.success)
    const { message, reason } = loaded.failure
    if (reason._tag === "StoreCorrupt") return [yield* corrupt(reason)]
    return [finding("error", "store_unreadable")(file, `${message}.`, "Make it a file that you can read.")]
  })

  const unwritable = (place: string): Effect.Effect<Findings> =>
    fs.access(place, { writable: true }).pipe(
      Effect.as([]),
      Effect.catch((error) =>
        // One that is not there yet is made in the one above it.
        error.reason._tag === "NotFound" && place !== path.dirname(place)
          ? unwritable(path.dirname(place))
          : Effect.succeed([
            finding("error", "store_unwritable")(
              place,
              `Nothing can be written in ${place}: ${describe(error)}. Nothing can be registered.`,
              "Make it a directory that you can write in."
            )
          ])
      )
    )

  const writing = Effect.flatMap(
    directories,
    (directories) => Effect.map(Effect.forEach(directories, unwritable), (all) => all.flat())
  )

  const permissions = Effect.gen(function*() {
    const found = yield* fs.stat(file)
    const place = path.dirname(yield* target)
    const around = yield* fs.stat(place)
    // Windows has other means.
    if (path.sep === "\\" || !isExposed(found.mode, around.mode)) return []
    return [
      finding("warning", "store_exposed")(
        file,
        `${file} has mode ${mode(found.mode)} in a directory of mode ${mode(around.mode)}: ` +
          "other users can get at the prompts in it.",
        `Run \`chmod 600 ${file}\`, or \`chmod 700 ${place}\` if the original \`zag\` writes to it as well, ` +
          "which gives it the mode 0644 each time."
      )
    ]
  }).pipe(Effect.orElseSucceed((): Findings => []))

  const sidecar = Effect.gen(function*() {
    const problem = yield* checkSidecar(sidecarFile)
    return problem === undefined ? [] : [sidecarFinding(sidecarFile, problem)]
  })

  const lock = Effect.sync((): Findings => {
    const holder = lockHolder(sidecarFile)
    return holder === undefined ? [] : [
      finding("info", "lock_held")(
        sidecarFile,
        `${sidecarFile} is locked by ${holder}, which changes the registry.`,
        "That takes milliseconds. If it does not end, that program hangs: end it."
      )
    ]
  })

  const temporary = Effect.map(
    orphans,
    (found) =>
      found.map(({ path, why }) =>
        finding("warning", "orphan_temporary")(
          path,
          `${path} was left by a writer that did not finish: ${why}.`,
          "`zag ps doctor --repair` removes it."
        )
      )
  )

  const copies = fs.readDirectory(directory).pipe(
    Effect.map((names) => names.filter(isCopy).toSorted()),
    Effect.orElseSucceed((): Array<string> => []),
    Effect.map((names) =>
      names.map((name) =>
        finding("info", "damaged_copy")(
          path.join(directory, name),
          `${path.join(directory, name)} is a damaged file that was kept.`,
          "Delete it when nothing in it is missed."
        )
      )
    )
  )

  return {
    /** Temporary files that were left. */
    orphans,
    findings: Effect.map(
      Effect.all([registry, writing, permissions, sidecar, lock, temporary, copies]),
      (all): Findings => all.flat()
    )
  }
})

/** The files that SQLite kept beside a database belong to its copy. */
const isCopy = (name: string): boolean =>
  /^processes\.(?:json|db)\.corrupt-/.test(name) && !companions.some((end) => name.endsWith(end))
