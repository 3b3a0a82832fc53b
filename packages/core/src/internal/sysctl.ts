/**
 * What `sysctl` of macOS and the BSDs tells of a boot.
 */
import { parseDate } from "./psTable.ts"

/**
 * `kern.boottime` in milliseconds since the Unix epoch: macOS and FreeBSD print
 * a structure and a date, the others only the date.
 */
export const parseBootTime = (text: string): number | undefined => {
  const seconds = /\bsec = (\d+)/.exec(text)?.[1]
  if (seconds !== undefined) return Number(seconds) * 1000
  const date = parseDate(text)
  return date === undefined ? undefined : date * 1000
}

/**
 * The variable that is drawn anew with each boot, and how to print it. The time
 * of the boot is none: it moves with every setting of the clock, and all
 * processes would seem to be of another boot.
 */
export const bootIdQuery = (system: string): ReadonlyArray<string> | undefined =>
  system === "darwin"
    ? ["-n", "kern.bootsessionuuid"]
    : system === "freebsd"
    // Opaque bytes, which are printed only in hexadecimal: `Format: Length:16 Dump:0x4c86…`.
    ? ["-nx", "kern.boot_id"]
    : undefined

/** An UUID, or the bytes of FreeBSD. */
export const parseBootId = (text: string): string | undefined =>
  /\b0x([0-9a-f]{32})\b/i.exec(text)?.[1] ?? /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.exec(text.trim())?.[0]
