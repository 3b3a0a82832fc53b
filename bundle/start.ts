/**
 * Starts a bundled program with the compiled code that an earlier start has left.
 *
 * Node's own cache has of a module what is compiled before it runs. The functions
 * in it are compiled when they are first called, which is a third of what a short
 * command does. So here the code is taken from the program once it has run, when
 * those that it needs have been compiled.
 */
// @effect-diagnostics nodeBuiltinImport:off globalTimers:off processEnv:off -- it loads what has Effect in it
import * as fs from "node:fs"
import module, { createRequire } from "node:module"
import * as os from "node:os"
import * as path from "node:path"
import * as vm from "node:vm"

/** What the build puts before a program: `/*`, and which build it is. */
const identityOf = (source: string): string => source.slice(2, 18)

const user = process.getuid?.()

const attempt = <A>(task: () => A): A | undefined => {
  try {
    return task()
  } catch {
    return undefined
  }
}

/** The file, unless it is of somebody else, who could have put anything there. */
const readOwn = (file: string): Buffer | undefined =>
  attempt(() => {
    const descriptor = fs.openSync(file, "r")
    try {
      return user === undefined || fs.fstatSync(descriptor).uid === user ? fs.readFileSync(descriptor) : undefined
    } finally {
      fs.closeSync(descriptor)
    }
  })

/**
 * The code in such a file, unless the disk has damaged it: V8 would run that, and
 * end this program, every time. It stands there twice, since to compare them takes
 * half as long as to load what computes checksums.
 */
const readCode = (file: string): Buffer | undefined => {
  const content = readOwn(file)
  const code = content?.subarray(0, content.length >> 1)
  return code !== undefined && content?.subarray(code.length).equals(code) === true ? code : undefined
}

// V8 runs what it finds, so it must be whole, also after the power has failed.
const write = (file: string, code: Buffer): void => {
  const descriptor = fs.openSync(file, "wx", 0o600)
  try {
    fs.writeFileSync(descriptor, code)
    fs.writeFileSync(descriptor, code)
    fs.fsyncSync(descriptor)
  } finally {
    fs.closeSync(descriptor)
  }
}

/** One that nobody else can put anything into; undefined where somebody else has its name. */
const ownDirectory = (): string | undefined =>
  attempt(() => {
    const directory = path.join(os.tmpdir(), `zag-code-${user ?? ""}`)
    if (!fs.existsSync(directory)) fs.mkdirSync(directory, { mode: 0o700 })
    const { mode, uid } = fs.lstatSync(directory)
    return user === undefined || uid === user && (mode & 0o77) === 0 ? directory : undefined
  })

/** Has Node keep its own code as well, and answers where; undefined where nothing is kept. */
const enable = (): string | undefined => {
  if (process.env["NODE_COMPILE_CACHE"] !== undefined) {
    module.enableCompileCache()
  } else {
    // That of all programs, which Node takes by itself, belongs to whoever came first on this machine.
    const directory = ownDirectory()
    if (directory !== undefined) module.enableCompileCache(directory)
  }
  return module.getCompileCacheDir()
}

// One that goes on has done by then what it does at its start.
const longestStart = 10_000

/** Keeps the code once it has run, for the next start. */
const keep = (script: vm.Script, file: string): void => {
  let isKept = false
  const once = () => {
    if (isKept) return
    isKept = true
    const draft = `${file}.${process.pid}`
    attempt(() => {
      write(draft, script.createCachedData())
      fs.renameSync(draft, file)
    })
    // Where that was not possible, the next start is as slow as this one, and nothing else.
    attempt(() => fs.rmSync(draft, { force: true }))
  }
  setTimeout(once, longestStart).unref()
  // What has failed has not run what the command needs.
  process.on("exit", (code) => {
    if (code === 0) once()
  })
}

/**
 * Runs a program that was bundled as CommonJS. The code is kept for each command,
 * which call different functions; beside that of Node, so what turns its cache
 * off or moves it does the same here.
 */
export const start = (file: string, command: string): void => {
  const directory = enable()
  const source = fs.readFileSync(file, "latin1")
  const cache = directory === undefined
    ? undefined
    : path.join(directory, [path.basename(file, ".cjs"), command, identityOf(source)].join("-"))
  const cachedData = cache === undefined ? undefined : readCode(cache)
  const script = new vm.Script(`(function (exports, require, module, __filename, __dirname) {${source}\n})`, {
    filename: file,
    ...(cachedData === undefined ? {} : { cachedData })
  })
  if (cache !== undefined && script.cachedDataRejected !== false) keep(script, cache)

  const program = new module(file)
  program.filename = file
  const require = createRequire(file)
  // Parts of it that are loaded later refer to it.
  require.cache[file] = program
  const run = script.runInThisContext() as (...parameters: ReadonlyArray<unknown>) => void
  run.call(program.exports, program.exports, require, program, file, path.dirname(file))
}
