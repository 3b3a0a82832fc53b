/**
 * What can take the place of this program, found out beforehand: where that
 * fails, `process.execve` answers nothing, but ends this program with a stack.
 */
// @effect-diagnostics nodeBuiltinImport:off -- Effect's `FileSystem` neither asks for this permission nor reads at a place
import { accessSync, closeSync, constants, openSync, readSync, statSync } from "node:fs"

const attempt = <A>(task: () => A): A | undefined => {
  try {
    return task()
  } catch {
    return undefined
  }
}

/** Whether this user may execute it, and it is a file. Whoever looks along the path passes over any other. */
export const isExecutable = (file: string): boolean =>
  attempt(() => {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  }) ?? false

/** What there is of so many bytes at this place; nothing of what cannot be read. */
const read = (file: string, position: number, size: number): Buffer =>
  attempt(() => {
    const descriptor = openSync(file, "r")
    try {
      const buffer = Buffer.alloc(size)
      return buffer.subarray(0, readSync(descriptor, buffer, 0, size, position))
    } finally {
      closeSync(descriptor)
    }
  }) ?? Buffer.alloc(0)

// So much of a file Linux looks at, to see how it is to be run.
const headOf = (file: string): Buffer => read(file, 0, 256)

const machineOf = (head: Buffer): number => head.readUInt16LE(18)

/** Whether it begins as a program of 64 bits does, little-endian, on Linux and most others; elsewhere Node does not. */
const isElf = (head: Buffer): boolean => head.length >= 64 && head.toString("latin1", 0, 6) === "\x7fELF\x02\x01"

const programHeaderSize = 56

const namesLoader = 3

const longestPath = 4096

/** Whether it is a program as Node is, and what loads it is there. */
const isProgram = (file: string): boolean => {
  const head = headOf(file)
  const own = headOf(process.execPath)
  if (!isElf(head) || !isElf(own) || machineOf(head) !== machineOf(own)) return false
  const size = head.readUInt16LE(56) * programHeaderSize
  const headers = read(file, Number(head.readBigUInt64LE(32)), size)
  if (size === 0 || headers.length < size) return false
  for (let at = 0; at < size; at += programHeaderSize) {
    if (headers.readUInt32LE(at) !== namesLoader) continue
    const length = Math.min(Number(headers.readBigUInt64LE(at + 32)), longestPath)
    const loader = read(file, Number(headers.readBigUInt64LE(at + 8)), length)
    return isExecutable(loader.toString("utf8").replace(/\0$/, ""))
  }
  return true
}

/** What the first line names, such as `/bin/sh`. */
const interpreterOf = (file: string): string | undefined =>
  /^#![ \t]*([^ \t\n\0]+)[^\n\0]*\n/.exec(headOf(file).toString("utf8"))?.[1]

/** Whether it can surely take the place of this program; what cannot may still run as a child. */
export const canReplace = (file: string): boolean => {
  const interpreter = interpreterOf(file)
  return interpreter === undefined ? isProgram(file) : isExecutable(interpreter) && isProgram(interpreter)
}

/** Whether it is neither text, which a shell runs, nor a program for this machine, as far as this can be told here. */
export const isForeign = (file: string): boolean => {
  const head = headOf(file)
  return isElf(headOf(process.execPath)) && head.includes(0) && interpreterOf(file) === undefined && !isProgram(file)
}
