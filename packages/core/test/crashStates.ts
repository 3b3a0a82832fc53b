/**
 * What may be left of a directory after a crash.
 *
 * Names are sure once their directory was synced, content once its file was.
 * What came later may be there or not, each independently of the others, and
 * content also in part.
 */
import { type Event, type Inode, setNames } from "./diskLog.ts"

/** The files by path. */
export type Disk = ReadonlyMap<string, Uint8Array>

function* subsets<A>(values: ReadonlyArray<A>): Generator<ReadonlySet<A>> {
  for (let mask = 0; mask < 2 ** values.length; mask++) {
    yield new Set(values.filter((_, index) => (mask >> index) & 1))
  }
}

function* choices<K, V>(options: ReadonlyArray<readonly [K, ReadonlyArray<V>]>): Generator<ReadonlyMap<K, V>> {
  const [first, ...rest] = options
  if (first === undefined) return yield new Map()
  for (const others of choices(rest)) for (const value of first[1]) yield new Map(others).set(first[0], value)
}

const tears = 32

/** Content that was written in part: the rest is missing, or there in length alone, as some file systems leave it. */
const torn = (content: Uint8Array): ReadonlyArray<Uint8Array> =>
  Array.from({ length: tears }, (_, index) => content.subarray(0, Math.floor(content.length * index / tears))).flatMap(
    (begin) => {
      const padded = new Uint8Array(content.length)
      padded.set(begin)
      return [begin, padded]
    }
  )

/** What may be in a file: what was synced last, and all that was written since, whole and torn. */
const contentsOf = (log: ReadonlyArray<Event>, inode: Inode): ReadonlyArray<Uint8Array> => {
  let contents: ReadonlyArray<Uint8Array> = [new Uint8Array()]
  for (const event of log) {
    if (event._tag === "SyncFile" && event.inode === inode) contents = [contents[contents.length - 1]!]
    if (event._tag !== "Data" || event.inode !== inode) continue
    contents = [...contents, ...event.content.length === 0 ? [] : torn(event.content), event.content]
  }
  return contents
}

const isSure = (log: ReadonlyArray<Event>, index: number, directory: string): boolean =>
  log.some((event, at) => at > index && event._tag === "SyncDirectory" && event.directory === directory)

/** All that can be found after a crash behind these events. */
export function* crashStates(log: ReadonlyArray<Event>): Generator<Disk> {
  const named = log.flatMap((event, index) =>
    event._tag === "Names" ? [{ ...event, sure: isSure(log, index, event.directory) }] : []
  )
  const directories = new Set(named.map(({ directory }) => directory))
  const hasContent = new Set(log.flatMap((event) => event._tag === "Data" ? [event.inode] : []))
  const made = new Set(named.flatMap(({ names }) => names.map(([path]) => path)))
  for (const kept of subsets(named.filter(({ sure }) => !sure))) {
    const names = new Map<string, Inode>()
    for (const event of named) {
      if (!event.sure && !kept.has(event)) continue
      setNames(names, event.names)
    }
    // Without a name for the directory there is no way to what is in it.
    const isLost = (path: string): boolean =>
      Array.from(directories).some((directory) =>
        made.has(directory) && !names.has(directory) && path.startsWith(`${directory}/`)
      )
    const files = Array.from(names).filter(([path, inode]) => hasContent.has(inode) && !isLost(path))
    const inodes = Array.from(new Set(files.map(([, inode]) => inode)))
    for (const chosen of choices(inodes.map((inode) => [inode, contentsOf(log, inode)] as const))) {
      yield new Map(files.map(([path, inode]) => [path, chosen.get(inode)!]))
    }
  }
}
