/**
 * The page with the live table of processes, for clients that show a page with
 * the answer of a tool (MCP Apps).
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
// @effect-diagnostics-next-line nodeBuiltinImport:off -- a part of this package, wherever a program has its own files
import { readFile } from "node:fs/promises"

/**
 * @category models
 * @since 0.1.0
 */
export const uri = "ui://zag/processes.html"

/**
 * The type by which a client knows that it is a page to be shown.
 *
 * @category models
 * @since 0.1.0
 */
export const mimeType = "text/html;profile=mcp-app"

// From `src` as from `dist`.
const part = (name: string) =>
  Effect.promise((signal) => readFile(new URL(`../view/${name}`, import.meta.url), { encoding: "utf8", signal }))

/**
 * The page, with all that it needs in it. It asks `list_processes` again and
 * again, and has a button that calls `kill_process`, unless it is read-only.
 *
 * **Details**
 *
 * It is read from the files of this package when it is asked for.
 *
 * @category constructors
 * @since 0.1.0
 */
export const html = Effect.fn("ProcessesView.html")(function*(options: { readonly readOnly: boolean }) {
  const [page, script] = yield* Effect.all([part("processes.html"), part("processes.js")], { concurrency: 2 })
  return page
    .replace("<script src=\"processes.js\"></script>", () => `<script type="module">\n${script}</script>`)
    .replace("<body>", options.readOnly ? "<body data-read-only>" : "<body>")
})
