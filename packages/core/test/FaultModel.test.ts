import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { ProcessStore } from "@zag/core/ProcessStore"
import { Sidecar } from "@zag/core/Sidecar"
import { layerOsProcess, type TestProcess } from "@zag/core/testing"
import { ZagHome } from "@zag/core/ZagHome"
import { ConfigProvider, Context, Effect, FileSystem, Layer } from "effect"
import { crashStates, type Disk } from "./crashStates.ts"
import { type Event, record } from "./diskLog.ts"
import { entryOf } from "./entryOf.ts"
import { withHandle } from "./faultyFileSystem.ts"

// So that the retention moves entries to the archive as well.
const smallRetention = ConfigProvider.layer(ConfigProvider.fromEnv({ env: { ZAG_PS_RETENTION: "1" } }))

const openStore = Effect.fnUntraced(function*(
  directory: string,
  fs: FileSystem.FileSystem,
  processes?: ReadonlyArray<TestProcess>
) {
  const store = ProcessStore.layer.pipe(
    Layer.provide([Sidecar.layerMemory, ZagHome.layerAt(directory), layerOsProcess(processes), smallRetention]),
    Layer.provide(Layer.succeed(FileSystem.FileSystem, fs))
  )
  return Context.get(yield* Layer.build(store), ProcessStore)
})

// After the crash no process has the pid of the writer.
const afterCrash: ReadonlyArray<TestProcess> = [{ pid: 1000, state: { _tag: "Gone" } }]

type Break = (fs: FileSystem.FileSystem) => Partial<FileSystem.FileSystem>

/** The log of a program that makes every kind of change, on a directory that is not there yet. */
const logOf = Effect.fnUntraced(function*(breaking: Break = () => ({})) {
  const real = yield* FileSystem.FileSystem
  const home = `${yield* real.makeTempDirectoryScoped({ prefix: "zag-core-" })}/new/.zag`
  const { acknowledge, fs, log } = yield* record
  const store = yield* openStore(home, FileSystem.FileSystem.of({ ...fs, ...breaking(fs) }))
  const changes: ReadonlyArray<Effect.Effect<unknown, unknown>> = [
    store.add(entryOf({ id: "a" })),
    store.add(entryOf({ id: "b", prompt: "💾".repeat(50) })),
    store.updatePid("a", 7),
    store.updateStatus("b", "exited", 3),
    // A second one that has ended: the older of them leaves.
    store.updateStatus("a", "killed", null),
    store.add(entryOf({ id: "a" })),
    store.remove("a"),
    store.add(entryOf({ id: "b", pid: 8 })),
    store.updateStatus("b", "killed", null),
    store.prune({ keep: 0 }, [entryOf({ id: "a" })])
  ]
  for (const change of Array.from({ length: 5 }, () => changes).flat()) {
    yield* change
    acknowledge(yield* real.readFileString(`${home}/processes.json`))
  }
  assert.isAbove((yield* store.archived).entries.length, 0)
  return { file: `${home}/processes.json`, log }
})

const prefixesOf = (log: ReadonlyArray<Event>) => Array.from({ length: log.length + 1 }, (_, end) => log.slice(0, end))

const contentsOf = (events: ReadonlyArray<Event>): ReadonlyArray<string | undefined> => [
  undefined,
  ...events.flatMap((event) => event._tag === "Acknowledged" ? [event.content] : [])
]

/** What the file may hold behind these events: the last that was acknowledged, or what was on its way. */
const allowedAfter = (log: ReadonlyArray<Event>, all: ReadonlyArray<Event>): ReadonlyArray<string | undefined> => {
  const acknowledged = contentsOf(log)
  return contentsOf(all).slice(acknowledged.length - 1, acknowledged.length + 1)
}

const textOf = (bytes: Uint8Array | undefined): string | undefined =>
  bytes === undefined ? undefined : new TextDecoder().decode(bytes)

interface Crash {
  readonly disk: Disk
  /** What is wrong with it, if anything is. */
  readonly harm: string | undefined
}

function* crashes({ file, log }: { readonly file: string; readonly log: ReadonlyArray<Event> }): Generator<Crash> {
  for (const prefix of prefixesOf(log)) {
    const allowed = allowedAfter(prefix, log)
    for (const disk of crashStates(prefix)) {
      const found = textOf(disk.get(file))
      yield { disk, harm: allowed.includes(found) ? undefined : `${found} after ${prefix.length} steps` }
    }
  }
}

/** Looks no further than to the first harm: a writer that syncs nothing leaves more behind than can be looked at. */
const isHarmed = (crashes: Iterable<Crash>): boolean => {
  for (const { harm } of crashes) if (harm !== undefined) return true
  return false
}

const noSync: Effect.Effect<void> = Effect.void

/** Writers that a crash harms. */
const brokenWriters: Readonly<Record<string, Break>> = {
  "does not sync the new file": (fs) => ({
    open: (path, options) =>
      Effect.map(
        fs.open(path, options),
        (handle) => path.endsWith(".tmp") ? withHandle(handle, { sync: noSync }) : handle
      )
  }),
  "does not sync the directory": (fs) => ({
    open: (path, options) =>
      Effect.map(
        fs.open(path, options),
        (handle) => path.endsWith(".zag") ? withHandle(handle, { sync: noSync }) : handle
      )
  }),
  "does not sync the directory of a new directory": (fs) => ({
    open: (path, options) =>
      Effect.map(
        fs.open(path, options),
        (handle) => path.endsWith("/new") ? withHandle(handle, { sync: noSync }) : handle
      )
  }),
  "writes the file in its place": (fs) => ({
    rename: (from, to) =>
      Effect.scoped(Effect.gen(function*() {
        const handle = yield* fs.open(to, { flag: "w" })
        yield* handle.writeAll(yield* fs.readFile(from))
        yield* handle.sync
        yield* fs.remove(from)
      }))
  }),
  "removes the old file before it renames the new one": (fs) => ({
    rename: (from, to) => Effect.andThen(fs.remove(to, { force: true }), fs.rename(from, to))
  })
}

layer(NodeServices.layer, { excludeTestServices: true })("a crash of the machine", (it) => {
  it.effect("leaves what was acknowledged last, or the change that was on its way", () =>
    Effect.gen(function*() {
      const all = Array.from(crashes(yield* logOf()))
      assert.deepStrictEqual(all.flatMap(({ harm }) => harm ?? []).slice(0, 3), [])
      assert.isAbove(all.length, 3000)
    }))

  it.effect.each(Object.keys(brokenWriters))("harms a writer that %s", (name) =>
    Effect.gen(function*() {
      assert.isTrue(isHarmed(crashes(yield* logOf(brokenWriters[name]))))
    }))

  it.effect("leaves nothing that the next write does not clear away", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const { file, log } = yield* logOf()
      const leftovers = new Map<string, Disk>()
      for (const { disk } of crashes({ file, log })) {
        // What is in the others makes no difference.
        if (disk.size > (disk.has(file) ? 1 : 0)) leftovers.set(`${disk.size}: ${textOf(disk.get(file))}`, disk)
      }
      assert.isAbove(leftovers.size, 8)
      yield* Effect.forEach(
        leftovers.values(),
        Effect.fnUntraced(function*(disk) {
          const home = yield* fs.makeTempDirectoryScoped({ prefix: "zag-core-" })
          for (const [path, bytes] of disk) {
            yield* fs.writeFile(`${home}/${path.slice(file.lastIndexOf("/") + 1)}`, bytes)
          }
          const store = yield* openStore(home, fs, afterCrash)
          const { entries: before } = yield* store.load
          yield* store.add(entryOf({ id: "next" }))
          assert.deepStrictEqual(yield* fs.readDirectory(home), ["processes.json"])
          assert.deepStrictEqual((yield* store.load).entries, [...before, entryOf({ id: "next" })])
        }, Effect.scoped),
        { concurrency: 16 }
      )
    }))
})
