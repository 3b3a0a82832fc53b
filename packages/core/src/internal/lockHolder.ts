/**
 * Who holds the lock of an SQLite database, as far as Linux tells.
 */
// @effect-diagnostics-next-line nodeBuiltinImport:off -- `/proc` is read synchronously, as in `linux.ts`
import * as Fs from "node:fs"

// The byte that the one writer of a database locks; see https://sqlite.org/src/file/src/os.h
const reservedByte = 0x4000_0001

/** Whether a process has this file open; whoever may not be asked may have it. */
const hasOpen = (pid: string, { dev, ino }: Fs.Stats): boolean => {
  const descriptors = `/proc/${pid}/fd`
  try {
    return Fs.readdirSync(descriptors).some((name) => {
      const open = Fs.statSync(`${descriptors}/${name}`, { throwIfNoEntry: false })
      return open?.dev === dev && open.ino === ino
    })
  } catch {
    return true
  }
}

/** The holder's pid and command, or undefined where nobody, or nobody visible, holds it. */
export const lockHolder = (file: string): string | undefined => {
  try {
    const stat = Fs.statSync(file)
    // The device that stands there is not that of the file on every file system, and numbers of files are given out on each.
    const holding = new RegExp(
      `POSIX +ADVISORY +WRITE +([1-9]\\d*) +[0-9a-f]+:[0-9a-f]+:${stat.ino} +${reservedByte} `,
      "g"
    )
    const holders = Array.from(Fs.readFileSync("/proc/locks", "latin1").matchAll(holding), ([, pid]) => pid!)
    const pid = holders.find((pid) => hasOpen(pid, stat))
    if (pid === undefined) return undefined
    const command = Fs.readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim()
    return `pid ${pid} (${command})`
  } catch {
    return undefined
  }
}
