/**
 * What a doctor found, as people read it.
 */
import type { Report, Severity } from "@zag/core/Doctor"
import * as Text from "./Text.ts"

const marks: Readonly<Record<Severity, string>> = { error: "✗", warning: "!", info: "·" }

const counted = (count: number, what: string): ReadonlyArray<string> =>
  count === 0 ? [] : [`${count} ${what}${count === 1 ? "" : "s"}`]

const summary = ({ findings, healthy }: Report, directory: string): string => {
  const count = (severity: Severity, what: string) =>
    counted(findings.filter((finding) => finding.severity === severity).length, what)
  const counts = [...count("error", "error"), ...count("warning", "warning"), ...count("info", "note")].join(", ")
  if (!healthy) return `${directory}: ${counts}.`
  return counts === "" ? `${directory} is in order.` : `${directory} is in order (${counts}).`
}

/** A line for each repair and each finding, and a last one for all of it. */
export const report = (report: Report, directory: string): string =>
  [
    ...report.repaired.map(({ message }) => `✓ ${message}`),
    ...report.findings.map(({ advice, message, severity }) => `${marks[severity]} ${message} ${advice}`),
    summary(report, directory)
  ].map(Text.singleLine).join("\n")
