/**
 * Asks both programs the same, and finds what differs beyond what may.
 */
import { assert } from "@effect/vitest"
import { Effect } from "effect"
import { runCli } from "../runCli.ts"
import type { CommandLine } from "./commandLines.ts"
import type { Answer, Ask } from "./originalZag.ts"
import { type Case, entriesOf, type List, listFlags, type Named, type Question, wordsOf } from "./questions.ts"
import { groupPids, livePid, type Registry } from "./registries.ts"

type Entry = Readonly<Record<string, string | number | null>>

/** What this program answers. */
export interface Ours {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
  readonly home: string
  /** The content of `processes.json` afterwards. */
  readonly after: string | null
}

/** Asks this program about a file. */
export type AskOurs<E, R> = (
  file: string | null,
  args: ReadonlyArray<string>,
  env: Readonly<Record<string, string>>
) => Effect.Effect<Ours, E, R>

/** Asks in this process, where {@link livePid} is the only other one. */
export const inProcess = (file: string | null, args: ReadonlyArray<string>, env: Readonly<Record<string, string>>) =>
  runCli(args, { file, env, processes: [{ pid: livePid }] })

/** more-keys */
const withoutMoreKeys = (stdout: string): string =>
  stdout.replaceAll(
    /,"verified":(?:true|false)|"labels":\{\},|"activity":"\w+",|"last_activity_at":(?:null|"[^"]*"),/g,
    ""
  )

/** shown-text */
const plain = (text: string): string => {
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  const hidden = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g
  return text.replaceAll(/\s+/g, " ").replaceAll(hidden, "").replaceAll(/ +/g, " ").trim()
}

/** json-errors */
const messageOf = (stderr: string, json: boolean): string =>
  json
    ? (JSON.parse(stderr) as { readonly error: { readonly message: string } }).error.message
    : stderr.slice("Error: ".length)

/** more-to-errors; the cause of a damaged file is told in other words. */
const assertSameError = (ours: Ours, original: Answer, json: boolean) => {
  assert.strictEqual(ours.exitCode, original.exitCode, ours.stdout)
  assert.strictEqual(ours.stdout, original.stdout)
  const beginning = original.stderr.slice("Error: ".length).trimEnd()
  const message = messageOf(ours.stderr, json).replace(ours.home, "$HOME/.zag")
  assert.strictEqual(message.slice(0, beginning.length), beginning)
}

/** self-as-parent, empty-process-id */
const assertNotInSession = (ours: Ours, json: boolean) => {
  assert.strictEqual(ours.exitCode, 1)
  assert.match(messageOf(ours.stderr, json), /^Cannot resolve "self"/)
}

const assertUsageError = (answer: Answer) => {
  assert.strictEqual(answer.exitCode, 2, answer.stdout + answer.stderr)
  assert.strictEqual(answer.stdout, "")
}

const printed = (answer: Entry | ReadonlyArray<Entry>): string => JSON.stringify(answer) + "\n"

const parseEntries = (answer: Answer): ReadonlyArray<Entry> => {
  const entries = JSON.parse(answer.stdout) as ReadonlyArray<Entry>
  // What is changed below is printed like this again.
  assert.strictEqual(printed(entries), answer.stdout)
  return entries
}

/** group-pid */
const isGroup = (entry: Entry): boolean => entry["status"] === "running" && groupPids.includes(entry["pid"] as number)
const withoutGroup = (entry: Entry): Entry => isGroup(entry) ? { ...entry, live_status: "dead" } : entry

/** several-values */
const matches = (provider: string) => (entry: Entry): boolean => {
  const value = entry["provider"] as string
  return provider.startsWith("~")
    ? value.toLowerCase().includes(provider.slice(1).toLowerCase())
    : value === provider
}

/** table: the same processes in the same order, with what tells them apart. */
const assertTable = (stdout: string, entries: ReadonlyArray<Entry>) => {
  if (entries.length === 0) return assert.strictEqual(stdout, "No processes found.\n")
  const [header, ...rows] = stdout.trimEnd().split("\n")
  assert.match(header!, /^ID +PID +STATUS +PROVIDER +MODEL +COMMAND +AGE +PROMPT$/)
  assert.lengthOf(rows, entries.length, stdout)
  for (const [index, { exit_code, id, live_status, pid }] of entries.entries()) {
    const status = exit_code === null ? live_status : `${live_status} (${exit_code})`
    const row = rows[index]!.replaceAll(/ +/g, " ").trimStart() + " "
    assert.isTrue(row.startsWith(`${plain(String(id))} ${pid} ${status} `.trimStart()), `${row}\n${JSON.stringify(id)}`)
  }
}

const warnings = (stderr: string): number =>
  stderr.split("\n").filter((line) => line.startsWith("Warning: entry ")).length

/** json-anywhere, filters-without-list, several-values: whether the original does not take these words. */
const isRefusedByOriginal = (question: Question): boolean => {
  if (question._tag !== "list") return question.json === "after"
  return question.word
    ? question.json === "after" || question.providers.length > 1
    : listFlags(question).length > 0
}

const ownId = ({ env }: Question): string | undefined => env["ZAG_PROCESS_ID"] || undefined

const compareList = Effect.fnUntraced(function*<E, R>(
  registry: Registry,
  question: List,
  ask: Ask<E, R>,
  askOurs: AskOurs<E, R>
) {
  const { file, sound, unreadable } = registry
  const { limit, providers } = question
  const json = question.json !== "no"
  const ours = yield* askOurs(file, wordsOf(question), question.env)
  assert.strictEqual(ours.after, file)

  const asItIs = yield* ask(sound, wordsOf(question), question.env)
  const isRefused = isRefusedByOriginal(question)
  if (isRefused) assertUsageError(asItIs)

  // What it cannot be asked for is taken out of its answer below: self-as-parent, several-values, limit-after-filters.
  const children = question.children === "self" ? ownId(question) : question.children
  const [provider] = providers
  const isOwnFilter = providers.length > 1 || provider?.startsWith("~") === true
  const hasGroups = entriesOf(sound).some((entry) => isGroup(entry as Entry))
  const hasFilters = question.running || provider !== undefined || children !== undefined
  const flags = listFlags({
    running: question.running && !hasGroups,
    providers: isOwnFilter ? [] : providers,
    ...(children === undefined ? {} : { children }),
    ...(limit === undefined || hasFilters ? {} : { limit })
  })
  const original = yield* ask(sound, ["ps", "--json", "list", ...flags])
  if (!isRefused) assert.strictEqual(asItIs.exitCode, original.exitCode)
  if (original.exitCode !== 0) return assertSameError(ours, original, json)
  if (question.children === "self" && children === undefined) return assertNotInSession(ours, json)
  const entries = parseEntries(original).map(withoutGroup)
    .filter((entry) => !question.running || entry["live_status"] === "running")
    .filter((entry) => providers.length === 0 || providers.some((provider) => matches(provider)(entry)))
    .slice(0, limit)
  assert.strictEqual(ours.exitCode, 0, ours.stderr)
  if (json) assert.strictEqual(withoutMoreKeys(ours.stdout), printed(entries))
  else assertTable(ours.stdout, entries)
  if (!json && !isRefused && flags.join() === listFlags(question).join()) {
    assert.strictEqual(asItIs.stdout, entries.length === 0 ? ours.stdout : "ID\n")
  }
  assert.strictEqual(warnings(ours.stderr), unreadable, ours.stderr)
  if (unreadable === 0) assert.strictEqual(ours.stderr, "")
})

/** beginning-of-id: the ids that begin so, when there is none that is the whole of it. */
const beginningWith = (file: string | null, handle: string): ReadonlyArray<string> => {
  const ids = entriesOf(file).map((entry) => String(entry["id"]))
  if (handle === "" || handle === "self" || ids.includes(handle)) return []
  return Array.from(new Set(ids.filter((id) => id.startsWith(handle))))
}

/** show-parents */
const withoutParents = (text: string, entry: Entry): string => {
  const parents = [["Parent process ID", "parent_process_id"], ["Parent session ID", "parent_session_id"]] as const
  let rest = text
  for (const [label, key] of parents) {
    if (entry[key] === null) continue
    const line = plain(`${label}: ${entry[key]}`)
    assert.include(rest, line)
    rest = rest.replace(line, () => "")
  }
  return plain(rest)
}

const compareNamed = Effect.fnUntraced(function*<E, R>(
  registry: Registry,
  question: Named,
  ask: Ask<E, R>,
  askOurs: AskOurs<E, R>
) {
  const { file, sound } = registry
  const json = question.json !== "no"
  const ours = yield* askOurs(file, wordsOf(question), question.env)
  assert.strictEqual(ours.after, file)
  if (isRefusedByOriginal(question)) assertUsageError(yield* ask(sound, wordsOf(question), question.env))

  if (question.handle === "self" && question.env["ZAG_PROCESS_ID"] === "") return assertNotInSession(ours, json)
  const askFor = (handle: string, json: boolean, env: Named["env"]) =>
    ask(sound, ["ps", ...(json ? ["--json"] : []), question._tag, "--", handle], env)

  const candidates = beginningWith(sound, question.handle)
  if (candidates.length > 0) {
    assert.match((yield* askFor(question.handle, json, question.env)).stderr, /^Error: Process not found: /)
  }
  if (candidates.length > 1) {
    assert.strictEqual(ours.exitCode, 1)
    return assert.match(messageOf(ours.stderr, json), /^Ambiguous process id: /)
  }
  // The original is asked for the whole id, as that of a session: an id may be the word `self`.
  const [candidate] = candidates
  const askWhole = (json: boolean) =>
    candidate === undefined
      ? askFor(question.handle, json, question.env)
      : askFor("self", json, { ZAG_PROCESS_ID: candidate })
  const original = yield* askWhole(json)
  if (original.exitCode !== 0) return assertSameError(ours, original, json)
  assert.strictEqual(ours.exitCode, 0, ours.stderr)
  assert.strictEqual(ours.stderr, "")
  const [entry] = parseEntries({ ...original, stdout: `[${(yield* askWhole(true)).stdout.trimEnd()}]\n` })
  if (json) return assert.strictEqual(withoutMoreKeys(ours.stdout), printed(withoutGroup(entry!)))
  const expected = isGroup(entry!) ? original.stdout.replace(/^(Status: +)running$/m, "$1dead") : original.stdout
  assert.strictEqual(withoutParents(plain(ours.stdout), entry!), plain(expected))
})

/** Fails where the two differ, but for the differences that have a name. */
export const compare = Effect.fnUntraced(function*<E, R>(
  { questions, registry }: Case,
  ask: Ask<E, R>,
  askOurs: AskOurs<E, R>
) {
  // unreadable-entry: for the original there must be none.
  if (registry.unreadable > 0) {
    const refused = yield* ask(registry.file, ["ps", "--json", "list"])
    assert.strictEqual(refused.exitCode, 1, refused.stdout)
    assert.match(refused.stderr, /^Error: Failed to parse process store: /)
  }
  for (const question of questions) {
    yield* question._tag === "list"
      ? compareList(registry, question, ask, askOurs)
      : compareNamed(registry, question, ask, askOurs)
  }
})

/** The same for one command line. Where the difference has a name, there must be one. */
export const compareLine = Effect.fnUntraced(function*<E, R>(
  file: string | null,
  { args, difference }: CommandLine,
  ask: Ask<E, R>,
  askOurs: AskOurs<E, R>
) {
  const original = yield* ask(file, args)
  const ours = yield* askOurs(file, args, {})
  assert.strictEqual(ours.after, file)
  const stdout = withoutMoreKeys(ours.stdout)
  if (difference !== undefined) {
    assert.strictEqual(ours.exitCode, difference.exitCode, ours.stderr)
    return assert.notDeepEqual([ours.exitCode, stdout], [original.exitCode, original.stdout])
  }
  if (original.exitCode === 1) return assertSameError(ours, original, args.includes("--json"))
  assert.strictEqual(ours.exitCode, original.exitCode, ours.stderr)
  assert.strictEqual(stdout, original.stdout)
})
