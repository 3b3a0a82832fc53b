/**
 * Which file is under a name, and whether it has changed, to the nanosecond;
 * Effect's `FileSystem` tells times in milliseconds only.
 */
// @effect-diagnostics-next-line nodeBuiltinImport:off -- see above
import * as Fs from "node:fs"

const statOf = (file: string) => {
  try {
    return Fs.statSync(file, { bigint: true, throwIfNoEntry: false })
  } catch {
    // Whoever opens the file is told why.
    return undefined
  }
}

const identityOf = ({ dev, ino }: Fs.BigIntStats): string => `${dev}:${ino}`

const versionOf = ({ ctimeNs, dev, ino, mtimeNs, size }: Fs.BigIntStats): string =>
  `${dev}:${ino}:${size}:${mtimeNs}:${ctimeNs}`

/** Both of a file that is there. */
export const stamp = (file: string): { readonly identity: string; readonly version: string } | undefined => {
  const stat = statOf(file)
  return stat === undefined ? undefined : { identity: identityOf(stat), version: versionOf(stat) }
}

/** Differs between two files under one name; undefined when there is none. */
export const identity = (file: string): string | undefined => {
  const stat = statOf(file)
  return stat === undefined ? undefined : identityOf(stat)
}

/** Differs whenever the content may have changed; undefined when there is no file. */
export const version = (file: string): string | undefined => {
  const stat = statOf(file)
  return stat === undefined ? undefined : versionOf(stat)
}

/** When the content last changed, in milliseconds since the epoch; undefined when there is no file. */
export const modifiedAt = (file: string): number | undefined => {
  const stat = statOf(file)
  return stat === undefined ? undefined : Number(stat.mtimeMs)
}

/** What a name itself stands for, without following a link. */
export interface Facts {
  readonly identity: string
  readonly isFile: boolean
  /** The nine permission bits. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
}

/** Undefined when there is nothing, or it may not be asked for. */
export const facts = (file: string): Facts | undefined => {
  try {
    const stat = Fs.lstatSync(file, { bigint: true, throwIfNoEntry: false })
    return stat && {
      identity: identityOf(stat),
      isFile: stat.isFile(),
      mode: Number(stat.mode & 0o777n),
      uid: Number(stat.uid),
      gid: Number(stat.gid)
    }
  } catch {
    return undefined
  }
}
