/**
 * How a program is bundled, so that it starts fast.
 */
// @effect-diagnostics-next-line nodeBuiltinImport:off -- the bundler asks synchronously
import { createHash } from "node:crypto"
import { fileURLToPath } from "node:url"
import type { Plugin, RolldownOptions } from "rolldown"
import { oneAtStart } from "./chunks.ts"

/** What the programs use of modules of Node that take long to load; an export that is missing here fails the build. */
const lazyBuiltins: Readonly<Record<string, ReadonlyArray<string>>> = {
  "node:child_process": ["execFile", "spawn"],
  "node:crypto": ["createHash", "randomBytes", "randomUUID", "timingSafeEqual"],
  "node:fs/promises": ["readFile"],
  "node:readline": ["createInterface", "emitKeypressEvents"]
}

/** Loads these modules when one of their functions is called. */
const lazyBuiltin: Plugin = {
  name: "lazy-builtin",
  resolveId: (id) => id in lazyBuiltins ? `\0${id}` : null,
  load: (id) =>
    lazyBuiltins[id.slice(1)]?.map((name) =>
      `export const ${name} = (...args) => process.getBuiltinModule("${id.slice(1)}").${name}(...args)`
    ).join("\n")
}

const probe = "export const internalCall = /*#__PURE__*/pickInternalCall();"

/**
 * Spares `effect` the error that it makes and prints when it is loaded, to see
 * how this engine names functions in stacks: this is Node.
 */
const withoutProbe: Plugin = {
  name: "without-probe",
  transform: {
    filter: { id: /effect\/dist\/Utils\.js$/ },
    handler(code) {
      if (!code.includes(probe)) this.error("effect has changed: see whether this plugin is still needed")
      return code.replace(
        probe,
        "export const internalCall = { \"~effect/Utils/internal\": (body) => body() }[\"~effect/Utils/internal\"];"
      )
    }
  }
}

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`

/** Says at the beginning of a program which build it is, and writes it in ASCII, which is read fastest, for `start.ts`. */
const identified: Plugin = {
  name: "identified",
  generateBundle(_, bundle) {
    for (const chunk of Object.values(bundle)) {
      if (chunk.type !== "chunk" || !chunk.isEntry) continue
      const code = chunk.code.replaceAll(/[^\0-\x7f]/g, escaped)
      chunk.code = `/*${createHash("sha256").update(code).digest("hex").slice(0, 16)}*/${code}`
    }
  }
}

interface Program {
  readonly name: string
  /** What it begins with. */
  readonly entry: URL
  readonly plugins: ReadonlyArray<Plugin>
}

const output = { dir: "dist", format: "cjs", minify: true } as const

export const program = ({ entry, name, plugins }: Program): Array<RolldownOptions> => {
  const input = fileURLToPath(entry)
  return [
    {
      input,
      platform: "node",
      plugins: [lazyBuiltin, withoutProbe, ...plugins, identified],
      resolve: { conditionNames: ["@zag/source", "node", "import", "default"] },
      // What `effect` looks for there, Node does not have.
      transform: { define: { "import.meta.env": "undefined" } },
      output: {
        ...output,
        // What a command imports when it runs is a file of its own, which the others do not load.
        entryFileNames: `${name}.cjs`,
        chunkFileNames: `${name}-[name].cjs`,
        codeSplitting: oneAtStart(input)
      }
    },
    {
      input: fileURLToPath(new URL("start.ts", import.meta.url)),
      platform: "node",
      output: { ...output, entryFileNames: "start.cjs" }
    }
  ]
}
