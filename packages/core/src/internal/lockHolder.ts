/**
 * Who holds the lock of an SQLite database, as far as Linux tells.
 */
// @effect-diagnostics-next-line nodeBuiltinImport:off -- `/proc` is read synchronously, as in `linux.ts`
import * as Fs from "node:fs"

// The byte that the one writer of a database locks; see https://sqlite.org/src/file/src/os.h
const reservedByte = 0x4000_0001

/** The holder's pid and command, or undefined where nobody, or nobody visible, holds it. */
export const lockHolder = (file: string): string | undefined => {
  try {
    const { ino } = Fs.statSync(file)
    const holding = new RegExp(`POSIX +ADVISORY +WRITE +(\\d+) +[0-9a-f]+:[0-9a-f]+:${ino} +${reservedByte} `)
    const pid = holding.exec(Fs.readFileSync("/proc/locks", "latin1"))?.[1]
    if (pid === undefined || pid === "0") return undefined
    const command = Fs.readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim()
    return `pid ${pid} (${command})`
  } catch {
    return undefined
  }
}
