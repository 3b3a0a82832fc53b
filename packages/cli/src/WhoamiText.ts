/**
 * A session as it is told about itself.
 */
import type { ProcessInfo } from "@zag/core/ProcessInfo"
import * as ProcessText from "./ProcessText.ts"
import * as Text from "./Text.ts"

const section = (title: string, lines: ReadonlyArray<string>): ReadonlyArray<string> =>
  lines.length === 0 ? [] : ["", `${title}:`, ...lines.map((line) => `  ${Text.singleLine(line)}`)]

/** Its own lines, then its parents, the nearest first, then the variables. */
export const answer = (
  info: ProcessInfo,
  parents: ReadonlyArray<{ readonly id: string; readonly provider: string }>,
  environment: Readonly<Record<string, string>>
): string =>
  [
    ProcessText.details(info),
    ...section("Started by", parents.map(({ id, provider }) => `${id} (${provider})`)),
    ...section("Environment", Object.entries(environment).map(([name, value]) => `${name}=${value}`))
  ].join("\n")
