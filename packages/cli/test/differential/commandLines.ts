/**
 * Command lines of every spelling, right and wrong, on a registry of three
 * entries, none of which has a process.
 */
import type { Difference } from "./differences.ts"

const entry = (id: string, more: object) => ({
  id,
  pid: 5_000_000,
  session_id: "s1",
  provider: "claude",
  model: "opus",
  command: "run",
  prompt: null,
  started_at: "2026-01-01T00:00:00Z",
  status: "exited",
  exit_code: 0,
  exited_at: null,
  root: null,
  parent_process_id: null,
  parent_session_id: null,
  ...more
})

export const file = JSON.stringify({
  processes: [
    entry("abc", {}),
    entry("abd", { provider: "codex", status: "running", exit_code: null }),
    entry("-x", { status: "killed", provider: "" })
  ]
})

export interface CommandLine {
  readonly args: ReadonlyArray<string>
  /** Why the two do not answer the same, and how it ends here. */
  readonly difference?: { readonly name: Difference; readonly exitCode: number }
}

const asList = (...lines: ReadonlyArray<ReadonlyArray<string>>): ReadonlyArray<CommandLine> =>
  lines.map((args) => ({ args: ["ps", "--json", "list", ...args] }))

const asThey = (...lines: ReadonlyArray<ReadonlyArray<string>>): ReadonlyArray<CommandLine> =>
  lines.map((args) => ({ args }))

const but = (
  name: Difference,
  exitCode: number,
  ...lines: ReadonlyArray<ReadonlyArray<string>>
): ReadonlyArray<CommandLine> => lines.map((args) => ({ args, difference: { name, exitCode } }))

export const commandLines: ReadonlyArray<CommandLine> = [
  // Numbers.
  ...asList(
    ["-n", "1"],
    ["-n=1"],
    ["-n1"],
    ["--limit=1"],
    ["--limit", "1"],
    ["-n", "0"],
    ["-n", "+1"],
    ["-n+1"],
    ["-n", "007"],
    ["-n", "18446744073709551615"],
    ["-n", "1e0"],
    ["-n", "1.0"],
    ["-n", "0x1"],
    ["-n", "-0"],
    ["-n=-0"],
    ["-n", "-1"],
    ["-n=-1"],
    ["-n", ""],
    ["-n="],
    ["-n", " 1"],
    ["-n", "１"],
    ["-n", "1_0"],
    ["-n", "one"],
    ["-n"],
    ["--limit"],
    ["-n", "1", "-n", "2"]
  ),
  // Texts.
  ...asList(
    ["-p", "claude"],
    ["-pclaude"],
    ["-p=claude"],
    ["-p==claude"],
    ["-pclaude=x"],
    ["-p--json"],
    ["-p-x"],
    ["--provider=claude"],
    ["--provider", "claude"],
    ["--provider="],
    ["-p", ""],
    ["-p", "CLAUDE"],
    ["-p", "claude "],
    ["-p", "-x"],
    ["-p=-x"],
    ["-p", "--running"],
    ["-p", "--"],
    ["-p"],
    ["--children", "s1"],
    ["--children="],
    ["--children", ""],
    ["--children", "s1", "--children", "s2"],
    ["-pn", "1"]
  ),
  // Flags.
  ...asList(
    ["--running"],
    ["--running", "--running"],
    ["--runn"],
    ["--Running"],
    ["--no-running"],
    ["-r"],
    ["--"],
    ["--", "x"],
    ["extra"],
    [""]
  ),
  ...asThey(
    ["ps", "--json"],
    ["ps", "--json", "--json"],
    ["ps", "LIST"],
    ["ps", "lis"],
    ["ps", "bogus"],
    ["ps", ""],
    ["ps", "--", "list"],
    ["ps", "--json", "show", "abc"],
    ["ps", "--json", "show", "--", "abc"],
    ["ps", "--json", "show", "--", "-x"],
    ["ps", "show", "-x"],
    ["ps", "show"],
    ["ps", "show", "abc", "abd"],
    ["ps", "show", "abc", "--running"],
    ["ps", "show", ""],
    ["ps", "show", "abc "],
    ["ps", "show", "self"],
    ["ps", "show", "Self"],
    ["ps", "stop"],
    ["ps", "stop", "none"],
    ["ps", "stop", "abc"],
    ["ps", "stop", "self"],
    ["ps", "--json", "stop", "none"],
    ["ps", "kill"],
    ["ps", "kill", "none"],
    ["ps", "kill", "abc"],
    ["ps", "kill", "abc", "done"],
    ["ps", "kill", "self"],
    ["ps", "--json", "kill", "none"]
  ),
  ...but("limit-after-filters", 0, ["ps", "--json", "list", "-p", "claude", "-n", "1"]),
  ...but(
    "flag-values",
    0,
    ["ps", "--json", "list", "--running", "true"],
    ["ps", "--json", "list", "--running=true"],
    ["ps", "--json", "list", "--running=false"],
    ["ps", "--json=true"]
  ),
  ...but("no-largest-number", 0, ["ps", "--json", "list", "-n", "18446744073709551616"]),
  ...but("help-word", 2, ["ps", "help"], ["ps", "help", "list"]),
  ...but("more-commands", 0, ["ps", "ls"], ["ps", "tree"], ["ps", "list", "--status", "dead"], [
    "ps",
    "list",
    "-m",
    "opus"
  ]),
  ...but(
    "general-flags",
    2,
    ["-q", "ps"],
    ["ps", "list", "-d"],
    ["ps", "--debug"],
    ["ps", "list", "--verbose"],
    ["ps", "--no-health-check"],
    ["ps", "--json", "-q"]
  ),
  ...but(
    "json-anywhere",
    0,
    ["--json", "ps"],
    ["ps", "list", "--json"],
    ["ps", "show", "abc", "--json"]
  ),
  ...but("json-anywhere", 1, ["ps", "stop", "none", "--json"]),
  ...but("general-flags", 0, ["ps", "-v"]),
  ...but("filters-without-list", 0, ["ps", "-p", "claude"], ["ps", "--running"], ["ps", "-n", "1"]),
  ...but("several-ids", 1, ["ps", "stop", "abc", "none"]),
  ...but("several-values", 0, ["ps", "list", "-p", "claude", "-p", "codex"]),
  ...but("table", 0, ["ps"], ["ps", "list"]),
  ...but("usage-words", 0, ["ps", "--help"], ["ps", "-h"], ["ps", "list", "--help"], ["ps", "show", "--help"])
]
