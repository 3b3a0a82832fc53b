/**
 * What is wrong with the registry, and what can be done about it.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import type * as Path from "effect/Path"
import * as Examination from "./internal/examination.ts"
import * as Treatment from "./internal/treatment.ts"
import type { OsProcess } from "./OsProcess.ts"
import type { ProcessStore } from "./ProcessStore.ts"
import type { Sidecar } from "./Sidecar.ts"
import type { ZagHome } from "./ZagHome.ts"

/**
 * - `error`: something does not work, or will not.
 * - `warning`: something works, and is not as it should be.
 * - `info`: something to know.
 *
 * @category models
 * @since 0.1.0
 */
export type Severity = "error" | "warning" | "info"

/**
 * What was found, for programs; these names stay.
 *
 * - `store_unreadable`: something is in the place of `processes.json` that cannot be read.
 * - `store_unwritable`: nothing can be written where `processes.json` is.
 * - `store_corrupt`: `processes.json` is no registry.
 * - `store_exposed`: other users can get at `processes.json`.
 * - `entry_unreadable`: an entry of the registry is none.
 * - `duplicate_id`: several entries have one id.
 * - `process_dead`: an entry is stored as running, and its process is not there.
 * - `sidecar_unusable`, `sidecar_damaged`, `sidecar_foreign`: the same of `processes.db`.
 * - `archive_damaged`: an entry of the archive is none.
 * - `lock_held`: a program is changing the registry.
 * - `orphan_temporary`: a writer died, and left its temporary file.
 * - `damaged_copy`: a damaged file was kept under another name.
 * - `repair_failed`: what should have been repaired could not be.
 *
 * @category models
 * @since 0.1.0
 */
export type FindingCode =
  | "store_unreadable"
  | "store_unwritable"
  | "store_corrupt"
  | "store_exposed"
  | "entry_unreadable"
  | "duplicate_id"
  | "process_dead"
  | "sidecar_unusable"
  | "sidecar_damaged"
  | "sidecar_foreign"
  | "archive_damaged"
  | "lock_held"
  | "orphan_temporary"
  | "damaged_copy"
  | "repair_failed"

/**
 * One thing that was found.
 *
 * @category models
 * @since 0.1.0
 */
export interface Finding {
  readonly code: FindingCode
  readonly severity: Severity
  /** What it is about: the path of a file, or the id of an entry. */
  readonly subject: string
  /** A sentence that names it. */
  readonly message: string
  /** What to do about it. */
  readonly advice: string
}

/**
 * One thing that was repaired. `code` is that of the finding which is gone.
 *
 * @category models
 * @since 0.1.0
 */
export interface Repaired {
  readonly code: FindingCode
  readonly subject: string
  readonly message: string
}

/**
 * The answer of a {@link Doctor}.
 *
 * @category models
 * @since 0.1.0
 */
export interface Report {
  /** Nothing was found that is worse than `info`. */
  readonly healthy: boolean
  /** What is so now, after the repair; the worst first. */
  readonly findings: ReadonlyArray<Finding>
  readonly repaired: ReadonlyArray<Repaired>
}

/**
 * Examines the registry and what is beside it.
 *
 * **Details**
 *
 * Neither operation fails: what cannot be examined, or repaired, is a finding.
 *
 * @category services
 * @since 0.1.0
 */
export class Doctor extends Context.Service<Doctor, {
  /** Looks at everything, and changes nothing. */
  readonly examine: Effect.Effect<Report>
  /**
   * Replaces a damaged registry by what can still be read of it, and keeps the
   * damaged one; removes temporary files that were left; records the end of
   * processes that are proven dead. Then examines. Where there is nothing of
   * that, nothing is touched.
   */
  readonly repair: Effect.Effect<Report>
}>()("@zag/core/Doctor") {
  /**
   * The doctor for the files of the {@link ZagHome}.
   */
  static readonly layer: Layer.Layer<
    Doctor,
    never,
    FileSystem.FileSystem | Path.Path | ZagHome | ProcessStore | Sidecar | OsProcess
  > = Layer.effect(
    Doctor,
    Effect.gen(function*() {
      const { findings, orphans } = yield* Examination.make
      const { treat } = yield* Treatment.make(orphans)
      return Doctor.of({
        examine: Effect.map(findings, (findings) => reportOf(findings, [])),
        repair: Effect.gen(function*() {
          const { failed, repaired } = yield* treat
          return reportOf([...failed, ...(yield* findings)], repaired)
        })
      })
    })
  )
}

const severities: ReadonlyArray<Severity> = ["error", "warning", "info"]

const reportOf = (findings: ReadonlyArray<Finding>, repaired: ReadonlyArray<Repaired>): Report => ({
  healthy: findings.every(({ severity }) => severity === "info"),
  findings: severities.flatMap((severity) => findings.filter((finding) => finding.severity === severity)),
  repaired
})
