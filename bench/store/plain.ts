/**
 * What the store is measured against: the same work as one writes it by hand,
 * without a lock and without looking at what was read.
 */
// @effect-diagnostics asyncFunction:off
// @effect-diagnostics nodeBuiltinImport:off
// @effect-diagnostics preferSchemaOverJson:off
import { closeSync, fsyncSync, openSync, renameSync, writeSync } from "node:fs"
import { open, readFile, rename } from "node:fs/promises"
import { dirname } from "node:path"
import type { Entry } from "./registry.ts"

interface Registry {
  readonly processes: Array<Entry>
}

let temporaries = 0

export const read = async (file: string): Promise<Registry> => JSON.parse(await readFile(file, "utf8")) as Registry

export const print = (registry: Registry): string => JSON.stringify(registry, null, 2)

const withHandle = async (path: string, flags: string, use: (handle: Awaited<ReturnType<typeof open>>) => unknown) => {
  const handle = await open(path, flags, 0o600)
  try {
    await use(handle)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Replaces the file by way of a new one that is on the disk before. */
export const write = async (file: string, text: string): Promise<void> => {
  const temporary = `${file}.${process.pid}.${temporaries++}.tmp`
  await withHandle(temporary, "wx", (handle) => handle.writeFile(text))
  await rename(temporary, file)
}

export const syncDirectory = (file: string): Promise<void> => withHandle(dirname(file), "r", () => {})

export const updatePid = async (file: string, id: string, pid: number): Promise<void> => {
  const registry = await read(file)
  registry.processes.find((entry) => entry.id === id)!.pid = pid
  await write(file, print(registry))
}

/** What no durable replacement can do without, made ready and without a thread: nothing is read, parsed or printed. */
export const replaceBare = (file: string, text: string): void => {
  const temporary = `${file}.${process.pid}.${temporaries++}.tmp`
  const handle = openSync(temporary, "wx", 0o600)
  writeSync(handle, text)
  fsyncSync(handle)
  closeSync(handle)
  renameSync(temporary, file)
  const directory = openSync(dirname(file), "r")
  fsyncSync(directory)
  closeSync(directory)
}

export const updatePidDurably = async (file: string, id: string, pid: number): Promise<void> => {
  await updatePid(file, id, pid)
  await syncDirectory(file)
}

export const newest = async (file: string, count: number): Promise<ReadonlyArray<Entry>> => {
  const { processes } = await read(file)
  return processes.toSorted((a, b) => a.started_at < b.started_at ? 1 : -1).slice(0, count)
}
