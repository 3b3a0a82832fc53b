/**
 * What this user may run.
 */
// @effect-diagnostics-next-line nodeBuiltinImport:off -- Effect's `FileSystem` does not ask for this permission
import { accessSync, constants, statSync } from "node:fs"

/** Whether this user may execute it, and it is a file. Whoever looks along the path passes over any other. */
export const isExecutable = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}
