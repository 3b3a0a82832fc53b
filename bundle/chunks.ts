/**
 * How the programs are divided into files: two take longer to load than one, so
 * all that is imported at the start shares one, and what a command or a call
 * imports when it is needed is a file of its own.
 */
import type { ChunkingContext } from "rolldown"

/** What this module imports at the start, and it itself. */
const imported = (context: ChunkingContext, entry: string): ReadonlySet<string> => {
  const ids = new Set([entry])
  // A set takes those into its iteration that are added meanwhile.
  for (const id of ids) context.getModuleInfo(id)?.importedIds.forEach((other) => ids.add(other))
  return ids
}

/** For a program that begins with this module. */
export const oneAtStart = (entry: string) => {
  let atStart: ReadonlySet<string> | undefined
  return {
    groups: [{
      debugName: "main",
      name: (id: string, context: ChunkingContext) => (atStart ??= imported(context, entry)).has(id) ? "main" : null
    }]
  }
}
