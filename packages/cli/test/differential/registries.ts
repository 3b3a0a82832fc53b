/**
 * Registries of every kind: as a program writes them, as a person writes them,
 * and damaged ones.
 */
import { jsonKeys, ProcessEntry } from "@zag/core/ProcessEntry"
import { Arbitrary, Schema } from "effect"

export interface Registry {
  /** The content of `processes.json`; none at all where it is null. */
  readonly file: string | null
  /** The same without the entries that nobody can read. */
  readonly sound: string | null
  readonly unreadable: number
}

/** Stands for the pid of a process that is there. No system gives out pids as large. */
export const livePid = 7_777_777

const maximum = 2 ** 32 - 1

// Beyond the largest pid of Linux, and also negated, which is how the original sees the upper half: as a process group.
const firstGone = 4_194_305
const gone = (pid: number): number => {
  const moved = firstGone + (pid % (maximum - 2 * firstGone))
  return moved === livePid ? moved + 1 : moved
}

/** These are not the pid of any process, but stand for several. */
export const groupPids: ReadonlyArray<number> = [0, maximum]

const ids = [
  "a",
  "ab",
  "abc",
  "ABC",
  "",
  "self",
  "-x",
  "a b",
  "é",
  "\uff5e",
  "😀",
  "😀!",
  "c945cd70-1d4c-420f-93bc-5a057d794cd0",
  "c945cd70-1d4c-420f-93bc-5a057d794cd1"
] as const

const times = [
  "2026-01-01T00:00:00Z",
  "2026-01-01T01:00:00+01:00",
  "2026-01-01T00:00:00+00:00",
  "2026-01-01T00:00:00.000000001Z",
  "2026-01-01T00:00:00.0000000019Z",
  "2025-12-31 23:59:60z",
  "2026-01-01t00:00:00-00:00",
  "2026-01-01T00:30:00−01:00",
  "2026-01-01T12:30:60.5Z",
  "2026-01-01T23:59:00+23:59",
  "0000-01-01T00:00:00Z",
  "9999-12-31T23:59:59.999999999-23:59",
  "2026-01-01",
  "2026-01-01T00:00:00",
  "2026-01-01T00:00:00+0100",
  "2026-02-30T00:00:00Z",
  "2026-01-01T24:00:00Z",
  "+12026-01-01T00:00:00Z",
  " 2026-01-01T00:00:00Z",
  "2026-01-01T00:00:00,5Z",
  "2026-01-01T00:00:00.Z",
  ""
] as const

const prompts = [
  "line one\nline two\r\n  line three\ttabbed",
  "\u001b[31mred\u001b[0m \u0007 bell \u0000 nul \u007f del \u009b csi",
  "\u2028 line separator \u2029, \u202e other direction \u2069, \ufeff mark",
  "漢字😀".repeat(60),
  "long ".repeat(100),
  "\"quoted\" \\ back / slash </script>",
  "e\u0301 👩‍👩‍👧 🇨🇭",
  "   "
] as const

const Edges = Schema.Struct({
  id: Schema.optionalKey(Schema.Literals(ids)),
  started_at: Schema.optionalKey(Schema.Literals(times)),
  provider: Schema.optionalKey(Schema.Literals(["claude", "codex", "Claude", "~claude", "-x", ""])),
  prompt: Schema.optionalKey(Schema.Literals(prompts)),
  exit_code: Schema.optionalKey(Schema.NullOr(Schema.Literals([0, 1, -15, 2 ** 31 - 1, -(2 ** 31)]))),
  parent_process_id: Schema.optionalKey(Schema.Literals(ids)),
  parent_session_id: Schema.optionalKey(Schema.Literals(["s1", "a", ""])),
  session_id: Schema.optionalKey(Schema.Literals(["s1", "a", ""]))
})

const optionalKeys = [
  "session_id",
  "prompt",
  "exit_code",
  "exited_at",
  "root",
  "parent_process_id",
  "parent_session_id"
] as const

const requiredKeys = ["id", "pid", "provider", "model", "command", "started_at", "status"] as const

/** What makes an entry unreadable, as a change of its JSON. */
const faults = {
  "not an object": () => "42",
  "a text": () => "\"text\"",
  "null": () => "null",
  "empty": () => "{}",
  "a lone surrogate": (json: string, key: string) => replaced(json, key, "\"\\ud800\""),
  "null where a value must be": (json: string, key: string) => replaced(json, key, "null"),
  "an array where a value must be": (json: string, key: string) => replaced(json, key, "[]"),
  "without a key": (json: string, key: string) =>
    JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(json) as object).filter(([name]) => name !== key))),
  "a pid below 0": (json: string) => replaced(json, "pid", "-1"),
  "a pid above 32 bits": (json: string) => replaced(json, "pid", "4294967296"),
  "a pid with a fraction": (json: string) => replaced(json, "pid", "1.5"),
  "a pid with a dot": (json: string) => replaced(json, "pid", "1.0"),
  "a pid with an exponent": (json: string) => replaced(json, "pid", "1e2"),
  "a pid that is minus zero": (json: string) => replaced(json, "pid", "-0"),
  "a pid in quotes": (json: string) => replaced(json, "pid", "\"1\""),
  "an exit code above 31 bits": (json: string) => replaced(json, "exit_code", "2147483648"),
  "an exit code with a dot": (json: string) => replaced(json, "exit_code", "0.0"),
  "an exit code in quotes": (json: string) => replaced(json, "exit_code", "\"0\"")
} as const

const faultNames = Object.keys(faults) as ReadonlyArray<keyof typeof faults>

/** The JSON of an object with other JSON as the value of a key. */
const replaced = (json: string, key: string, value: string): string => {
  const place = "\u0000place"
  return JSON.stringify({ ...(JSON.parse(json) as object), [key]: place }).replace(JSON.stringify(place), value)
}

const Dress = Schema.Struct({
  edges: Edges,
  status: Schema.Literals(["running", "exited", "killed", "Running", "as it is"]),
  pid: Schema.Literals(["gone", "live", "group"]),
  absent: Schema.Array(Schema.Literals(optionalKeys)),
  /** How far the keys are turned round. */
  turn: Schema.Literals([0, 0, 5, 13]),
  unknown: Schema.Array(
    Schema.Tuple([Schema.Literals(["future", "__proto__", "live_status", "verified"]), Schema.Json])
  ),
  fault: Schema.optionalKey(Schema.Struct({
    name: Schema.Literals(faultNames),
    key: Schema.Literals(requiredKeys)
  }))
})

const entry = Arbitrary.map(
  Arbitrary.all({ base: Arbitrary.schema(ProcessEntry), dress: Arbitrary.schema(Dress) }),
  ({ base, dress }) => {
    const status = dress.status === "as it is" ? base.status : dress.status
    const pid = { gone: gone(base.pid), live: livePid, group: groupPids[base.pid % 2]! }[dress.pid]
    const keys = Object.entries(jsonKeys).map(([field, key]) => [key, base[field as keyof typeof jsonKeys]] as const)
    const all = Object.entries({ ...Object.fromEntries(keys), ...dress.edges, status, pid })
      .filter(([key]) => !dress.absent.some((absent) => absent === key))
    const turned = [...all.slice(dress.turn), ...all.slice(0, dress.turn)]
    // Written by hand: an object would not take the key `__proto__`.
    const members = [...turned, ...new Map(dress.unknown)].map(([key, value]) =>
      `${JSON.stringify(key)}:${JSON.stringify(value)}`
    )
    const sound = `{${members.join(",")}}`
    return { sound, damaged: dress.fault && faults[dress.fault.name](sound, dress.fault.key) }
  }
)

const Layout = Schema.Struct({
  /** How many entries are damaged at most. */
  damaged: Schema.Literals([0, 0, 0, 1, 2]),
  around: Schema.Literals(["", "", "", "\n", "\t\r\n "]),
  pretty: Schema.Boolean,
  escaped: Schema.Boolean,
  twice: Schema.Literals([false, false, true]),
  unknown: Schema.optionalKey(Schema.Json),
  /** How many there are at most. */
  count: Schema.Literals([0, 1, 9, 9, 9, 9, 9, 9]),
  /** What part of the file is there. */
  end: Schema.Literals([1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0.1, 0.5, 0.99])
})

// oxlint-disable-next-line no-control-regex -- all but ASCII is what is looked for
const notAscii = /[^\u0000-\u007f]/g

const escape = (json: string): string =>
  json.replaceAll(notAscii, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)

export const registry: Arbitrary.Arbitrary<Registry> = Arbitrary.map(
  Arbitrary.all({ entries: Arbitrary.array(entry, { minLength: 2, maxLength: 7 }), layout: Arbitrary.schema(Layout) }),
  ({ entries, layout }) => {
    const some = entries.slice(0, layout.count)
    const all = layout.twice ? [...some, ...some.slice(0, 2)] : some
    const print = (parts: ReadonlyArray<string>): string => {
      const separator = layout.pretty ? ",\n    " : ","
      const unknown = layout.unknown === undefined ? "" : `"future":${JSON.stringify(layout.unknown)},`
      const json = `{${unknown}"processes":[${parts.join(separator)}]}`
      return layout.around + (layout.escaped ? escape(json) : json) + layout.around
    }
    let left = layout.end === 1 ? layout.damaged : 0
    let unreadable = 0
    const parts = all.map(({ damaged, sound }) => {
      if (damaged === undefined || left === 0) return { sound, part: sound }
      left--
      unreadable++
      return { sound: undefined, part: damaged }
    })
    const file = print(parts.map(({ part }) => part))
    if (layout.end < 1) {
      const cut = file.slice(0, Math.floor(file.length * layout.end)).toWellFormed()
      return { file: cut, sound: cut, unreadable: 0 }
    }
    return { file, sound: print(parts.flatMap(({ sound }) => sound ?? [])), unreadable }
  }
)
