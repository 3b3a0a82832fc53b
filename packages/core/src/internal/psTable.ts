/**
 * The table of processes as `ps` of macOS, the BSDs and procps prints it.
 */
import * as Timestamp from "../Timestamp.ts"
import type { ProcessRow } from "./processTree.ts"

/** One line of the table. */
export interface PsRow {
  readonly pid: number
  readonly parent: number
  readonly group: number
  /** Undefined where `ps` cannot tell. */
  readonly session: number | undefined
  /** The number of the effective user. */
  readonly user: number
  /** A letter, and more about it; see ps(1). */
  readonly state: string
  /** When it began, in seconds since the Unix epoch; undefined where `ps` says nothing. */
  readonly startSeconds: number | undefined
  /** What it uses, if that was asked for. */
  readonly residentBytes?: number
  readonly cpuMillis?: number
  readonly command: string
}

// Those whose `ps` knows the number of a session. That of macOS and OpenBSD prints an address of the kernel instead.
const withSession: ReadonlySet<string> = new Set(["freebsd", "linux", "netbsd"])

/**
 * The options for the columns of {@link PsRow}, without what a process uses
 * unless `withUsage`: there is a `ps` of macOS that lacks the right to tell that,
 * and fails, and who a process is must not depend on it.
 *
 * Each column has an option of its own, because POSIX lets an empty heading
 * reach to the end of its option; and none has the name of an alias (`stat`,
 * `args`), because the `ps` of OpenBSD takes no heading for one.
 */
export const psColumns = (system: string, withUsage: boolean): ReadonlyArray<string> =>
  [
    "pid",
    "ppid",
    "pgid",
    ...(withSession.has(system) ? ["sid"] : []),
    "uid",
    "state",
    ...(withUsage ? ["rss", "time"] : []),
    "lstart",
    "command"
  ].flatMap((column) => ["-o", `${column}=`])

/** The option that puts the environment beside the command; in procps it is the one without a dash. */
export const psEnvironment = (system: string): string => system === "darwin" ? "-E" : system === "linux" ? "e" : "-e"

/** The environment in which `ps` runs: the path of the system, one language, and times in UTC. */
export const psEnv = { PATH: "/bin:/usr/bin:/sbin:/usr/sbin", LC_ALL: "C", TZ: "UTC0" } as const

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

const dateText = String.raw`[A-Z][a-z]{2} +[A-Z][a-z]{2} +\d{1,2} +\d{2}:\d{2}:\d{2} +\d{4}`

/** Seconds since the Unix epoch of a date as ctime(3) writes it, such as `Fri Jan  2 03:04:05 2026`, in UTC. */
export const parseDate = (text: string): number | undefined => {
  const [, name, day, time, year] = text.trim().split(/ +/)
  const month = String(months.indexOf(name ?? "") + 1).padStart(2, "0")
  return Timestamp.parse(`${year}-${month}-${day?.padStart(2, "0")}T${time}Z`)?.seconds
}

/** `[[days-]hours:]minutes:seconds`, with or without hundredths; some systems count minutes beyond 59. */
const parseTime = (text: string): number | undefined => {
  const match = /^(?:(?:(\d+)-)?(\d+):)?(\d+):(\d+(?:\.\d+)?)$/.exec(text)
  if (match === null) return undefined
  const [days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number
  ]
  return Math.round((((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000)
}

// A state and a date begin with a letter, so a line shows by itself whether it has a session, and what the process uses.
// Instead of a date there may be a dash.
const line = new RegExp(
  String.raw`^ *(\d+) +(\d+) +(\d+) +(?:(\d+) +)?(\d+) +([A-Za-z?]\S*) +(?:(\d+) +(\S+) +)?(${dateText}|-) *(.*)$`
)

/** Lines that are none of the table are left out; `ps` itself writes control characters of a command as text. */
export const parsePs = (text: string): ReadonlyArray<PsRow> => {
  const rows: Array<PsRow> = []
  for (const printed of text.split("\n")) {
    const match = line.exec(printed)
    if (match === null) continue
    const date = match[9]!
    rows.push({
      pid: Number(match[1]),
      parent: Number(match[2]),
      group: Number(match[3]),
      session: match[4] === undefined ? undefined : Number(match[4]),
      user: Number(match[5]),
      state: match[6]!,
      startSeconds: date === "-" ? undefined : parseDate(date),
      ...(match[7] === undefined
        ? {}
        : { residentBytes: Number(match[7]) * 1024, cpuMillis: parseTime(match[8]!) ?? 0 }),
      command: match[10]!.trim()
    })
  }
  return rows
}

export const isZombie = ({ state }: PsRow): boolean => state.startsWith("Z")

/**
 * The session of each process. Where `ps` does not tell, it says at least who
 * leads one (`s`), and a session is inherited: it is that of the nearest leader
 * among the parents. 0 when there is none, as for those whose parent is gone.
 */
export const sessionsOf = (rows: ReadonlyArray<PsRow>): (row: PsRow) => number => {
  const byPid = new Map(rows.map((row) => [row.pid, row]))
  return (row) => {
    if (row.session !== undefined) return row.session
    const visited = new Set<number>()
    for (let at: PsRow | undefined = row; at !== undefined && at.pid > 1 && !visited.has(at.pid);) {
      if (at.state.includes("s")) return at.pid
      visited.add(at.pid)
      at = byPid.get(at.parent)
    }
    return 0
  }
}

const countOf = (text: string, word: string): number =>
  text === "" ? 0 : text.split(/ +/).filter((one) => one === word).length

/**
 * Whether a process has the id in its environment. `ps` prints environment and
 * command as one text, in an order that differs among systems, so only a word
 * that is not in the command counts: whoever searches for an id has it in its
 * arguments.
 */
export const carriesId = (command: string, withEnvironment: string, id: string): boolean => {
  const word = `ZAG_PROCESS_ID=${id}`
  return id !== "" && countOf(withEnvironment, word) > countOf(command, word)
}

/** The row as the search for a tree wants it. */
export const treeRow = (row: PsRow, session: number, carries: boolean, user: number | undefined): ProcessRow => ({
  pid: row.pid,
  startTicks: row.startSeconds,
  parent: row.parent,
  group: row.group,
  session,
  ended: isZombie(row),
  carries,
  tagged: carries && row.user === user,
  command: row.command
})
