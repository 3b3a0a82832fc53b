/**
 * The same as a program does it that is made of the usual packages.
 */
// @effect-diagnostics asyncFunction:off
import lockfile from "proper-lockfile"
import writeFileAtomic from "write-file-atomic"
import { print, read } from "./plain.ts"
import type { Entry } from "./registry.ts"

// As often and for as long as nobody gives up.
const retries = { forever: true, factor: 1.2, minTimeout: 2, maxTimeout: 50, randomize: true }

export const add = async (file: string, entry: Entry): Promise<void> => {
  const release = await lockfile.lock(file, { retries })
  try {
    const registry = await read(file)
    registry.processes.push(entry)
    await writeFileAtomic(file, print(registry))
  } finally {
    await release()
  }
}
